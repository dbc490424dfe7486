public import TableTypes

/// A column that grows by the fields of one chunk of a CSV file after another. A field that stands for no value, and
/// one that does not read as the column's type, is null.
public struct FieldColumnBuilder {
    public let name: String
    public let type: ColumnType
    private var values: ColumnStorage
    private var validity: ValidityBitmap?
    /// Rows that have not been taken.
    public private(set) var count = 0
    private let missing: MissingFields
    /// How fields are values, where the type does not say all.
    private let form: FieldForm?
    /// Of a category: the only levels there are.
    private let toldLevels: [String]?
    private var levels: TextInterner
    /// The levels as texts: as they were told, else those met so far.
    private var levelTexts: [String]
    /// Of each level that was told its place among them: one that is told twice is the first of both.
    private let toldPlaces: [Int32]

    /// - Parameters:
    ///   - levels: Of a category; without, all texts that occur.
    ///   - missing: Texts that stand for no value.
    ///   - form: How fields are values, where the type does not say all.
    public init(
        _ name: String, _ type: ColumnType, levels: [String]? = nil, missing: Set<String>,
        form: FieldForm? = nil
    ) {
        self.name = name
        self.type = type
        // A form may read what the type does not, so what stands for no value goes first.
        self.missing = MissingFields(missing, type, comesFirst: form != nil)
        self.form = form
        values = Self.none(type)
        toldLevels = levels
        var interner = TextInterner()
        for level in levels ?? [] { interner.insert(level) }
        self.levels = interner
        levelTexts = levels ?? []
        let first = TextPlaces(levelTexts)
        toldPlaces = (0..<interner.count).map { first[interner.texts[$0]]! }
    }

    /// Whether the levels are those that are met, in this order: whoever has all of them sorts them.
    private var hasMetLevels: Bool { type == .category && toldLevels == nil }

    private static func none(_ type: ColumnType) -> ColumnStorage {
        switch type {
        case .boolean: .boolean([])
        case .integer: .int64([])
        case .number: .float64([])
        case .date: .date32([])
        case .timestamp: .timestamp([])
        case .category: .dictionary(indices: [], levels: [])
        case .text, .image, .audio, .series, .vector, .json: .utf8(StringStorage())
        }
    }

    /// Takes one field of each row of a chunk.
    ///
    /// - Returns: Rows of the chunk that are null now, ascending, and those of them whose field does not read as the
    ///   type.
    /// - Complexity: O(bytes).
    public mutating func append(_ chunk: CSVChunk, column: Int) -> (nulls: [Int], misfits: [Int]) {
        let rows = FieldRows(chunk, column)
        var found = Found()
        switch values {
        case .boolean(var all):
            values = .boolean([])
            if let form {
                var reader = BooleanFormReader(form: form)
                read(rows, &all, &reader, &found)
            } else {
                var reader = BooleanReader()
                read(rows, &all, &reader, &found)
            }
            values = .boolean(all)
        case .int64(var all):
            values = .boolean([])
            if let form {
                var reader = IntegerFormReader(form: form)
                read(rows, &all, &reader, &found)
            } else {
                var reader = IntegerReader()
                read(rows, &all, &reader, &found)
            }
            values = .int64(all)
        case .float64(var all):
            values = .boolean([])
            if let form {
                var reader = NumberFormReader(form: form)
                read(rows, &all, &reader, &found)
            } else {
                FieldBytes.powers.withUnsafeBufferPointer {
                    var reader = NumberReader(powers: $0.baseAddress!)
                    read(rows, &all, &reader, &found)
                }
            }
            values = .float64(all)
        case .date32(var all):
            values = .boolean([])
            if let form {
                var reader = DateFormReader(form: form)
                read(rows, &all, &reader, &found)
            } else {
                var reader = DateReader()
                read(rows, &all, &reader, &found)
            }
            values = .date32(all)
        case .timestamp(var all):
            values = .boolean([])
            if let form {
                var reader = TimestampFormReader(form: form)
                read(rows, &all, &reader, &found)
            } else {
                var reader = TimestampReader()
                read(rows, &all, &reader, &found)
            }
            values = .timestamp(all)
        case .dictionary(var all, _):
            values = .boolean([])
            if toldLevels != nil {
                var reader = ToldLevelReader(levels: levels)
                read(rows, &all, &reader, &found)
            } else {
                var reader = LevelReader(levels: levels)
                levels = TextInterner()
                read(rows, &all, &reader, &found)
                levels = reader.levels
            }
            values = .dictionary(indices: all, levels: [])
        case .utf8(var all):
            values = .boolean([])
            if let form { takeJSON(rows, form, &all, &found) } else { take(rows, &all, &found) }
            values = .utf8(all)
        case .binary: preconditionFailure("no field of a text file is bytes")
        }
        note(found.nulls, rows.count)
        count += rows.count
        return (found.nulls, found.misfits)
    }

    private struct Found {
        var nulls: [Int] = []
        var misfits: [Int] = []
    }

    @inline(__always)
    private func read<Reader: FieldReader>(
        _ rows: FieldRows, _ all: inout [Reader.Value], _ reader: inout Reader, _ found: inout Found
    ) {
        let first = all.count
        all.append(contentsOf: repeatElement(Reader.none, count: rows.count))
        let comesFirst = missing.comesFirst
        all.withUnsafeMutableBufferPointer { all in
            let place = all.baseAddress! + first
            var row = 0
            while row < rows.count {
                let (start, count) = rows[row]
                if comesFirst, missing.contains(start, count) {
                    found.nulls.append(row)
                } else if let value = reader.read(start, count) {
                    place[row] = value
                } else {
                    found.nulls.append(row)
                    if !missing.contains(start, count) { found.misfits.append(row) }
                }
                row &+= 1
            }
        }
    }

