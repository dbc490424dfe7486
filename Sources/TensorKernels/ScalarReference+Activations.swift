extension ScalarReference {
    /// `factors` from the highest power down, each step rounded once.
    static func polynomial(_ x: Float, _ factors: [Float]) -> Float {
        factors.dropFirst().reduce(factors[0]) { $1.addingProduct($0, x) }
    }

    static func bounded(_ x: Float, _ low: Float, _ high: Float) -> Float {
        let above = x < low ? low : x
        return above > high ? high : above
    }

    public static func relu(_ x: Float) -> Float { x < 0 ? 0 : x }

    public static func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(0 - x)) }

    public static func silu(_ x: Float) -> Float { x / (1 + exp(0 - x)) }

    /// 2^x for x from -126 to -1.
    private static func powerOfTwo(_ x: Float) -> Float {
        if x != x { return x }
        let n = x.rounded(.down)
        let factors: [Float] = [
            2.156_597_2e-4, 1.248_229e-3, 9.673_775e-3, 5.548_618_4e-2, 2.402_290_9e-1, 6.931_470_6e-1, 1,
        ]
        return polynomial(x - n, factors) * Float(sign: .plus, exponent: Int(n), significand: 1)
    }

    /// The normal distribution at x, for x in -12.5...0.
    private static func normalDistribution(_ x: Float) -> Float {
        let factors: [Float] = [
            -1.880_142_8e-8, -6.570_839e-7, -9.251_424e-6, -6.822_834e-5, -2.550_428e-4, 4.692_645_2e-5,
            7.001_835_4e-3, 5.247_751e-2, -4.592_093_5e-1, 1.151_105_4, -1,
        ]
        return powerOfTwo(polynomial(x, factors))
    }

    private static func normalDensity(_ x: Float) -> Float {
        powerOfTwo(Float(-1.325_748_1).addingProduct(-0.721_347_5, x * x))
    }

    private static func negativeMagnitude(_ x: Float) -> Float { x.magnitude > 12.5 ? -12.5 : -x.magnitude }

    public static func gelu(_ x: Float) -> Float {
        let b = negativeMagnitude(x)
        return relu(x).addingProduct(b, normalDistribution(b))
    }

    private static let geluLinear: Float = 1.595_769_1
    private static let geluCubic: Float = 7.135_481_6e-2

    public static func geluTanh(_ x: Float) -> Float {
        x / (1 + exp((0 - x) * geluLinear.addingProduct(geluCubic, x * x)))
    }

    /// `y` is the value.
    public static func sigmoidGradient(_ dy: Float, _ y: Float) -> Float { dy * (y * (1 - y)) }

    /// `y` is the value.
    public static func tanhGradient(_ dy: Float, _ y: Float) -> Float {
        dy * Float(1).addingProduct(0 - y, y)
    }

    public static func reluGradient(_ dy: Float, _ x: Float) -> Float { x <= 0 ? 0 : dy }

    public static func geluGradient(_ dy: Float, _ x: Float) -> Float {
        let b = negativeMagnitude(x)
        let below = normalDistribution(b).addingProduct(b, normalDensity(b))
        return dy * (x < 0 ? below : 1 - below)
    }

    public static func geluTanhGradient(_ dy: Float, _ input: Float) -> Float {
        let x = bounded(input, -9, 9)
        let square = x * x
        let e = exp((0 - x) * geluLinear.addingProduct(geluCubic, square))
        let s = 1 / (1 + e)
        let slope = geluLinear.addingProduct(3 * geluCubic, square)
        return dy * s.addingProduct(x * slope, e * s * s)
    }

    public static func siluGradient(_ dy: Float, _ input: Float) -> Float {
        let x = bounded(input, -86, 86)
        let e = exp(0 - x)
        let s = 1 / (1 + e)
        return dy * s.addingProduct(x, e * s * s)
    }
}
