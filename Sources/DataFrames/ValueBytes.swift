import CDataFrames

/// How values are written as text, byte by byte; `FieldText` gives the same as strings.
public enum ValueBytes {
    typealias Place = UnsafeMutablePointer<UInt8>

    /// The most bytes that any of these writes.
    static let most = 32

    static func integer(_ value: Int64, to place: Place) -> Int {
        let digits = value < 0 ? place + 1 : place
        if value < 0 { place.pointee = UInt8(ascii: "-") }
        let count = sluice_count_digits(value.magnitude)
        sluice_write_digits(digits, value.magnitude, count)
        return digits - place + count
    }

    /// `YYYY-MM-DD`; nothing outside the years 1 to 9999, which the form cannot hold.
    static func date(_ days: some BinaryInteger, to place: Place) -> Int {
        let date = CivilDate(days: days)
        guard (1...9999).contains(date.year) else { return 0 }
        sluice_write_digits(place, UInt64(date.year), 4)
        pair(date.month, after: "-", to: place + 4)
        pair(date.day, after: "-", to: place + 7)
        return 10
    }

    /// `YYYY-MM-DDThh:mm:ss[.ffffff]Z`, without the fraction when it is none; nothing outside the years 1 to 9999.
    static func timestamp(_ microseconds: Int64, to place: Place) -> Int {
        let perDay: Int64 = 86_400_000_000
        var (days, past) = microseconds.quotientAndRemainder(dividingBy: perDay)
        // Not by way of the day's midnight, which 64 bits need not reach.
        if past < 0 { (days, past) = (days - 1, past + perDay) }
        guard date(days, to: place) > 0 else { return 0 }
        let (seconds, fraction) = past.quotientAndRemainder(dividingBy: 1_000_000)
        pair(Int(seconds / 3600), after: "T", to: place + 10)
        pair(Int(seconds / 60 % 60), after: ":", to: place + 13)
        pair(Int(seconds % 60), after: ":", to: place + 16)
        var end = 19
        if fraction != 0 {
            place[end] = UInt8(ascii: ".")
            sluice_write_digits(place + end + 1, UInt64(fraction), 6)
            end += 7
        }
        place[end] = UInt8(ascii: "Z")
        return end + 1
    }

    @inline(__always)
    private static func pair(_ value: Int, after mark: Unicode.Scalar, to place: Place) {
        place.pointee = UInt8(ascii: mark)
        sluice_write_digits(place + 1, UInt64(value), 2)
    }
}