    private func take(_ rows: FieldRows, _ all: inout StringStorage, _ found: inout Found) {
        guard missing.isAny else { return all.append(rows: rows.count, bytes: rows.bytes) { rows[$0] } }
        all.append(rows: rows.count, bytes: rows.bytes) { row in
            let (start, count) = rows[row]
            if missing.contains(start, count) { found.nulls.append(row) }
            return (start, count)
        }
    }

    private func takeJSON(
        _ rows: FieldRows, _ form: FieldForm, _ all: inout StringStorage, _ found: inout Found
    ) {
        for row in 0..<rows.count {
            let (start, count) = rows[row]
            let isMissing = missing.contains(start, count)
            let json = isMissing ? nil : form.json(start, count)
            all.append(json ?? [])
            if json == nil { found.nulls.append(row) }
            if json == nil, !isMissing { found.misfits.append(row) }
        }
    }

    /// Takes rows that have no field in the file.
    ///
    /// - Returns: Their places, as of nulls.
    public mutating func appendNulls(_ rows: Int) -> [Int] {
        switch values {
        case .boolean(var all):
            values = .boolean([])
            values = .boolean(Self.longer(&all, false, rows))
        case .int64(var all):
            values = .boolean([])
            values = .int64(Self.longer(&all, 0, rows))
        case .timestamp(var all):
            values = .boolean([])
            values = .timestamp(Self.longer(&all, 0, rows))
        case .float64(var all):
            values = .boolean([])
            values = .float64(Self.longer(&all, 0, rows))
        case .date32(var all):
            values = .boolean([])
            values = .date32(Self.longer(&all, 0, rows))
        case .dictionary(var all, _):
            values = .boolean([])
            values = .dictionary(indices: Self.longer(&all, 0, rows), levels: [])
        case .utf8(var all):
            values = .boolean([])
            for _ in 0..<rows { all.append([]) }
            values = .utf8(all)
        case .binary: preconditionFailure("no field of a text file is bytes")
        }
        let nulls = Array(0..<rows)
        note(nulls, rows)
        count += rows
        return nulls
    }

    private static func longer<T>(_ all: inout [T], _ none: T, _ rows: Int) -> [T] {
        all.append(contentsOf: repeatElement(none, count: rows))
        return all
    }

    private mutating func note(_ nulls: [Int], _ rows: Int) {
        if nulls.isEmpty, validity == nil { return }
        var bitmap = validity ?? ValidityBitmap()
        validity = nil
        if bitmap.count < count { bitmap.append(repeating: true, count: count - bitmap.count) }
        var next = 0
        for null in nulls {
            bitmap.append(repeating: true, count: null - next)
            bitmap.append(false)
            next = null + 1
        }
        bitmap.append(repeating: true, count: rows - next)
        validity = bitmap
    }

    /// A value that has an order.
    @inline(__always)
    public func ordered(_ row: Int) -> OrderedValue? { values.ordered(row) }

    /// Those of the last rows, counted from the first of them, that lie beyond a bound of the column's case; what stands
    /// for a null may be among them. None where values have no order.
    public func lastRows(_ rows: Int, below lower: OrderedValue?, above upper: OrderedValue?) -> [Int] {
        func beyond<T: Comparable>(_ all: [T], _ lower: T, _ upper: T) -> [Int] {
            var found: [Int] = []
            let first = all.count - rows
            for row in 0..<rows {
                let value = all[first &+ row]
                if value < lower || value > upper { found.append(row) }
            }
            return found
        }
        func whole(_ bound: OrderedValue?) -> Int64? {
            if case .integer(let value) = bound { value } else { nil }
        }
        func number(_ bound: OrderedValue?) -> Double? {
            if case .number(let value) = bound { value } else { nil }
        }
        return switch values {
        case .int64(let all), .timestamp(let all):
            beyond(all, whole(lower) ?? .min, whole(upper) ?? .max)
        case .float64(let all): beyond(all, number(lower) ?? -.infinity, number(upper) ?? .infinity)
        case .date32(let all):
            beyond(all, Int32(clamping: whole(lower) ?? .min), Int32(clamping: whole(upper) ?? .max))
        case .boolean, .utf8, .binary, .dictionary: []
        }
    }

    /// The column of the rows so far, which are taken away. Levels that were not told are those met so far.
    public mutating func take() -> DataColumn {
        defer {
            values = Self.none(type)
            validity = nil
            count = 0
        }
        guard case .dictionary(var indices, _) = values else {
            return DataColumn(name, type, values, validity: validity)
        }
        values = .boolean([])
        if hasMetLevels {
            for level in levelTexts.count..<levels.count { levelTexts.append(levels.texts[level]) }
        } else if !toldPlaces.isEmpty {
            indices.withUnsafeMutableBufferPointer { indices in
                for row in indices.indices { indices[row] = toldPlaces[Int(indices[row])] }
            }
        }
        return DataColumn(name, type, .dictionary(indices: indices, levels: levelTexts), validity: validity)
    }
}
