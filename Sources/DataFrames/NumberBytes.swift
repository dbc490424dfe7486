import CDataFrames

extension ValueBytes {
    /// As `description` has it: the shortest decimal text that reads back as the same number, whose digits are the
    /// closest; with an exponent from 2^54 on and below 0.0001.
    ///
    /// Most numbers in tables were decimal texts of few digits. Such a text is the digits, a whole number, divided by a
    /// power of ten: where both are numbers exactly and their quotient, which is rounded once, is the number, the text
    /// reads back as it. A double holds any 15 digits (DBL_DIG), so no other text of 15 or fewer does, and this one is
    /// the shortest once zeros at its end are left out. All other numbers go by way of `description`.
    ///
    /// - Parameter usual: Digits behind the point to be tried first; changes no text.
    static func number(_ value: Double, usualPlaces usual: Int, to place: Place) -> Int {
        let magnitude = value.magnitude
        guard magnitude < 1e15, magnitude >= 1e-4 || magnitude == 0 else {
            return described(value, to: place)
        }
        if let digits = digits(magnitude, usual) {
            return decimal(value, digits, usual, to: place)
        }
        // As many as make 15 digits of it.
        var most = 14 - Int((Double(magnitude.exponent) * 0.301_029_995_663_981_2).rounded(.down))
        if magnitude * sluice_power(most) >= 1e15 { most -= 1 }
        guard most >= 0, let digits = digits(magnitude, most) else { return described(value, to: place) }
        return decimal(value, digits, most, to: place)
    }

    /// Digits behind the point that most of a column's numbers need at most, as its first ones tell.
    public static func usualPlaces(_ values: [Double]) -> Int {
        values.prefix(64).map { value in
            (0...12).first { digits(value.magnitude, $0) != nil } ?? 0
        }.max() ?? 0
    }

    /// 15 digits at most that, divided by a power of ten, are a number.
    @inline(__always)
    private static func digits(_ magnitude: Double, _ places: Int) -> UInt64? {
        let whole = (magnitude * sluice_power(places)).rounded(.toNearestOrEven)
        guard whole < 1e15, whole / sluice_power(places) == magnitude else { return nil }
        return UInt64(whole)
    }

    @inline(__always)
    private static func decimal(_ value: Double, _ digits: UInt64, _ places: Int, to place: Place) -> Int {
        var (digits, places) = (digits, places)
        while places > 1, digits % 10 == 0 {
            digits /= 10
            places -= 1
        }
        var end = place
        if value.sign == .minus {
            end.pointee = UInt8(ascii: "-")
            end += 1
        }
        let (whole, fraction) = digits.quotientAndRemainder(dividingBy: UInt64(sluice_power(places)))
        let count = sluice_count_digits(whole)
        sluice_write_digits(end, whole, count)
        end += count
        end.pointee = UInt8(ascii: ".")
        // A whole number has one digit behind the point, 0.
        sluice_write_digits(end + 1, fraction, max(places, 1))
        return end + 1 + max(places, 1) - place
    }

    @inline(never)
    private static func described(_ value: Double, to place: Place) -> Int {
        var text = "\(value)"
        return text.withUTF8 { bytes in
            place.update(from: bytes.baseAddress!, count: bytes.count)
            return bytes.count
        }
    }
}
