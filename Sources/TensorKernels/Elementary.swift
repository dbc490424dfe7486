/// exp, log and cosine of doubles from `+ - * /` alone, so that a result has the
/// same bits whatever libm and processor. The first two within 1 ulp.
///
/// Source of exp and log: the reduction and polynomials of fdlibm's e_exp.c and e_log.c
/// (Sun Microsystems, 1993).
public enum Elementary {
    private static let high = 6.931_471_803_691_238_164_90e-01
    private static let low = 1.908_214_929_270_587_700_02e-10

    /// NaN stays; above 709.78 infinity, below -745.13 zero.
    public static func exp(_ x: Double) -> Double {
        if x != x { return x }
        if x > 709.782_712_893_383_973_096 { return .infinity }
        if x < -745.133_219_101_941_108_42 { return 0 }
        let k = (x * 1.442_695_040_888_963_387).rounded(.toNearestOrEven)
        let top = x - k * high
        let rest = k * low
        let r = top - rest
        let t = r * r
        var p = 4.138_136_797_057_238_460_39e-08
        p = -1.653_390_220_546_525_153_90e-06 + t * p
        p = 6.613_756_321_437_934_361_17e-05 + t * p
        p = -2.777_777_777_701_559_338_42e-03 + t * p
        p = 1.666_666_666_666_660_190_37e-01 + t * p
        let c = r - t * p
        let y = 1 - ((rest - (r * c) / (2 - c)) - top)
        // Two steps: a subnormal result is rounded once.
        let whole = Int(k)
        let half = whole >> 1
        return y * Double(sign: .plus, exponent: half, significand: 1)
            * Double(sign: .plus, exponent: whole - half, significand: 1)
    }

    /// log(0) = -inf; NaN for negative numbers.
    public static func log(_ x: Double) -> Double {
        if x != x || x == .infinity { return x }
        if x < 0 { return .nan }
        if x == 0 { return -.infinity }
        var k = Double(x.exponent)
        var m = x.significand
        if m > 1.414_213_562_373_095_1 {
            m /= 2
            k += 1
        }
        let f = m - 1
        let s = f / (2 + f)
        let z = s * s
        var p = 1.479_819_860_511_658_591e-01
        p = 1.531_383_769_920_937_332e-01 + z * p
        p = 1.818_357_216_161_805_012e-01 + z * p
        p = 2.222_219_843_214_978_396e-01 + z * p
        p = 2.857_142_874_366_239_149e-01 + z * p
        p = 3.999_999_999_940_941_908e-01 + z * p
        p = 6.666_666_666_666_735_130e-01 + z * p
        let square = 0.5 * f * f
        return k * high - ((square - (s * (square + z * p) + k * low)) - f)
    }

    /// cos(pi t), within 2e-16 of it: reduced to an angle of at most pi / 4, where
    /// what follows nine terms of Taylor's series is below 1e-17.
    public static func cosinePi(_ t: Double) -> Double {
        if !t.isFinite { return .nan }
        // To 0...2, then by symmetry to 0...1; both are exact.
        var t = t.magnitude.truncatingRemainder(dividingBy: 2)
        if t > 1 { t = 2 - t }
        if t > 0.5 { return -cosinePi(1 - t) }
        let isCosine = t <= 0.25
        let x = .pi * (isCosine ? t : 0.5 - t)
        let z = x * x
        var p = 1.0
        for n in stride(from: 18, through: 2, by: -2) {
            let m = Double(isCosine ? n - 1 : n)
            p = 1 - z / (m * (m + 1)) * p
        }
        return isCosine ? p : x * p
    }
}
