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

/// Half of the complementary error function at a / sqrt 2, which is the normal
/// distribution at -a, for a in 0...12.5 (NaN stays): 2 to the power of a
/// polynomial of degree 11 through -1, for the logarithm of erfc is smooth over
/// the whole range where erfc itself falls through 35 decades. Both
/// polynomials are fitted for this file by weighted least squares, repeated
/// until the largest errors are level (Lawson's algorithm; method of the power:
/// W. J. Cody and W. Waite, "Software manual for the elementary functions",
/// 1980); what they leave out is 1.5 and 0.04 times 2^-24.
@inline(__always)
func normalTail(_ a: Quad) -> Quad {
    var p = plus(-3.305_856_6e-8, quad(6.688_195e-10), a)
    p = plus(6.991_37e-7, p, a)
    p = plus(-8.222_098e-6, p, a)
    p = plus(5.716_452e-5, p, a)
    p = plus(-2.058_799_7e-4, p, a)
    p = plus(-1.633_009_5e-4, p, a)
    p = plus(7.153_817e-3, p, a)
    p = plus(-5.258_177_6e-2, p, a)
    p = plus(-4.591_767_5e-1, p, a)
    p = plus(-1.151_108_6, p, a) * a
    let n = (p + quad(rounder)) - quad(rounder)
    let f = p - n
    var y = plus(6.699_437_4e-4, quad(7.676_681e-5), f)
    y = plus(4.809_218_5e-3, y, f)
    y = plus(2.775_166_2e-2, y, f)
    y = plus(1.201_132_4e-1, y, f)
    y = plus(3.465_735_9e-1, y, f)
    y = plus(0.5, y, f)
    return scaled(y, n)
}

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
