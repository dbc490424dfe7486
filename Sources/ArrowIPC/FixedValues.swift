import DataFrames
/// The values buffer of a column of fixed width, which holds at least `count`
/// values, and how they become ours.
struct FixedValues {
    let bytes: UnsafeRawBufferPointer
    let type: ArrowType
    let count: Int

    /// A value that has no place in our types.
    struct Failure {
        var row: Int
        var what: String
        var fix: String
    }

    init(_ bytes: UnsafeRawBufferPointer, _ type: ArrowType, _ count: Int) {
        self.bytes = bytes
        self.type = type
        self.count = count
    }

    private func load<T: FixedWidthInteger>(_ row: Int, as: T.Type) -> T {
        T(littleEndian: bytes.loadUnaligned(fromByteOffset: row * MemoryLayout<T>.size, as: T.self))
    }

    /// One integer; nil beyond Int64.
    func integer(_ row: Int) -> Int64? {
        switch type {
        case .integer(8, true): Int64(load(row, as: Int8.self))
        case .integer(8, false): Int64(load(row, as: UInt8.self))
        case .integer(16, true): Int64(load(row, as: Int16.self))
        case .integer(16, false): Int64(load(row, as: UInt16.self))
        case .integer(32, true), .days: Int64(load(row, as: Int32.self))
        case .integer(32, false): Int64(load(row, as: UInt32.self))
        case .integer(_, false): Int64(exactly: load(row, as: UInt64.self))
        default: load(row, as: Int64.self)
        }
    }

    /// Integers as they are, timestamps as microseconds.
    func appendIntegers(to values: inout [Int64], isNull: (Int) -> Bool) -> Failure? {
        switch type {
        case .integer(64, true), .timestamp(perSecond: 1_000_000):
            appendWords(to: &values)
            return nil
        default: break
        }
        for row in 0..<count {
            guard let value = integer(row) else {
                if isNull(row) {
                    values.append(0)
                    continue
                }
                return Failure(
                    row: row,
                    what: "\(load(row, as: UInt64.self)) is beyond the largest integer, \(Int64.max)",
                    fix: "cast the column to int64 or float64")
            }
            guard case .timestamp(let perSecond) = type else {
                values.append(value)
                continue
            }
            let (micros, isLost) =
                perSecond > 1_000_000
                ? (value / 1000, value % 1000 != 0)
                : value.multipliedReportingOverflow(by: 1_000_000 / perSecond)
            if isLost, !isNull(row) {
                return Failure(
                    row: row,
                    what: "the timestamp \(value) (\(perSecond) a second) is no whole microsecond of ours",
                    fix: "cast the column to timestamp('us')")
            }
            values.append(micros)
        }
        return nil
    }

    func appendNumbers(to values: inout [Double]) {
        switch type {
        case .float(16): for row in 0..<count { values.append(Self.half(load(row, as: UInt16.self))) }
        case .float(32):
            for row in 0..<count { values.append(Double(Float(bitPattern: load(row, as: UInt32.self)))) }
        default: appendWords(to: &values)
        }
    }

    /// Decimals as numbers.
    func appendDecimals(to values: inout [Double], scale: Int, isNull: (Int) -> Bool) -> Failure? {
        for row in 0..<count {
            if isNull(row) {
                values.append(0)
            } else if let units = wideInteger(row), let value = DecimalNumber.number(units, scale: scale) {
                values.append(value)
            } else {
                return Failure(
                    row: row,
                    what: "the decimal (of scale \(scale)) has more digits than a number holds exactly",
                    fix: "cast the column to float64 or to text")
            }
        }
        return nil
    }

    /// An integer of 32 to 256 bits; nil beyond Int64.
    private func wideInteger(_ row: Int) -> Int64? {
        if type.width == 4 { return Int64(load(row, as: Int32.self)) }
        let words = type.width / 8
        let value = load(row * words, as: Int64.self)
        for word in 1..<max(words, 1) where load(row * words + word, as: Int64.self) != value >> 63 {
            return nil
        }
        return value
    }

    /// Dates as days.
    func appendDays(to values: inout [Int32], isNull: (Int) -> Bool) -> Failure? {
        if type == .days {
            appendWords(to: &values)
            return nil
        }
        for row in 0..<count {
            let value = load(row, as: Int64.self)
            if isNull(row) {
                values.append(0)
            } else if value % 86_400_000 == 0, let day = Int32(exactly: value / 86_400_000) {
                values.append(day)
            } else {
                return Failure(
                    row: row, what: "the date64 \(value) is no whole day of ours",
                    fix: "cast the column to timestamp('us')")
            }
        }
        return nil
    }

    /// The bytes as they lie, where the layouts agree.
    private func appendWords<T>(to values: inout [T]) {
        let size = MemoryLayout<T>.size
        guard count > 0, let base = bytes.baseAddress else { return }
        if Int(bitPattern: base) % MemoryLayout<T>.alignment == 0 {
            values.append(
                contentsOf: UnsafeBufferPointer(start: base.assumingMemoryBound(to: T.self), count: count))
        } else {
            let start = values.count
            let moved = [T](unsafeUninitializedCapacity: count) { buffer, filled in
                UnsafeMutableRawPointer(buffer.baseAddress!).copyMemory(from: base, byteCount: count * size)
                filled = count
            }
            values.append(contentsOf: moved)
            assert(values.count == start + count)
        }
    }

    /// IEEE 754 binary16, exact in a double.
    static func half(_ bits: UInt16) -> Double {
        let magnitude: Double
        let exponent = Int(bits >> 10 & 31)
        let fraction = Double(bits & 1023)
        switch exponent {
        case 0: magnitude = fraction * 0x1p-24
        case 31: magnitude = fraction == 0 ? .infinity : .nan
        default: magnitude = Double(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction)
        }
        return bits >> 15 == 1 ? -magnitude : magnitude
    }
}

extension ArrowType {
    /// Bytes a value of fixed width takes.
    var width: Int {
        switch self {
        case .integer(let bits, _), .float(let bits), .decimal(let bits, _): bits / 8
        case .days: 4
        case .dayMilliseconds, .timestamp: 8
        case .utf8View, .binaryView: 16
        case .null, .boolean, .utf8, .largeUtf8, .binary, .largeBinary, .list, .fixedList, .structure, .map: 1
        }
    }
}
