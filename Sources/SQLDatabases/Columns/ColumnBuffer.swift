import DataFrames
import TableTypes

/// The values of one column of a batch, a value or a null a row.
struct ColumnBuffer {
    let column: SQLColumn
    /// Rows.
    private(set) var count = 0
    private var nulls: [Int32] = []
    private var booleans: [Bool] = []
    /// Integers and times.
    private var integers: [Int64] = []
    private var numbers: [Double] = []
    /// Days and places of levels.
    private var shorts: [Int32] = []
    private var ends = Offsets()
    private var bytes: [UInt8] = []
    private let places: [String: Int32]
    /// The level of the row before, which the next one often has too.
    private var lastLevel: (bytes: [UInt8], place: Int32)?

    init(_ column: SQLColumn) {
        self.column = column
        places = Dictionary(
            (column.levels ?? []).enumerated().map { ($1, Int32($0)) },
            uniquingKeysWith: { first, _ in first })
    }

    @inline(__always)
    mutating func append(boolean: Bool) {
        booleans.append(boolean)
        count &+= 1
    }

    /// An integer, or the microseconds of a time.
    @inline(__always)
    mutating func append(integer: Int64) {
        integers.append(integer)
        count &+= 1
    }

    @inline(__always)
    mutating func append(number: Double) {
        numbers.append(number)
        count &+= 1
    }

    @inline(__always)
    mutating func append(days: Int32) {
        shorts.append(days)
        count &+= 1
    }

    /// - Returns: False for bytes that are not UTF-8, which are not taken.
    @inline(__always)
    mutating func append(text: UnsafeRawBufferPointer) -> Bool {
        if case .invalid = UTF8Scan(text) { return false }
        bytes.append(contentsOf: text)
        ends.append(bytes.count)
        count &+= 1
        return true
    }

    mutating func append(text: String) {
        bytes.append(contentsOf: text.utf8)
        ends.append(bytes.count)
        count &+= 1
    }

    /// - Returns: False for a text that is no level, which is not taken.
    mutating func append(level: UnsafeRawBufferPointer) -> Bool {
        if let last = lastLevel, last.bytes.elementsEqual(level) {
            shorts.append(last.place)
        } else {
            guard let place = places[String(decoding: level, as: UTF8.self)] else { return false }
            lastLevel = (Array(level), place)
            shorts.append(place)
        }
        count &+= 1
        return true
    }

    mutating func appendNull() {
        switch column.type {
        case .boolean: booleans.append(false)
        case .integer, .timestamp: integers.append(0)
        case .number: numbers.append(0)
        case .date, .category: shorts.append(0)
        case .text, .image, .audio, .series, .vector, .json: ends.append(bytes.count)
        }
        nulls.append(Int32(count))
        count &+= 1
    }

    var textBytes: Int { bytes.count }

    /// The rows as a column; they are gone from here.
    mutating func take() -> DataColumn {
        defer {
            count = 0
            nulls.removeAll(keepingCapacity: true)
            booleans = []
            integers = []
            numbers = []
            shorts = []
            (ends, bytes) = (Offsets(), [])
        }
        return DataColumn(column.name, column.type, storage, validity: validity)
    }

    private var storage: ColumnStorage {
        switch column.type {
        case .boolean: .boolean(booleans)
        case .integer: .int64(integers)
        case .timestamp: .timestamp(integers)
        case .number: .float64(numbers)
        case .date: .date32(shorts)
        case .category: .dictionary(indices: shorts, levels: column.levels ?? [])
        case .text, .image, .audio, .series, .vector, .json:
            .utf8(StringStorage(uncheckedOffsets: ends, bytes: bytes))
        }
    }

    private var validity: ValidityBitmap? {
        guard !nulls.isEmpty else { return nil }
        var bitmap = ValidityBitmap()
        for row in nulls {
            bitmap.append(repeating: true, count: Int(row) - bitmap.count)
            bitmap.append(false)
        }
        bitmap.append(repeating: true, count: count - bitmap.count)
        return bitmap
    }
}
