import DataFrames
import Platform
import TableTypes

/// Writes a table piece by piece, so that one larger than memory can be made; it is put in place by rename when it is
/// finished, and leaves nothing behind when it is not.
///
///     var writer = ArrowWriter("events.arrow", roles: ["user": .id])
///     while let frame = try source.next() { try writer.append(frame) }
///     try writer.finish()
///
/// The bytes are those `ArrowFile.write` gives the whole table, whatever the pieces were. Levels stand before the rows:
/// those of the first batch are taken for all, and when there turn out to be more the file is made again from itself.
public struct ArrowWriter: ~Copyable {
    private let path: String
    private let roles: [String: ColumnRole]
    private let sorting: Set<String>
    /// Bytes of texts, or of files, in a batch beyond which offsets have 64 bits.
    private let largeTexts: Int
    private var fields: [WrittenField] = []
    private var levels: [WrittenLevels] = []
    private var file: ArrowFileWriter?
    private var pending = DataFrameBuilder()
    /// Without rows, of the first piece.
    private var shape: DataFrame?
    /// Of each batch that was written, which fields had 64-bit offsets.
    private var wasLarge: [[Bool]] = []
    /// So far.
    public private(set) var rows = 0

    /// - Parameters:
    ///   - roles: Those of columns the table does not have are passed over.
    ///   - sorting: Categories whose levels come in the order they are met and are written sorted by their bytes; those
    ///     of the others stay as they are.
    public init(_ path: String, roles: [String: ColumnRole] = [:], sorting: Set<String> = []) {
        self.init(path, roles: roles, sorting: sorting, largeTexts: Int(Int32.max))
    }

    init(_ path: String, roles: [String: ColumnRole], sorting: Set<String>, largeTexts: Int) {
        self.path = path
        self.roles = roles
        self.sorting = sorting
        self.largeTexts = largeTexts
    }

    /// Takes more rows. The first piece says what the columns are, so a table without rows has a piece without rows.
    ///
    /// - Parameter isLast: That nothing comes behind: rows that fill no batch need not be held for it.
    /// - Throws: `ArrowError` where a column's storage cannot hold its type; `SystemError`.
    /// - Precondition: Names, types and layouts are those of the pieces before; levels of a category begin with those
    ///   that were there before.
    /// - Complexity: O(bytes), one batch in memory.
    public mutating func append(_ frame: DataFrame, isLast: Bool = false) throws {
        try note(frame)
        rows += frame.count
        var start = 0
        while start < frame.count {
            let isAligned = pending.count == 0 && start % 8 == 0
            let end = min(frame.count, start + ArrowFileWriter.batchRows - pending.count)
            if isAligned, isLast || end - start == ArrowFileWriter.batchRows {
                try write(frame, start..<end)
            } else {
                pending.append(frame, start..<end)
                if pending.count == ArrowFileWriter.batchRows { try writePending() }
            }
            start = end
        }
    }

    /// Writes what is left and the footer, and puts the file in place.
    ///
    /// - Precondition: There was a piece.
    public consuming func finish() throws {
        if pending.count > 0 { try writePending() }
        if file == nil { try begin() }
        guard var written = file.take() else { preconditionFailure("the file was begun") }
        let isRight =
            levels.allSatisfy { $0.isAsGuessed(isLarge: fields[$0.field].isLarge) }
            && wasLarge.allSatisfy { $0 == fields.map(\.isLarge) }
        guard isRight else { return try rewritten(&written).finish(fields) }
        try written.correct(fields)
        try written.finish(fields)
    }

