import DataFrames
import TableTypes

/// The values of one column, appended one a row. What a row does not have, or
/// has and does not fit, is null in it.
struct ColumnBuilder {
    let name: String
    let type: ColumnType
    /// Rows.
    private(set) var count = 0
    private var nullCount = 0
    /// One bit a row as far as the last null; every row after that has a value.
    private var validity = GrowingBuffer<UInt8>()
    private var booleans = GrowingBuffer<Bool>()
    /// Integers and times.
    private var integers = GrowingBuffer<Int64>()
    private var numbers = GrowingBuffer<Double>()
    /// Days and levels.
    private var shorts = GrowingBuffer<Int32>()
    private var bytes = GrowingBuffer<UInt8>()
    private var ends = GrowingBuffer<Int>()
    private var levels = LevelTable()
    /// Of a category whose levels are told; others do not fit.
    let told: [String]?

    init(_ name: String, _ type: ColumnType, levels told: [String]? = nil) {
        self.name = name
        self.type = type
        self.told = type == .category ? told : nil
        ends.append(0)
        for level in self.told ?? [] { insert(level) }
    }

    func deallocate() {
        validity.deallocate()
        booleans.deallocate()
        integers.deallocate()
        numbers.deallocate()
        shorts.deallocate()
        bytes.deallocate()
        ends.deallocate()
        levels.deallocate()
    }

    private mutating func insert(_ level: String) {
        var level = level
        _ = level.withUTF8 { levels.insert($0) }
    }

    @inline(__always)
    mutating func append(boolean: Bool) {
        booleans.append(boolean)
        count += 1
    }

    /// An integer, or the microseconds of a time.
    @inline(__always)
    mutating func append(integer: Int64) {
        integers.append(integer)
        count += 1
    }

    @inline(__always)
    mutating func append(number: Double) {
        numbers.append(number)
        count += 1
    }

    @inline(__always)
    mutating func append(days: Int32) {
        shorts.append(days)
        count += 1
    }

    /// - Returns: False for a text outside the told levels, which is not taken.
    @inline(__always)
    mutating func append(level: UnsafeBufferPointer<UInt8>) -> Bool {
        if told == nil {
            shorts.append(levels.insert(level))
        } else {
            guard let place = levels.place(of: level) else { return false }
            shorts.append(place)
        }
        count += 1
        return true
    }

    @inline(__always)
    mutating func append(text: UnsafeBufferPointer<UInt8>) {
        if let start = text.baseAddress { bytes.append(start, text.count) }
        ends.append(bytes.count)
        count += 1
    }

    mutating func appendNull() {
        switch type {
        case .boolean: booleans.append(false)
        case .integer, .timestamp: integers.append(0)
        case .number: numbers.append(0)
        case .date, .category: shorts.append(0)
        case .text, .image, .audio, .series, .vector, .json: ends.append(bytes.count)
        }
        if validity.count <= count >> 3 {
            validity.append(repeating: 0xFF, count >> 3 + 1 - validity.count)
        }
        validity.start[count >> 3] &= ~(1 << UInt8(count & 7))
        nullCount += 1
        count += 1
    }

    /// Takes the last row away again, if there are more than so many.
    mutating func truncate(to rows: Int) {
        guard count > rows else { return }
        precondition(count == rows + 1, "\(count) rows cut to \(rows)")
        count = rows
        switch type {
        case .boolean: booleans.truncate(to: rows)
        case .integer, .timestamp: integers.truncate(to: rows)
        case .number: numbers.truncate(to: rows)
        case .date, .category: shorts.truncate(to: rows)
        case .text, .image, .audio, .series, .vector, .json:
            ends.truncate(to: rows + 1)
            bytes.truncate(to: ends.start[rows])
        }
        let bit: UInt8 = 1 << UInt8(rows & 7)
        if rows >> 3 < validity.count, validity.start[rows >> 3] & bit == 0 {
            validity.start[rows >> 3] |= bit
            nullCount -= 1
        }
    }

    /// The column; the builder is empty then.
    mutating func take() -> DataColumn {
        let column = DataColumn(name, type, storage, validity: nullCount == 0 ? nil : bitmap)
        deallocate()
        self = ColumnBuilder(name, type, levels: told)
        return column
    }

    private var bitmap: ValidityBitmap {
        var bitmap = ValidityBitmap()
        let covered = min(count, validity.count * 8)
        bitmap.append(
            bits: UnsafeRawBufferPointer(start: validity.start, count: validity.count), count: covered)
        bitmap.append(repeating: true, count: count - covered)
        return bitmap
    }

    private var storage: ColumnStorage {
        switch type {
        case .boolean: .boolean(booleans.array)
        case .integer: .int64(integers.array)
        case .timestamp: .timestamp(integers.array)
        case .number: .float64(numbers.array)
        case .date: .date32(shorts.array)
        case .category: category
        case .text, .image, .audio, .series, .vector, .json:
            .utf8(StringStorage(uncheckedOffsets: Offsets(ends.array), bytes: bytes.array))
        }
    }

    /// Levels that are not told are sorted by their bytes.
    private var category: ColumnStorage {
        let texts = levels.texts
        if let told {
            // One that is told twice is the first of both.
            let first = TextPlaces(told)
            let places = texts.map { first[$0]! }
            return .dictionary(
                indices: shorts.array.map { places.isEmpty ? 0 : places[Int($0)] }, levels: told)
        }
        let order = SortedLevels(texts)
        let renumbered = order.places
        return .dictionary(
            indices: shorts.array.map { renumbered.isEmpty ? 0 : renumbered[Int($0)] }, levels: order.levels)
    }
}
