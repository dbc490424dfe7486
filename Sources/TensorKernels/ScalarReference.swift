/// The kernels' meaning, one element at a time, in the declared order. Slow;
/// tests hold every level to these bits.
public enum ScalarReference {
    /// c = a b for a of m x k and b of k x n given by their strides: a left
    /// fold over blocks of p, each an fma chain from zero.
    public static func product(
        _ a: [Float], _ b: [Float], m: Int, n: Int, k: Int, aRow: Int, aColumn: Int, bRow: Int, bColumn: Int,
        onto c: [Float]? = nil, block: Int = 256
    ) -> [Float] {
        var out = c ?? [Float](repeating: 0, count: m * n)
        for i in 0..<m {
            for j in 0..<n {
                for start in stride(from: 0, to: k, by: block) {
                    var chain: Float = 0
                    for p in start..<Swift.min(start + block, k) {
                        chain.addProduct(a[i * aRow + p * aColumn], b[p * bRow + j * bColumn])
                    }
                    out[i * n + j] = start == 0 && c == nil ? chain : out[i * n + j] + chain
                }
            }
        }
        return out
    }

    public static func exp(_ input: Float) -> Float {
        if input != input { return input }
        let x: Float = input < -104 ? -104 : input > 89 ? 89 : input
        let rounder: Float = 12_582_912
        let n = rounder.addingProduct(x, 1.442_695) - rounder
        var r = x.addingProduct(n, -0.693_359_375)
        r = r.addingProduct(n, 2.121_944_4e-4)
        var y: Float = 1.987_569_1e-4
        for factor in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] as [Float] {
            y = factor.addingProduct(y, r)
        }
        y = r.addingProduct(y, r * r) + 1
        let whole = Int(n)
        let half = whole >> 1
        return y * Float(sign: .plus, exponent: half, significand: 1)
            * Float(sign: .plus, exponent: whole - half, significand: 1)
    }

    public static func log(_ input: Float) -> Float {
        if input != input || input == .infinity { return input }
        if input < 0 { return .nan }
        if input == 0 { return -.infinity }
        var e = Float(input.exponent + 1)
        var m = input.significand / 2
        if m < 0.707_106_77 {
            e -= 1
            m += m
        }
        m -= 1
        let z = m * m
        var y: Float = 7.037_683_6e-2
        for factor in [
            -1.151_461e-1, 1.167_699_9e-1, -1.242_014_1e-1, 1.424_932_3e-1, -1.666_805_8e-1, 2.000_071_5e-1,
            -2.499_999_4e-1, 3.333_333_1e-1,
        ] as [Float] {
            y = factor.addingProduct(y, m)
        }
        y = y * m * z
        y = y.addingProduct(e, -2.121_944_4e-4)
        y = y.addingProduct(z, -0.5)
        return (m + y).addingProduct(e, 0.693_359_375)
    }

    public static func sum(_ x: [Float]) -> Float { rowSum(x.count) { $0 += x[$1] } }

    public static func dot(_ x: [Float], _ y: [Float]) -> Float {
        rowSum(x.count) { $0.addProduct(x[$1], y[$1]) }
    }

    /// The order of every sum over lanes: of each whole block of 64 elements sixteen
    /// go to each of four chains of sixteen lanes, what is behind the last whole
    /// block goes to the first. `step` adds an element to a lane.
    static func rowSum(_ count: Int, _ step: (inout Float, Int) -> Void) -> Float {
        var lanes = [Float](repeating: 0, count: 64)
        let blocks = count / 64 * 64
        for i in 0..<count { step(&lanes[i < blocks ? i % 64 : i % 16], i) }
        return fold((0..<16).map { (lanes[$0] + lanes[$0 + 16]) + (lanes[$0 + 32] + lanes[$0 + 48]) })
    }

    /// Halves onto halves.
    private static func fold(_ lanes: [Float]) -> Float {
        var lanes = lanes
        var half = lanes.count / 2
        while half > 0 {
            for i in 0..<half { lanes[i] += lanes[i + half] }
            half /= 2
        }
        return lanes[0]
    }
}
