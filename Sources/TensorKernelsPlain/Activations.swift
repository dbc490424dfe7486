import CTensorKernels

// Each function of one element is written once for sixteen; the kernels below
// are one loop with the function's name filled in by the compiler.

/// Those whose gradient is more than a product or a quotient.
private enum Slope {
    case sigmoid, tanh, gelu, geluTanh, silu, relu
}

private enum Function {
    case exp, log, sigmoid, tanh, gelu, geluTanh, silu, relu
}

/// x, or 0 where x is below it: -0 and NaN stay.
@inline(__always)
private func rectified(_ x: Quad) -> Quad { whereNegative(x, quad(0), x) }

/// 1 / (1 + exp(-x)), within 3 ulp; below -88.7, where exp(-x) overflows, 0.
@inline(__always)
func sigmoid(_ x: Quad) -> Quad { quad(1) / (quad(1) + exponential(quad(0) - x)) }

/// x sigmoid(x), within 3 ulp; below -88.7 -0, which is within 3e-37. Minus
/// infinity gives NaN.
@inline(__always)
private func silu(_ x: Quad) -> Quad { x / (quad(1) + exponential(quad(0) - x)) }

/// x times the normal distribution at x, as max(x, 0) - |x| times the
/// distribution at -|x|: no division, and no cancellation where x is negative.
/// Within 2.1 ulp from 0 up, 2.7 down to -1, 8 down to -2, 2.2e-8 below.
@inline(__always)
private func gelu(_ x: Quad) -> Quad {
    let b = atLeast(negativeMagnitude(x), normalLimit)
    return plus(rectified(x), b, normalDistribution(b))
}

/// sqrt(8 / pi) and 0.044715 times that: the argument of the logistic function
/// that is the tanh form of GELU (Hendrycks and Gimpel, "Gaussian error linear
/// units", 2016; (1 + tanh u) / 2 is the logistic function of 2u).
private let geluLinear: Float = 1.595_769_1
private let geluCubic: Float = 7.135_481_6e-2

/// Within 4 ulp from -1 up and 2e-7 below. Minus infinity gives NaN.
@inline(__always)
private func geluTanh(_ x: Quad) -> Quad {
    let slope = plus(geluLinear, quad(geluCubic), x * x)
    return x / (quad(1) + exponential((quad(0) - x) * slope))
}

@inline(__always)
private func value(_ function: Function, _ x: Quad) -> Quad {
    switch function {
    case .exp: exponential(x)
    case .log: logarithm(x)
    case .sigmoid: sigmoid(x)
    case .tanh: tanh(x)
    case .gelu: gelu(x)
    case .geluTanh: geluTanh(x)
    case .silu: silu(x)
    case .relu: rectified(x)
    }
}

@inline(__always)
private func map(_ function: Function, _ y: Target, _ x: Source, _ count: Int) {
    let blocks = wholeBlocks(count)
    let end = whole(count)
    let past = streams(y, x, count)
    var i = 0
    while i < blocks {
        prefetch(x + i, past)
        put(value(function, loadQuad(x + i)), y + i, past)
        i &+= 64
    }
    if past { sluice_stream_end() }
    while i < end {
        store(value(function, quad(load(x + i))).a, y + i)
        i &+= 16
    }
    if i < count {
        let last = value(function, quad(sluice_load_first(x + i, count - i, 1))).a
        sluice_store_first(last, y + i, count - i)
    }
}

func exponentials(_ y: Target, _ x: Source, _ count: Int) { map(.exp, y, x, count) }
func logarithms(_ y: Target, _ x: Source, _ count: Int) { map(.log, y, x, count) }
func sigmoids(_ y: Target, _ x: Source, _ count: Int) { map(.sigmoid, y, x, count) }
func tanhs(_ y: Target, _ x: Source, _ count: Int) { map(.tanh, y, x, count) }
func gelus(_ y: Target, _ x: Source, _ count: Int) { map(.gelu, y, x, count) }
func geluTanhs(_ y: Target, _ x: Source, _ count: Int) { map(.geluTanh, y, x, count) }
func silus(_ y: Target, _ x: Source, _ count: Int) { map(.silu, y, x, count) }
func relus(_ y: Target, _ x: Source, _ count: Int) { map(.relu, y, x, count) }

