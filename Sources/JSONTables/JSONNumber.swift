/// A number as it is written: a whole mantissa, a power of ten, and whether
/// there is more than the mantissa can hold.
struct JSONNumber {
    var isNegative: Bool
    /// The first 19 digits.
    var mantissa: UInt64
    /// Of ten.
    var exponent: Int
    /// Has neither a point nor an exponent.
    var isWhole: Bool
    /// Whether the mantissa holds all digits.
    var isComplete: Bool
    var text: UnsafeBufferPointer<UInt8>

    /// The value as a whole number; nil for a fraction and beyond 64 bits. 3.0
    /// and 1e3 are whole in JSON; beyond 2^53 only what is written as whole.
    @inline(__always)
    var integer: Int64? {
        if isWhole {
            guard isComplete else { return nil }
            if mantissa <= UInt64(Int64.max) {
                return isNegative ? -Int64(mantissa) : Int64(mantissa)
            }
            return isNegative && mantissa == 1 << 63 ? .min : nil
        }
        guard let value = double, value.magnitude < 0x1p53 else { return nil }
        return Int64(exactly: value)
    }

    /// The double nearest to the decimal that is written, ties to even; nil
    /// when it is out of range.
    @inline(__always)
    var double: Double? {
        guard isComplete, exponent.magnitude <= 27 else { return slowDouble }
        if mantissa <= 1 << 53, exponent.magnitude <= 22 {
            // Both are exact, so one rounding remains. Source: W. D. Clinger,
            // "How to Read Floating Point Numbers Accurately", PLDI 1990.
            let value = Double(mantissa)
            let scaled =
                exponent < 0
                ? value / Self.tens[-exponent] : exponent == 0 ? value : value * Self.tens[exponent]
            return isNegative ? -scaled : scaled
        }
        let value = rounded
        return isNegative ? -value : value
    }

    /// Mantissa times or by a power of five that fits 64 bits, to 128 bits with
    /// what is left, and rounded once: exact, and never subnormal in this range.
    private var rounded: Double {
        guard mantissa != 0 else { return 0 }
        let power = Self.fives[Int(exponent.magnitude)]
        var high: UInt64
        var hasRest: Bool
        /// Of two, of the lowest bit of `high`.
        var scale: Int
        if exponent < 0 {
            // Both with their highest bit set; the quotient has 64 bits or 65.
            let shift = mantissa.leadingZeroBitCount
            let powerShift = power.leadingZeroBitCount
            let divisor = power << powerShift
            var (upper, lower) = (mantissa << shift, UInt64(0))
            scale = exponent - shift + powerShift - 64
            if upper >= divisor {
                lower = upper << 63
                upper >>= 1
                scale += 1
            }
            let (quotient, remainder) = divisor.dividingFullWidth((upper, lower))
            (high, hasRest) = (quotient, remainder != 0)
        } else {
            let product = mantissa.multipliedFullWidth(by: power)
            if product.high == 0 {
                (high, hasRest, scale) = (product.low, false, exponent)
            } else {
                let shift = product.high.leadingZeroBitCount
                high = product.high << shift
                if shift > 0 { high |= product.low >> (64 - shift) }
                hasRest = product.low << shift != 0
                scale = exponent + 64 - shift
            }
        }
        let shift = high.leadingZeroBitCount
        high <<= shift
        scale -= shift
        var significand = high >> 11
        let cut = high & 0x7FF
        if cut > 0x400 || cut == 0x400 && (hasRest || significand & 1 == 1) { significand += 1 }
        return Double(sign: .plus, exponent: scale + 11, significand: Double(significand))
    }

    private var slowDouble: Double? {
        guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else { return nil }
        return value
    }

    private static let tens: [Double] = (0...22).map { power in (0..<power).reduce(1.0) { ten, _ in ten * 10 }
    }
    private static let fives: [UInt64] = (0...27).map { power in (0..<power).reduce(1) { five, _ in five * 5 }
    }
}
