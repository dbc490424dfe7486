import CTensorKernels

/// 1.5 * 2^23: adding it rounds to a whole number, which stands in the low bits.
private let rounder: Float = 12_582_912
private let rounderBits: Int32 = 0x4B40_0000

/// exp after Cephes `expf` (S. Moshier): x = n ln 2 + r, polynomial of degree 7,
/// scaled so that subnormal results are rounded once. Within 2 ulp.
@inline(__always)
func exponential(_ input: Quad) -> Quad {
    let x = bounded(input, -104, 89)
    let n = plus(rounder, x, quad(1.442_695)) - quad(rounder)
    var r = plus(x, n, quad(-0.693_359_375))
    r = plus(r, n, quad(2.121_944_4e-4))
    var y = plus(1.398_199_9e-3, quad(1.987_569_1e-4), r)
    y = plus(8.333_452e-3, y, r)
    y = plus(4.166_579_6e-2, y, r)
    y = plus(1.666_666_5e-1, y, r)
    y = plus(0.5, y, r)
    y = plus(r, y, r * r) + quad(1)
    return scaled(y, n)
}

@inline(__always)
func exponential(_ x: Lanes) -> Lanes { exponential(quad(x)).a }

/// 2^x for x from -126 to -1 (NaN stays), within 1.1 x 2^-24 of itself: the power
/// is split below, so that one instruction takes the fraction and another the
/// rest. The polynomial is fitted for this file by weighted least squares, repeated
/// until the largest errors are level (Lawson's algorithm), and begins with 1, so
/// that powers of two are exact; it leaves out 0.04 x 2^-24.
@inline(__always)
private func powerOfTwo(_ x: Quad) -> Quad {
    let f = fraction(x)
    var y = plus(1.248_229e-3, quad(2.156_597_2e-4), f)
    y = plus(9.673_775e-3, y, f)
    y = plus(5.548_618_4e-2, y, f)
    y = plus(2.402_290_9e-1, y, f)
    y = plus(6.931_470_6e-1, y, f)
    y = plus(1, y, f)
    return scaled(y, byFloorOf: x)
}

/// Below -12.5 the normal distribution is taken to be what it is there, 2^-122.
let normalLimit: Float = -12.5

/// The normal distribution at x, for x in -12.5...0 (NaN stays): 2 to the power of
/// a polynomial of degree 10 through -1, for the logarithm of the distribution is
/// smooth where the distribution itself falls through 35 decades (method of the
/// power: W. J. Cody and W. Waite, "Software manual for the elementary
/// functions", 1980). Fitted as the polynomial above; it leaves out 0.45 x 2^-24 of
/// a distribution above 2^-6, 0.45 x 2^-30 below that, and far below, where nothing
/// sees it, up to 4.5 of the power.
@inline(__always)
func normalDistribution(_ x: Quad) -> Quad {
    var p = plus(-6.570_839e-7, quad(-1.880_142_8e-8), x)
    p = plus(-9.251_424e-6, p, x)
    p = plus(-6.822_834e-5, p, x)
    p = plus(-2.550_428e-4, p, x)
    p = plus(4.692_645_2e-5, p, x)
    p = plus(7.001_835_4e-3, p, x)
    p = plus(5.247_751e-2, p, x)
    p = plus(-4.592_093_5e-1, p, x)
    p = plus(1.151_105_4, p, x)
    return powerOfTwo(plus(-1, p, x))
}

/// The density of the normal distribution at x, for x in -12.5...12.5 (NaN stays),
/// within 4.5e-8: 2^(a x^2 + b), where a is -1 / ln 4 and 2^b is 1 / sqrt(2 pi).
@inline(__always)
func normalDensity(_ x: Quad) -> Quad { powerOfTwo(plus(-1.325_748_1, quad(-0.721_347_5), x * x)) }

/// log after Cephes `logf`: x = m 2^e with m in [sqrt(1/2), sqrt(2)).
/// log(0) = -inf, log of a negative number is NaN, log(inf) = inf.
@inline(__always)
func logarithm(_ input: SIMD16<Float>) -> SIMD16<Float> {
    typealias V = SIMD16<Float>
    typealias I = SIMD16<Int32>
    let small = input .< V(repeating: Float.leastNormalMagnitude)
    let x = input.replacing(with: input * V(repeating: 8_388_608), where: small)
    let bits = unsafeBitCast(x, to: I.self)
    let exponent = (bits &>> I(repeating: 23)) &- I(repeating: 126)
    var m = unsafeBitCast((bits & I(repeating: 0x7F_FFFF)) | I(repeating: 0x3F00_0000), to: V.self)
    var e = unsafeBitCast(exponent &+ I(repeating: rounderBits), to: V.self) - V(repeating: rounder)
    e = e.replacing(with: e - V(repeating: 23), where: small)
    let low = m .< V(repeating: 0.707_106_77)
    e = e.replacing(with: e - V(repeating: 1), where: low)
    m = m.replacing(with: m + m, where: low) - V(repeating: 1)
    let z = m * m
    var y = V(repeating: -1.151_461e-1).addingProduct(V(repeating: 7.037_683_6e-2), m)
    y = V(repeating: 1.167_699_9e-1).addingProduct(y, m)
    y = V(repeating: -1.242_014_1e-1).addingProduct(y, m)
    y = V(repeating: 1.424_932_3e-1).addingProduct(y, m)
    y = V(repeating: -1.666_805_8e-1).addingProduct(y, m)
    y = V(repeating: 2.000_071_5e-1).addingProduct(y, m)
    y = V(repeating: -2.499_999_4e-1).addingProduct(y, m)
    y = V(repeating: 3.333_333_1e-1).addingProduct(y, m)
    y = y * m * z
    y = y.addingProduct(e, V(repeating: -2.121_944_4e-4))
    y = y.addingProduct(z, V(repeating: -0.5))
    var result = (m + y).addingProduct(e, V(repeating: 0.693_359_375))
    result = result.replacing(with: input, where: input .== V(repeating: Float.infinity))
    result = result.replacing(with: input, where: input .!= input)
    result = result.replacing(with: V(repeating: Float.nan), where: input .< V(repeating: 0))
    return result.replacing(with: V(repeating: -Float.infinity), where: input .== V(repeating: 0))
}

@inline(__always)
func logarithm(_ x: Quad) -> Quad {
    (logarithm(x.a), logarithm(x.b), logarithm(x.c), logarithm(x.d), x.isOne)
}
