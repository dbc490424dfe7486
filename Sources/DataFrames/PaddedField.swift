import CDataFrames

/// How the bytes of one field read as a value where bytes around them may be looked at too: what `FieldBytes` says,
/// sooner, for 16 characters are read at once and no loop ends at a place that cannot be foretold.
enum PaddedField {
    /// Bytes that can be read before a field's start.
    static let before = 16
    /// And from its end on.
    static let behind = 64

    @inline(__always)
    static func integer(_ field: FieldBytes.Bytes, _ count: Int) -> Int64? {
        let sign = sluice_read_sign(field[0])
        let length = count &- sign.count
        if length >= 1, length <= 16 {
            let magnitude = sluice_read_digits(field + count, length)
            if magnitude >= 0 {
                // Turned and one more where the sign is 1.
                let sign = Int64(truncatingIfNeeded: sign.isNegative)
                return (magnitude ^ (0 &- sign)) &+ sign
            }
        }
        return otherInteger(field, count)
    }

    @inline(never)
    private static func otherInteger(_ field: FieldBytes.Bytes, _ count: Int) -> Int64? {
        FieldBytes.integer(field, count)
    }

    @inline(__always)
    static func number(_ field: FieldBytes.Bytes, _ count: Int, _ powers: UnsafePointer<Double>) -> Double? {
        let sign = sluice_read_sign(field[0])
        let length = count &- sign.count
        if length >= 1, length <= 16 {
            let read = sluice_read_decimal(field + count, length)
            // One rounding, see `FieldBytes.number`.
            if read.places >= 0, read.digits <= 1 << 53 {
                let magnitude = Double(Int64(truncatingIfNeeded: read.digits)) / powers[Int(read.places)]
                return Double(bitPattern: magnitude.bitPattern | sign.isNegative &<< 63)
            }
        }
        return otherNumber(field, count)
    }

    @inline(never)
    private static func otherNumber(_ field: FieldBytes.Bytes, _ count: Int) -> Double? {
        FieldBytes.toldNumber(field, count)
    }

    @inline(__always)
    static func date(_ field: FieldBytes.Bytes, _ count: Int) -> Int32? {
        let read = sluice_read_moment(field, 0)
        guard count == 10, read.isRight != 0 else { return nil }
        return days(read)
    }

    @inline(__always)
    static func timestamp(_ field: FieldBytes.Bytes, _ count: Int) -> Int64? {
        let read = sluice_read_moment(field, 1)
        guard count >= 19, read.isRight != 0,
            field[10] == UInt8(ascii: "T") || field[10] == UInt8(ascii: " "),
            let days = days(read)
        else { return nil }
        return FieldBytes.timestamp(field, count, days, hour: read.hour, minute: read.minute)
    }

    @inline(__always)
    private static func days(_ read: sluice_moment) -> Int32? {
        FieldBytes.days(century: read.century, rest: read.rest, month: read.month, day: read.day)
    }

    /// 1 and 0 among them, for a schema says the type.
    @inline(__always)
    static func boolean(_ field: FieldBytes.Bytes, _ count: Int) -> Bool? {
        guard count <= 5 else { return nil }
        // With the count above the characters, for a field may end in NUL; without a branch between the two values.
        let word = sluice_read_words(field, count).first | UInt64(count) << 40
        func isOne(_ known: UInt64) -> UInt8 { word == known ? 1 : 0 }
        let isTrue =
            isOne(0x04_00_6575_7274) | isOne(0x04_00_6575_7254) | isOne(0x04_00_4555_5254)
            | isOne(0x01_00_0000_0031)
        let isFalse =
            isOne(0x05_65_736C_6166) | isOne(0x05_65_736C_6146) | isOne(0x05_45_534C_4146)
            | isOne(0x01_00_0000_0030)
        return isTrue | isFalse == 1 ? isTrue == 1 : nil
    }
}
