import ArrowIPC
import DataFrames
import PipelineLanguage
import Platform
import TableTypes

/// The rows of a CSV file held to a schema, some at a time: cut, read as their types, held to the constraints while
/// they are near. A row that does not fit in any column is left out, and every misfit said.
struct CSVReading {
    /// Columns in the schema's order, rows in the file's.
    let table: ArrowTable
    let rejects: RejectedRows

    /// Records at a time: their bytes and the places of their fields stay in the second-level cache while one column
    /// after another is read from them.
    private static let records = 2048

    /// - Parameters:
    ///   - missing: Texts that stand for no value; nil takes those of the schema.
    ///   - threads: Never change the result: each column is read by one of them, while one cuts the next rows.
    /// - Throws: `CSVError`; `StageError` when the columns are not the schema's.
    /// - Complexity: O(bytes).
    init(
        _ bytes: UnsafeRawBufferPointer, _ format: CSVFormat, _ schema: TableSchema, missing: [String]?,
        threads: Int
    ) throws {
        var (chunk, coming) = (CSVChunk(), CSVChunk())
        var (names, cutter) = try CSVHeader.read(bytes, format, chunk)
        // Without a header the schema's fields name the columns, by place.
        if !format.hasHeader, schema.fields.count == names.count { names = schema.fields.map(\.name) }
        let columns = try CSVColumns(names, schema, missing: missing)
        let workers = WorkerPool(size: max(1, min(threads, names.count)))
        try cutter.cutUTF8(into: chunk, records: Self.records)
        while true {
            let isLast = cutter.isAtEnd
            var failure: CSVError?
            workers.runEach(columns.fields.count + 1) { item in
                guard item == 0 else { return columns.read(chunk, field: item - 1) }
                if isLast { return }
                do throws(CSVError) {
                    try cutter.cutUTF8(into: coming, records: Self.records)
                } catch {
                    failure = error
                }
            }
            columns.finish(chunk)
            if let failure { throw failure }
            if isLast { break }
            (chunk, coming) = (coming, chunk)
        }
        rejects = columns.rejects
        let frame = try columns.frame()
        table = ArrowTable(
            frame: columns.bad.isEmpty ? frame : frame.gather(columns.goodRows), roles: schema.roles)
    }
}

/// The columns of a schema while a file is read.
private final class CSVColumns {
    /// What does not fit, each with its column's place in the schema; -1 is the row as a whole.
    private var misfits: [(row: RejectedRows.Row, place: Int)] = []
    /// Rows that are left out, of all that were cut, ascending.
    private(set) var bad: [Int] = []
    /// Rows so far.
    private var count = 0
    /// Each is read by one thread at a time.
    let fields: UnsafeMutableBufferPointer<Field>
    private var keys: [UniqueKey]

    struct Field {
        /// Of the file; nil where it has no such column.
        let place: Int?
        let rules: FieldRules
        var builder: FieldColumnBuilder
        /// Rows of the chunk at hand that do not fit.
        var found: [(row: Int, reason: String)] = []
    }

    init(_ names: [String], _ schema: TableSchema, missing: [String]?) throws {
        try SchemaReading.checkNames(names, schema)
        let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        let made = try zip(schema.fields, schema.tableType.columns).map { field, column in
            do throws(TableFinding) {
                let rules = try FieldRules(field, isRequired: !column.isNullable)
                return Field(
                    place: places[field.name], rules: rules,
                    builder: FieldColumnBuilder(
                        field.name, column.type, levels: column.levels,
                        missing: schema.missing(field, told: missing), form: rules.form))
            } catch {
                throw StageError(error)
            }
        }
        fields = .allocate(capacity: made.count)
        _ = fields.initialize(from: made)
        keys = schema.keys.compactMap { key in
            // Where a column is missing all is null, and no null repeats.
            let columns = key.compactMap { places[$0] }
            guard columns.count == key.count else { return nil }
            let fields = key.compactMap { name in schema.fields.first { $0.name == name } }
            return UniqueKey(
                field: schema.fields.firstIndex { $0.name == key[0] }!, places: columns,
                missing: fields.map { schema.missing($0, told: missing) })
        }
    }

    deinit {
        fields.deinitialize()
        fields.deallocate()
    }

    /// One column of a chunk; different ones may be read at once.
    func read(_ chunk: CSVChunk, field index: Int) {
        guard let place = fields[index].place else {
            _ = fields[index].builder.appendNulls(chunk.rows)
            return
        }
        let (nulls, unread) = fields[index].builder.append(chunk, column: place)
        let rules = fields[index].rules
        func text(_ row: Int) -> String { chunk.text(row: row, column: place) }
        var found = unread.map { (row: $0, reason: rules.misfit(text($0))) }
        if rules.hasAny {
            rules.breaches(rows: chunk.rows, nulls: nulls, misfits: unread, fields[index].builder, text: text)
            {
                found.append((row: $0, reason: $1))
            }
        }
        fields[index].found = found
    }

    /// Puts together what was found in the columns of a chunk, all of which have been read.
    func finish(_ chunk: CSVChunk) {
        misfits += chunk.faults.map { fault in
            (.init(file: 0, row: fault.row, column: nil, reason: fault.error.reason), -1)
        }
        var isBad = [Bool](repeating: false, count: chunk.rows)
        func note(_ row: Int, _ place: Int, _ reason: String) {
            isBad[row] = true
            let column = fields[place].builder.name
            misfits.append(
                (.init(file: 0, row: chunk.number(ofRow: row), column: column, reason: reason), place))
        }
        for place in fields.indices {
            for (row, reason) in fields[place].found { note(row, place, reason) }
        }
        let unfit = isBad
        for index in keys.indices {
            for row in 0..<chunk.rows where !unfit[row] {
                if let reason = keys[index].repeats(chunk, row) { note(row, keys[index].field, reason) }
            }
        }
        for row in 0..<chunk.rows where isBad[row] { bad.append(count + row) }
        count += chunk.rows
    }

    /// By row, then by column.
    var rejects: RejectedRows {
        RejectedRows(misfits.sorted { ($0.row.row, $0.place) < ($1.row.row, $1.place) }.map(\.row))
    }

    /// All rows that were cut.
    func frame() throws -> DataFrame { try DataFrame(fields.map { $0.builder.finish() }) }

    var goodRows: [Int] {
        let bad = Set(bad)
        return (0..<count).filter { !bad.contains($0) }
    }
}

/// What no two rows may have in common.
private struct UniqueKey {
    /// The place of its first field in the schema.
    let field: Int
    private let places: [Int]
    /// Of each of its fields.
    private let missing: [Set<String>]
    private var seen = Set<[String]>()

    init(field: Int, places: [Int], missing: [Set<String>]) {
        self.field = field
        self.places = places
        self.missing = missing
    }

    /// Why a row is one too many; nil if it is the first with its values. A null never repeats.
    mutating func repeats(_ chunk: CSVChunk, _ row: Int) -> String? {
        let values = places.map { chunk.text(row: row, column: $0) }
        if zip(missing, values).contains(where: { $0.contains($1) }) || seen.insert(values).inserted {
            return nil
        }
        let shown = values.map { "'\(shortened($0))'" }.joined(separator: ", ")
        return "\(shown) was there before, but must be unique"
    }
}
