extension ScalarReference {
    /// 1.5 * 2^23: adding and taking it away rounds to a whole number.
    private static let rounder: Float = 12_582_912

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

    /// The normal distribution at -a, for a in 0...12.5.
    private static func normalTail(_ a: Float) -> Float {
        if a != a { return a }
        let power =
            polynomial(
                a,
                [
                    6.688_195e-10, -3.305_856_6e-8, 6.991_37e-7, -8.222_098e-6, 5.716_452e-5, -2.058_799_7e-4,
                    -1.633_009_5e-4, 7.153_817e-3, -5.258_177_6e-2, -4.591_767_5e-1, -1.151_108_6,
                ]) * a
        let n = (power + rounder) - rounder
        let y = polynomial(
            power - n,
            [
                7.676_681e-5, 6.699_437_4e-4, 4.809_218_5e-3, 2.775_166_2e-2, 1.201_132_4e-1, 3.465_735_9e-1,
                0.5,
            ])
        return y * Float(sign: .plus, exponent: Int(n), significand: 1)
    }

    private static func magnitude(_ x: Float) -> Float { x.magnitude > 12.5 ? 12.5 : x.magnitude }

    public static func gelu(_ x: Float) -> Float {
        let a = magnitude(x)
        return relu(x).addingProduct(0 - a, normalTail(a))
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
        let a = magnitude(x)
        let tail = normalTail(a)
        let density = exp(a * a * -0.5) * 0.398_942_3
        return dy * (x < 0 ? tail : 1 - tail).addingProduct(x < 0 ? 0 - a : a, density)
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
