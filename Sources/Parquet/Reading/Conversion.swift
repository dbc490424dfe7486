import DataFrames

/// A value that has no place in our types; the index counts values that are
/// there, from 0 in a page.
struct ValueFailure {
    var index: Int
    var what: String
    var fix: String
}

/// Makes values of the file (one after the other, as wide as the leaf's type)
/// ours; the first that has no place ends it.
typealias Conversion<Value> = (UnsafeRawPointer, Int, UnsafeMutablePointer<Value>) -> ValueFailure?

extension LeafType {
    private static func load<T: FixedWidthInteger>(_ source: UnsafeRawPointer, _ place: Int, as: T.Type) -> T
    {
        T(
            littleEndian: source.loadUnaligned(
                fromByteOffset: place &* MemoryLayout<T>.size, as: T.self))
    }

    private static func copy<T>(_ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutablePointer<T>) {
        UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: count * MemoryLayout<T>.stride)
    }

    /// Of booleans.
    var toBooleans: Conversion<Bool> {
        { source, count, target in
            for place in 0..<count { target[place] = Self.load(source, place, as: UInt8.self) != 0 }
            return nil
        }
    }

    /// Of days.
    var toDays: Conversion<Int32> {
        { source, count, target in
            Self.copy(source, count, target)
            return nil
        }
    }

    /// Of integers and timestamps, the latter as microseconds.
    var toIntegers: Conversion<Int64> {
        switch self {
        case .integer(false, true):
            { source, count, target in
                for place in 0..<count { target[place] = Int64(Self.load(source, place, as: Int32.self)) }
                return nil
            }
        case .integer(false, false):
            { source, count, target in
                for place in 0..<count { target[place] = Int64(Self.load(source, place, as: UInt32.self)) }
                return nil
            }
        case .integer(true, false):
            { source, count, target in
                for place in 0..<count {
                    let value = Self.load(source, place, as: UInt64.self)
                    guard let fitting = Int64(exactly: value) else {
                        return ValueFailure(
                            index: place, what: "\(value) is beyond the largest integer, \(Int64.max)",
                            fix: "cast the column to int64 or float64")
                    }
                    target[place] = fitting
                }
                return nil
            }
        case .timestamp(let perSecond) where perSecond != 1_000_000:
            { source, count, target in
                for place in 0..<count {
                    let value = Self.load(source, place, as: Int64.self)
                    let (micros, isLost) =
                        perSecond > 1_000_000
                        ? (value / 1000, value % 1000 != 0)
                        : value.multipliedReportingOverflow(by: 1_000_000 / perSecond)
                    if isLost { return Self.noMicrosecond(place, "\(value) (\(perSecond) a second)") }
                    target[place] = micros
                }
                return nil
            }
        case .int96: Self.impalaTimes
        default:
            { source, count, target in
                Self.copy(source, count, target)
                return nil
            }
        }
    }

    private static func noMicrosecond(_ place: Int, _ value: String) -> ValueFailure {
        ValueFailure(
            index: place, what: "the timestamp \(value) is no whole microsecond of ours",
            fix: "cast the column to timestamp('us')")
    }

    /// Nanoseconds of the day (64 bits), then the Julian day (32 bits), whose
    /// 2,440,588th is 1970-01-01.
    private static func impalaTimes(
        _ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutablePointer<Int64>
    ) -> ValueFailure? {
        for place in 0..<count {
            let start = source + place * 12
            let nanoseconds = load(start, 0, as: Int64.self)
            let day = Int64(load(start + 8, 0, as: UInt32.self)) - 2_440_588
            let (midnight, isFar) = day.multipliedReportingOverflow(by: 86_400_000_000)
            let (micros, isOver) = midnight.addingReportingOverflow(nanoseconds / 1000)
            if isFar || isOver || nanoseconds % 1000 != 0 {
                return noMicrosecond(place, "of day \(day) and \(nanoseconds) nanoseconds")
            }
            target[place] = micros
        }
        return nil
    }

    /// Of floats and decimals.
    var toNumbers: Conversion<Double> {
        switch self {
        case .single:
            { source, count, target in
                for place in 0..<count {
                    target[place] = Double(Float(bitPattern: Self.load(source, place, as: UInt32.self)))
                }
                return nil
            }
        case .half:
            { source, count, target in
                for place in 0..<count {
                    target[place] = Self.number(half: Self.load(source, place, as: UInt16.self))
                }
                return nil
            }
        case .smallDecimal(let bytes, let scale):
            { source, count, target in
                for place in 0..<count {
                    let value =
                        bytes == 4
                        ? Int64(Self.load(source, place, as: Int32.self))
                        : Self.load(source, place, as: Int64.self)
                    guard let number = DecimalNumber.number(value, scale: scale) else {
                        return Self.tooPrecise(place, scale)
                    }
                    target[place] = number
                }
                return nil
            }
        case .bigDecimal(let width?, let scale):
            { source, count, target in
                for place in 0..<count {
                    let bytes = UnsafeRawBufferPointer(start: source + place * width, count: width)
                    guard let number = Self.number(decimal: bytes, scale: scale) else {
                        return Self.tooPrecise(place, scale)
                    }
                    target[place] = number
                }
                return nil
            }
        default:
            { source, count, target in
                Self.copy(source, count, target)
                return nil
            }
        }
    }

    static func tooPrecise(_ place: Int, _ scale: Int) -> ValueFailure {
        ValueFailure(
            index: place, what: "the decimal (of scale \(scale)) has more digits than a number holds exactly",
            fix: "cast the column to float64 or to text")
    }

    /// A big-endian integer in two's complement times 10^-scale; nil where it is
    /// not exact.
    static func number(decimal bytes: UnsafeRawBufferPointer, scale: Int) -> Double? {
        guard let first = bytes.first else { return nil }
        let sign: UInt8 = first >= 0x80 ? 0xFF : 0
        let head = bytes.dropLast(8)
        guard head.allSatisfy({ $0 == sign }) else { return nil }
        var value: Int64 = sign == 0 ? 0 : -1
        for byte in bytes.suffix(8) { value = value << 8 | Int64(byte) }
        guard (value < 0) == (sign != 0) else { return nil }
        return DecimalNumber.number(value, scale: scale)
    }

    /// IEEE 754 binary16, exact in a double.
    private static func number(half bits: UInt16) -> Double {
        let exponent = Int(bits >> 10 & 31)
        let fraction = Double(bits & 1023)
        let magnitude: Double
        switch exponent {
        case 0: magnitude = fraction * 0x1p-24
        case 31: magnitude = fraction == 0 ? .infinity : .nan
        default: magnitude = Double(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction)
        }
        return bits >> 15 == 1 ? -magnitude : magnitude
    }
}