/// The distribution at x and x times the density there, both at -|x|: what that
/// gives is taken from 1 where x is above 0. Within 2e-7; infinities have 0 and 1.
@inline(__always)
private func geluSlope(_ x: Quad) -> Quad {
    let b = atLeast(negativeMagnitude(x), normalLimit)
    let below = plus(normalDistribution(b), b, normalDensity(b))
    return whereNegative(x, below, quad(1) - below)
}

/// With v = x (p + q x^2), e = exp(-v) and s = 1 / (1 + e) the logistic function
/// of v: s + x v' e s^2, where s (1 - s) would cancel. Beyond 9 the slope is
/// within 1e-26 of 0 or 1, and e overflows soon.
@inline(__always)
private func geluTanhSlope(_ input: Quad) -> Quad {
    let x = bounded(input, -9, 9)
    let square = x * x
    let e = exponential((quad(0) - x) * plus(geluLinear, quad(geluCubic), square))
    let s = quad(1) / (quad(1) + e)
    let slope = plus(geluLinear, quad(3 * geluCubic), square)
    return plus(s, x * slope, e * s * s)
}

/// With e = exp(-x) and s = 1 / (1 + e): s + x e s^2. Beyond 86 the slope is
/// within 1e-35 of 0 or 1.
@inline(__always)
private func siluSlope(_ input: Quad) -> Quad {
    let x = bounded(input, -86, 86)
    let e = exponential(quad(0) - x)
    let s = quad(1) / (quad(1) + e)
    return plus(s, x, e * s * s)
}

/// The gradient of a function's argument from that of its value; `x` is the
/// value for sigmoid and tanh, the argument for all others.
@inline(__always)
private func gradient(_ function: Slope, _ dy: Quad, _ x: Quad) -> Quad {
    switch function {
    case .sigmoid: dy * (x * (quad(1) - x))
    case .tanh: dy * plus(1, quad(0) - x, x)
    case .gelu: dy * geluSlope(x)
    case .geluTanh: dy * geluTanhSlope(x)
    case .silu: dy * siluSlope(x)
    case .relu: wherePositive(x, dy)
    }
}

@inline(__always)
private func mapGradient(_ function: Slope, _ dx: Target, _ dy: Source, _ x: Source, _ count: Int) {
    let blocks = wholeBlocks(count)
    let end = whole(count)
    let past = streams(dx, dy, count) && UnsafePointer(dx) != x
    var i = 0
    while i < blocks {
        put(gradient(function, loadQuad(dy + i), loadQuad(x + i)), dx + i, past)
        i &+= 64
    }
    if past { sluice_stream_end() }
    while i < end {
        store(gradient(function, quad(load(dy + i)), quad(load(x + i))).a, dx + i)
        i &+= 16
    }
    if i < count {
        let rest = count - i
        let slope = quad(sluice_load_first(dy + i, rest, 0))
        sluice_store_first(gradient(function, slope, quad(sluice_load_first(x + i, rest, 1))).a, dx + i, rest)
    }
}

func sigmoidGradients(_ dx: Target, _ dy: Source, _ y: Source, _ count: Int) {
    mapGradient(.sigmoid, dx, dy, y, count)
}
func tanhGradients(_ dx: Target, _ dy: Source, _ y: Source, _ count: Int) {
    mapGradient(.tanh, dx, dy, y, count)
}
func geluGradients(_ dx: Target, _ dy: Source, _ x: Source, _ count: Int) {
    mapGradient(.gelu, dx, dy, x, count)
}
func geluTanhGradients(_ dx: Target, _ dy: Source, _ x: Source, _ count: Int) {
    mapGradient(.geluTanh, dx, dy, x, count)
}
func siluGradients(_ dx: Target, _ dy: Source, _ x: Source, _ count: Int) {
    mapGradient(.silu, dx, dy, x, count)
}
func reluGradients(_ dx: Target, _ dy: Source, _ x: Source, _ count: Int) {
    mapGradient(.relu, dx, dy, x, count)
}
