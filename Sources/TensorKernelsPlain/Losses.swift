import CTensorKernels

// Losses of one prediction and one target, and their derivatives with respect
// to the prediction. Each is written once for four vectors; the kernels below
// are one loop with the loss filled in by the compiler.

private enum Loss {
    case squared, absolute, huber, quantile, poisson, binaryCrossEntropy, focal
}

/// |x - t| up to `delta` squared and halved, beyond it along the tangent (Huber 1964).
@inline(__always)
private func huber(_ difference: Quad, _ delta: Quad) -> Quad {
    let a = magnitude(difference)
    let near = a * a * quad(0.5)
    let far = delta * (a - quad(0.5) * delta)
    return whereNegative(a - delta, near, far)
}

/// What the binary losses are made of, with e = exp(-|x|) in 0...1 so that
/// nothing overflows: log(1 + exp(x)) and log(1 + exp(-x)). With u = 1 + e
/// rounded, log(1 + e) = log u + (e - (u - 1)) / u but for the square of what u
/// has lost. Within 4 ulp.
@inline(__always)
private func softPlus(_ x: Quad) -> (of: Quad, ofMinus: Quad) {
    let e = exponential(quad(0) - magnitude(x))
    let u = quad(1) + e
    let log = logarithm(u) + (e - (u - quad(1))) / u
    return (wherePositive(x, x) + log, whereNegative(x, quad(0) - x, quad(0)) + log)
}

/// The logistic function at x and at -x, either without cancellation. Within 3 ulp.
@inline(__always)
private func logistic(_ x: Quad) -> (of: Quad, ofMinus: Quad) {
    let e = exponential(quad(0) - magnitude(x))
    let large = quad(1) / (quad(1) + e)
    let small = e * large
    return (whereNegative(x, small, large), whereNegative(x, large, small))
}

/// -p t log s(x) - (1 - t) log s(-x), s the logistic function: what has no
/// weight counts nothing, even if it is infinite.
@inline(__always)
private func binaryCrossEntropy(_ x: Quad, _ t: Quad, _ positiveWeight: Quad) -> Quad {
    let (over, under) = softPlus(x)
    return productOrZero(t * positiveWeight, under) + productOrZero(quad(1) - t, over)
}

/// How much of a prediction is wrong, m = (1 - t) s(x) + t s(-x), and its power
/// gamma, which is 1 for gamma = 0.
@inline(__always)
private func miss(_ s: (of: Quad, ofMinus: Quad), _ t: Quad, _ gamma: Float) -> (m: Quad, power: Quad) {
    let m = plus((quad(1) - t) * s.of, t, s.ofMinus)
    return (m, gamma == 0 ? quad(1) : exponential(quad(gamma) * logarithm(m)))
}

/// alpha of what is true, 1 - alpha of what is false; 1 if alpha is below zero.
@inline(__always)
private func balance(_ t: Quad, _ alpha: Float) -> Quad {
    alpha < 0 ? quad(1) : plus((quad(1) - t) * quad(1 - alpha), t, quad(alpha))
}

/// Focal loss (Lin et al. 2017, "Focal loss for dense object detection"):
/// cross-entropy times m^gamma.
@inline(__always)
private func focal(_ x: Quad, _ t: Quad, _ gamma: Float, _ alpha: Float) -> Quad {
    let power = miss(logistic(x), t, gamma).power
    return balance(t, alpha) * productOrZero(power, binaryCrossEntropy(x, t, quad(1)))
}

/// With c the derivative of the cross-entropy l, which is s(x) - t, and
/// m' = (1 - 2 t) s(x) s(-x): m^gamma (c + gamma l m' / m). Beyond 104 s(x) is 0
/// or 1, and where m is 0 the power is too.
@inline(__always)
private func focalSlope(_ input: Quad, _ t: Quad, _ gamma: Float, _ alpha: Float) -> Quad {
    let x = bounded(input, -104, 104)
    let s = logistic(x)
    let (m, power) = miss(s, t, gamma)
    let loss = binaryCrossEntropy(x, t, quad(1))
    let cross = plus((quad(1) - t) * s.of, quad(0) - t, s.ofMinus)
    let bend = (quad(1) - (t + t)) * (s.of * s.ofMinus / atLeast(m, .leastNormalMagnitude))
    return balance(t, alpha) * (power * plus(cross, quad(gamma) * loss, bend))
}

