public import TableTypes

/// A column that grows by the fields of one chunk of a CSV file after another. A field that stands for no value, and
/// one that does not read as the column's type, is null.
public struct FieldColumnBuilder {
    public let name: String
    public let type: ColumnType
    private var values: ColumnStorage
    private var validity: ValidityBitmap?
    /// Rows.
    public private(set) var count = 0
    private let missing: MissingFields
    /// Of a category: the only levels there are.
    private let toldLevels: [String]?
    private var levels: TextInterner

    /// - Parameters:
    ///   - levels: Of a category; without, all texts that occur.
    ///   - missing: Texts that stand for no value.
    public init(_ name: String, _ type: ColumnType, levels: [String]? = nil, missing: Set<String>) {
        self.name = name
        self.type = type
        self.missing = MissingFields(missing, type)
        values = Self.none(type)
        toldLevels = levels
        var interner = TextInterner()
        for level in levels ?? [] { interner.insert(level) }
        self.levels = interner
    }

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
            var reader = BooleanReader()
            read(rows, &all, &reader, &found)
            values = .boolean(all)
        case .int64(var all):
            values = .boolean([])
            var reader = IntegerReader()
            read(rows, &all, &reader, &found)
            values = .int64(all)
        case .float64(var all):
            values = .boolean([])
            FieldBytes.powers.withUnsafeBufferPointer {
                var reader = NumberReader(powers: $0.baseAddress!)
                read(rows, &all, &reader, &found)
            }
            values = .float64(all)
        case .date32(var all):
            values = .boolean([])
            var reader = DateReader()
            read(rows, &all, &reader, &found)
            values = .date32(all)
        case .timestamp(var all):
            values = .boolean([])
            var reader = TimestampReader()
            read(rows, &all, &reader, &found)
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
            take(rows, &all, &found)
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

    /// A value as a number: of a date days, of a time microseconds; nil for what has no order.
    @inline(__always)
    public func number(_ row: Int) -> Double? {
        switch values {
        case .int64(let all), .timestamp(let all): Double(all[row])
        case .float64(let all): all[row]
        case .date32(let all): Double(all[row])
        case .boolean, .utf8, .binary, .dictionary: nil
        }
    }

    /// Those of the last rows, counted from the first of them, that lie beyond a bound; what stands for a null may be
    /// among them. None where values have no order.
    public func lastRows(_ rows: Int, below lower: Double?, above upper: Double?) -> [Int] {
        let (lower, upper) = (lower ?? -.infinity, upper ?? .infinity)
        func beyond<T>(_ all: [T], _ number: (T) -> Double) -> [Int] {
            var found: [Int] = []
            let first = all.count - rows
            for row in 0..<rows {
                let value = number(all[first &+ row])
                if value < lower || value > upper { found.append(row) }
            }
            return found
        }
        return switch values {
        case .int64(let all), .timestamp(let all): beyond(all) { Double($0) }
        case .float64(let all): beyond(all) { $0 }
        case .date32(let all): beyond(all) { Double($0) }
        case .boolean, .utf8, .binary, .dictionary: []
        }
    }

    /// Of each text that was met or told its place among the levels: as they were told, else sorted by their bytes. Two
    /// spellings of one text are one level, spelt as the first.
    private var levelPlaces: (places: [Int32], levels: [String]) {
        let texts = (0..<levels.count).map { levels.texts[$0] }
        var known = toldLevels ?? []
        if toldLevels == nil {
            var seen: Set<String> = []
            known = texts.filter { seen.insert($0).inserted }
                .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
        let places = Dictionary(
            known.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
        return (texts.map { places[$0]! }, known)
    }

    /// The column of all rows; levels that were not told are sorted by their bytes.
    public consuming func finish() -> DataColumn {
        var storage = values
        if case .dictionary(var indices, _) = values {
            let (places, known) = levelPlaces
            values = .boolean([])
            storage = .boolean([])
            if !places.isEmpty {
                indices.withUnsafeMutableBufferPointer { indices in
                    for row in indices.indices { indices[row] = places[Int(indices[row])] }
                }
            }
            storage = .dictionary(indices: indices, levels: known)
        }
        return DataColumn(name, type, storage, validity: validity)
    }
}
