/// Losses of one prediction x and one target t, and their derivatives.
extension ScalarReference {
    public static func squaredError(_ x: Float, _ t: Float) -> Float { (x - t) * (x - t) }

    public static func squaredErrorGradient(_ x: Float, _ t: Float) -> Float { (x - t) + (x - t) }

    public static func absoluteError(_ x: Float, _ t: Float) -> Float { (x - t).magnitude }

    public static func absoluteErrorGradient(_ x: Float, _ t: Float) -> Float { sign(x - t, -1, 1) }

    private static func sign(_ x: Float, _ negative: Float, _ positive: Float) -> Float {
        x < 0 ? negative : x > 0 ? positive : x
    }

    public static func huber(_ x: Float, _ t: Float, delta: Float) -> Float {
        let a = (x - t).magnitude
        return a - delta < 0 ? a * a * 0.5 : delta * (a - 0.5 * delta)
    }

    public static func huberGradient(_ x: Float, _ t: Float, delta: Float) -> Float {
        bounded(x - t, 0 - delta, delta)
    }

    public static func quantile(_ x: Float, _ t: Float, q: Float) -> Float {
        x - t < 0 ? (0 - q) * (x - t) : (1 - q) * (x - t)
    }

    public static func quantileGradient(_ x: Float, _ t: Float, q: Float) -> Float {
        sign(x - t, 0 - q, 1 - q)
    }

    public static func poisson(_ x: Float, _ t: Float) -> Float { exp(x).addingProduct(0 - t, x) }

    public static func poissonGradient(_ x: Float, _ t: Float) -> Float { exp(x) - t }

    /// log(1 + exp(x)) and log(1 + exp(-x)).
    private static func softPlus(_ x: Float) -> (of: Float, ofMinus: Float) {
        let e = exp(0 - x.magnitude)
        let u = 1 + e
        let log = log(u) + (e - (u - 1)) / u
        return ((x <= 0 ? 0 : x) + log, (x < 0 ? 0 - x : 0) + log)
    }

    /// The logistic function at x and at -x.
    private static func logistic(_ x: Float) -> (of: Float, ofMinus: Float) {
        let e = exp(0 - x.magnitude)
        let large = 1 / (1 + e)
        return x < 0 ? (e * large, large) : (large, e * large)
    }

    private static func productOrZero(_ x: Float, _ y: Float) -> Float { x == 0 ? 0 : x * y }

    public static func binaryCrossEntropy(_ x: Float, _ t: Float, positiveWeight: Float) -> Float {
        let (over, under) = softPlus(x)
        return productOrZero(t * positiveWeight, under) + productOrZero(1 - t, over)
    }

    public static func binaryCrossEntropyGradient(_ x: Float, _ t: Float, positiveWeight: Float) -> Float {
        let s = logistic(x)
        return ((1 - t) * s.of).addingProduct(0 - t * positiveWeight, s.ofMinus)
    }

    private static func miss(_ x: Float, _ t: Float, _ gamma: Float) -> (m: Float, power: Float) {
        let s = logistic(x)
        let m = ((1 - t) * s.of).addingProduct(t, s.ofMinus)
        return (m, gamma == 0 ? 1 : exp(gamma * log(m)))
    }

    private static func balance(_ t: Float, _ alpha: Float) -> Float {
        alpha < 0 ? 1 : ((1 - t) * (1 - alpha)).addingProduct(t, alpha)
    }

    public static func focal(_ x: Float, _ t: Float, gamma: Float, alpha: Float) -> Float {
        let loss = binaryCrossEntropy(x, t, positiveWeight: 1)
        return balance(t, alpha) * productOrZero(miss(x, t, gamma).power, loss)
    }

    public static func focalGradient(_ input: Float, _ t: Float, gamma: Float, alpha: Float) -> Float {
        let x = bounded(input, -104, 104)
        let s = logistic(x)
        let (m, power) = miss(x, t, gamma)
        let cross = ((1 - t) * s.of).addingProduct(0 - t, s.ofMinus)
        let bend =
            (1 - (t + t)) * (s.of * s.ofMinus / (m < .leastNormalMagnitude ? .leastNormalMagnitude : m))
        let loss = binaryCrossEntropy(x, t, positiveWeight: 1)
        return balance(t, alpha) * (power * cross.addingProduct(gamma * loss, bend))
    }

    /// One row; `weights` are those of the classes.
    public static func crossEntropyRow(
        _ x: [Float], label: Int, weights: [Float]?, smoothing: Float
    ) -> Float {
        let (top, values) = powers(x)
        let total = log(sum(values))
        let loss = (1 - smoothing) * (weights?[label] ?? 1) * (total - (x[label] - top))
        if smoothing == 0 { return loss }
        let all = rowSum(x.count) { $0.addProduct(weights?[$1] ?? 1, total - (x[$1] - top)) }
        return loss.addingProduct(smoothing / Float(x.count), all)
    }

    public static func crossEntropyRowGradient(
        _ x: [Float], label: Int, weights: [Float]?, smoothing: Float, scale: Float
    ) -> [Float] {
        let share = smoothing / Float(x.count)
        let own = (1 - smoothing) * (weights?[label] ?? 1)
        let whole = weights.map { own + share * sum($0) } ?? 1
        return softmax(x).enumerated().map { column, part in
            let level = (part * whole).addingProduct(0 - share, weights?[column] ?? 1)
            return (column == label ? level - own : level) * scale
        }
    }
}