@inline(__always)
private func value(_ loss: Loss, _ x: Quad, _ t: Quad, _ first: Float, _ second: Float) -> Quad {
    let difference = x - t
    switch loss {
    case .squared: return difference * difference
    case .absolute: return magnitude(difference)
    case .huber: return huber(difference, quad(first))
    case .quantile:
        return whereNegative(difference, quad(0 - first) * difference, quad(1 - first) * difference)
    case .poisson: return plus(exponential(x), quad(0) - t, x)
    case .binaryCrossEntropy: return binaryCrossEntropy(x, t, quad(first))
    case .focal: return focal(x, t, first, second)
    }
}

@inline(__always)
private func slope(_ loss: Loss, _ x: Quad, _ t: Quad, _ first: Float, _ second: Float) -> Quad {
    let difference = x - t
    switch loss {
    case .squared: return difference + difference
    case .absolute: return sign(difference, -1, 1)
    case .huber: return bounded(difference, 0 - first, first)
    case .quantile: return sign(difference, 0 - first, 1 - first)
    case .poisson: return exponential(x) - t
    case .binaryCrossEntropy:
        let s = logistic(x)
        return plus((quad(1) - t) * s.of, quad(0) - t * quad(first), s.ofMinus)
    case .focal: return focalSlope(x, t, first, second)
    }
}

@inline(__always)
private func map(
    _ loss: Loss, _ isSlope: Bool, _ y: Target, _ x: Source, _ t: Source, _ first: Float, _ second: Float,
    _ count: Int
) {
    let blocks = wholeBlocks(count)
    let end = whole(count)
    var i = 0
    while i < blocks {
        let (a, b) = (loadQuad(x + i), loadQuad(t + i))
        put(isSlope ? slope(loss, a, b, first, second) : value(loss, a, b, first, second), y + i, false)
        i &+= 64
    }
    while i < end {
        let (a, b) = (quad(load(x + i)), quad(load(t + i)))
        store((isSlope ? slope(loss, a, b, first, second) : value(loss, a, b, first, second)).a, y + i)
        i &+= 16
    }
    if i < count {
        let rest = count &- i
        let (a, b) = (quad(sluice_load_first(x + i, rest, 0)), quad(sluice_load_first(t + i, rest, 0)))
        let last = isSlope ? slope(loss, a, b, first, second) : value(loss, a, b, first, second)
        sluice_store_first(last.a, y + i, rest)
    }
}

func squaredErrors(_ y: Target, _ x: Source, _ t: Source, _ n: Int) { map(.squared, false, y, x, t, 0, 0, n) }
func squaredErrorGradients(_ y: Target, _ x: Source, _ t: Source, _ n: Int) {
    map(.squared, true, y, x, t, 0, 0, n)
}
func absoluteErrors(_ y: Target, _ x: Source, _ t: Source, _ n: Int) {
    map(.absolute, false, y, x, t, 0, 0, n)
}
func absoluteErrorGradients(_ y: Target, _ x: Source, _ t: Source, _ n: Int) {
    map(.absolute, true, y, x, t, 0, 0, n)
}
func huberLosses(_ y: Target, _ x: Source, _ t: Source, _ delta: Float, _ n: Int) {
    map(.huber, false, y, x, t, delta, 0, n)
}
func huberGradients(_ y: Target, _ x: Source, _ t: Source, _ delta: Float, _ n: Int) {
    map(.huber, true, y, x, t, delta, 0, n)
}
func quantileLosses(_ y: Target, _ x: Source, _ t: Source, _ q: Float, _ n: Int) {
    map(.quantile, false, y, x, t, q, 0, n)
}
func quantileGradients(_ y: Target, _ x: Source, _ t: Source, _ q: Float, _ n: Int) {
    map(.quantile, true, y, x, t, q, 0, n)
}
func poissonLosses(_ y: Target, _ x: Source, _ t: Source, _ n: Int) { map(.poisson, false, y, x, t, 0, 0, n) }
func poissonGradients(_ y: Target, _ x: Source, _ t: Source, _ n: Int) {
    map(.poisson, true, y, x, t, 0, 0, n)
}
func binaryCrossEntropies(_ y: Target, _ x: Source, _ t: Source, _ weight: Float, _ n: Int) {
    map(.binaryCrossEntropy, false, y, x, t, weight, 0, n)
}
func binaryCrossEntropyGradients(_ y: Target, _ x: Source, _ t: Source, _ weight: Float, _ n: Int) {
    map(.binaryCrossEntropy, true, y, x, t, weight, 0, n)
}
func focalLosses(_ y: Target, _ x: Source, _ t: Source, _ gamma: Float, _ alpha: Float, _ n: Int) {
    map(.focal, false, y, x, t, gamma, alpha, n)
}
func focalGradients(_ y: Target, _ x: Source, _ t: Source, _ gamma: Float, _ alpha: Float, _ n: Int) {
    map(.focal, true, y, x, t, gamma, alpha, n)
}