    private mutating func note(_ frame: DataFrame) throws(ArrowError) {
        guard let shape else {
            for column in frame.columns where !column.storage.columnTypes.contains(column.type) {
                throw ArrowError(
                    .unwritable(
                        column: column.name, type: column.type.rawValue, storage: column.storage.layout.name))
            }
            fields = WrittenField.fields(of: frame, roles: roles)
            for (place, field) in fields.enumerated() where field.layout == .dictionary {
                levels.append(WrittenLevels(field: place, areSorted: sorting.contains(field.name)))
            }
            self.shape = frame.gather([])
            return try note(frame)
        }
        precondition(frame.columns.count == shape.columns.count, "a piece with other columns")
        for (place, column) in frame.columns.enumerated() {
            let field = fields[place]
            precondition(
                column.name == field.name && column.type == field.type
                    && column.storage.layout == field.layout,
                "column '\(column.name)' in place of '\(field.name)'")
            if column.nullCount > 0 { fields[place].isNullable = true }
        }
        for place in levels.indices {
            if case .dictionary(_, let known) = frame.columns[levels[place].field].storage {
                levels[place].take(known)
                fields[levels[place].field].isLarge = levels[place].bytes > largeTexts
            }
        }
        // What the pieces to come need is not known, what this one needs is.
        guard wasLarge.isEmpty, pending.count == 0 else { return }
        for (place, column) in frame.columns.enumerated() {
            for start in stride(from: 0, to: column.count, by: ArrowFileWriter.batchRows) {
                look(at: column, start..<min(start + ArrowFileWriter.batchRows, column.count), of: place)
            }
        }
    }

    private mutating func look(at column: DataColumn, _ rows: Range<Int>, of place: Int) {
        let offsets: Offsets
        switch column.storage {
        case .utf8(let texts): offsets = texts.offsets
        case .binary(let values): offsets = values.offsets
        default: return
        }
        if offsets[rows.upperBound] - offsets[rows.lowerBound] > largeTexts { fields[place].isLarge = true }
    }

    private mutating func writePending() throws(SystemError) {
        let frame = pending.take()
        try write(frame, 0..<frame.count)
    }

    private mutating func write(_ frame: DataFrame, _ rows: Range<Int>) throws(SystemError) {
        for (place, column) in frame.columns.enumerated() {
            look(at: column, rows, of: place)
        }
        if file == nil { try begin() }
        var places = [[Int32]?](repeating: nil, count: fields.count)
        for index in levels.indices { places[levels[index].field] = levels[index].placesOfNextBatch() }
        var body = BatchBody(rows: rows.count)
        for (place, column) in frame.columns.enumerated() {
            body.append(column, rows, isLarge: fields[place].isLarge, levels: places[place])
        }
        wasLarge.append(fields.map(\.isLarge))
        try file!.append(body)
    }

    /// Writes what stands before the rows, as far as it is known.
    private mutating func begin() throws(SystemError) {
        precondition(shape != nil, "a table without a piece")
        var writer = try ArrowFileWriter(path, fields)
        for place in levels.indices {
            let field = fields[levels[place].field]
            let guess = levels[place].guess(isLarge: field.isLarge)
            try writer.append(levels: guess, id: field.dictionary!, isLarge: field.isLarge)
        }
        file = consume writer
    }

    /// The same batches behind what is known now.
    private func rewritten(_ old: inout ArrowFileWriter) throws -> ArrowFileWriter {
        try old.flush()
        let mapped = try MappedFile(old.temporary)
        var new = try ArrowFileWriter(path, fields, draft: 1)
        let finals = levels.map { (field: $0.field, final: $0.final) }
        for (place, final) in finals {
            let field = fields[place]
            try new.append(levels: final.levels, id: field.dictionary!, isLarge: field.isLarge)
        }
        for (number, block) in old.batches.enumerated() {
            let batch = try ArrowContainer.batch(block, of: mapped, place: "batch \(number + 1)")
            var places = [[Int32]?](repeating: nil, count: fields.count)
            for (place, final) in finals { places[place] = final.places(number) }
            let body = try BatchBody(remaking: batch, fields, wasLarge: wasLarge[number], levels: places)
            try new.append(body)
            mapped.forget(block.offset..<(block.offset + block.metadata + block.body))
        }
        return new
    }
}
