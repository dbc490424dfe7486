import CTensorKernels
import Glibc
import TensorKernels
import Testing

/// Attention and its gradients against their meaning, bit for bit on each level.
@Suite struct AttentionTests {
    private struct Shape: CustomStringConvertible {
        var queries, keys, depth: Int
        var isCausal = false
        /// Every how many keys one is left out; 0: there is no mask.
        var masked = 0
        /// Floats between rows beyond their elements.
        var gap = 0

        var description: String {
            "\(queries)x\(keys)x\(depth) causal \(isCausal) masked \(masked) gap \(gap)"
        }
    }

    private func operands(_ shape: Shape) -> ScalarReference.Attention {
        // Every key of the first block is left out if every one is.
        let mask = shape.masked == 0 ? nil : (0..<shape.keys).map { $0 >= 70 || $0 % shape.masked != 0 }
        return ScalarReference.Attention(
            q: numbers(shape.queries * shape.depth, seed: 81).map { $0 / 16 },
            k: numbers(shape.keys * shape.depth, seed: 82).map { $0 / 16 },
            v: numbers(shape.keys * shape.depth, seed: 83), depth: shape.depth,
            scale: 1 / Float(shape.depth).squareRoot(), isCausal: shape.isCausal, mask: mask)
    }

    /// Rows with `gap` floats of 7 behind each.
    private func spread(_ x: [Float], _ depth: Int, _ gap: Int) -> [Float] {
        stride(from: 0, to: x.count, by: depth).flatMap {
            x[$0..<$0 + depth] + [Float](repeating: 7, count: gap)
        }
    }

    private func check(
        _ shape: Shape, _ it: ScalarReference.Attention, slope: (place: Int, value: Float)? = nil
    ) {
        let (y, logSums) = ScalarReference.attention(it)
        var dy = numbers(y.count, seed: 84)
        if let slope { dy[slope.place % dy.count] = slope.value }
        let gradient = ScalarReference.attentionGradient(it, dy: dy, y: y, logSums: logSums)
        func rows(_ x: [Float]) -> [Float] { spread(x, shape.depth, shape.gap) }
        let step = shape.depth + shape.gap
        let mask = it.mask.map { $0.map { $0 ? UInt8(1) : 0 } }
        for level in levels {
            let table = level.kernels
            var memory = [rows(it.q), rows(it.k), rows(it.v), rows(dy)]
            memory += [y, it.q, it.k, it.v].map { rows($0.map { _ in 7 }) }
            memory += [logSums.map { _ in 7 }, logSums.map { _ in 7 }]
            let places = memory.map { part in
                let place = UnsafeMutablePointer<Float>.allocate(capacity: part.count + 1)
                place.initialize(from: part + [7], count: part.count + 1)
                return place
            }
            let workspace = UnsafeMutablePointer<Float>.allocate(capacity: table.attentionWorkspace)
            workspace.initialize(repeating: .nan, count: table.attentionWorkspace)
            defer { for place in places + [workspace] { place.deallocate() } }
            func ours(_ mask: UnsafePointer<UInt8>?) {
                var attention = SluiceAttention(
                    queries: shape.queries, keys: shape.keys, depth: shape.depth, q: places[0], qRow: step,
                    k: places[1], kRow: step, v: places[2], vRow: step, y: places[4], yRow: step,
                    logSums: places[8], scale: it.scale, causal: shape.isCausal ? 1 : 0, mask: mask,
                    dy: places[3], dyRow: step, dots: places[9], dq: places[5], dqRow: step, dk: places[6],
                    dkRow: step, dv: places[7], dvRow: step, workspace: workspace)
                // In two calls, as by two threads.
                table.attention(&attention, 0, shape.queries / 3)
                table.attention(&attention, shape.queries / 3, shape.queries)
                table.attentionGradients(&attention)
            }
            if let mask { mask.withUnsafeBufferPointer { ours($0.baseAddress) } } else { ours(nil) }
            func expect(_ name: String, _ place: Int, _ expected: [Float]) {
                let result = Array(UnsafeBufferPointer(start: places[place], count: expected.count + 1))
                #expect(bits(result) == bits(expected + [7]), "\(level) \(name) \(shape)")
            }
            expect("y", 4, rows(y))
            expect("logSums", 8, logSums)
            expect("dq", 5, rows(gradient.q))
            expect("dk", 6, rows(gradient.k))
            expect("dv", 7, rows(gradient.v))
        }
    }

    @Test func attentionHasTheBitsOfTheReferenceOnEveryLevel() {
        for (queries, keys) in [
            (0, 3), (3, 0), (1, 1), (3, 5), (16, 15), (17, 33), (31, 64), (64, 63), (65, 65), (130, 129),
        ] {
            for depth in [1, 7, 16, 33, 64] {
                for isCausal in [false, true] {
                    for masked in [0, 1, 3] {
                        let shape = Shape(
                            queries: queries, keys: keys, depth: depth, isCausal: isCausal, masked: masked,
                            gap: depth % 3)
                        check(shape, operands(shape))
                    }
                }
            }
        }
    }

    @Test func deepAndLongAttentionHasTheBitsOfTheReferenceOnEveryLevel() {
        for shape in [
            Shape(queries: 70, keys: 70, depth: 255), Shape(queries: 9, keys: 20, depth: 256),
            Shape(queries: 700, keys: 100, depth: 2, isCausal: true), Shape(queries: 600, keys: 70, depth: 3),
        ] {
            check(shape, operands(shape))
        }
    }

    @Test func whatIsNotFiniteHasTheBitsOfTheReferenceOnEveryLevel() {
        for (place, value) in [(0, Float.nan), (35, .infinity), (190, -.infinity), (190, 3e38), (100, 1e30)] {
            let shape = Shape(queries: 67, keys: 66, depth: 3)
            var it = operands(shape)
            it.q[place % it.q.count] = value
            check(shape, it)
            it = operands(shape)
            it.k[place % it.k.count] = value
            check(shape, it)
            it = operands(shape)
            it.v[place % it.v.count] = value
            check(shape, it)
            check(shape, operands(shape), slope: (place, value))
            // Every score of the query is minus infinity, or NaN.
            it = operands(shape)
            it.q[3] = value
            it.k = it.k.enumerated().map { $0.offset % 3 == 0 ? -1 : $0.element }
            check(shape, it)
        }
    }

    /// Against the definition in double precision.
    @Test func attentionIsTheSoftmaxOfTheScoresTimesTheValues() {
        let shape = Shape(queries: 150, keys: 150, depth: 16, isCausal: true)
        let it = operands(shape)
        let (y, logSums) = ScalarReference.attention(it)
        var worst = 0.0
        for query in 0..<150 {
            let scores = (0...query).map { key -> Double in
                var score = 0.0
                for c in 0..<16 { score += Double(it.q[query * 16 + c]) * Double(it.k[key * 16 + c]) }
                return score / 4
            }
            let powers = scores.map(Glibc.exp)
            let total = powers.reduce(0, +)
            worst = max(worst, abs(Double(logSums[query]) - Glibc.log(total)))
            for column in 0..<16 {
                let exact = (0...query).reduce(0.0) {
                    $0 + powers[$1] / total * Double(it.v[$1 * 16 + column])
                }
                worst = max(worst, abs(Double(y[query * 16 + column]) - exact) / 128)
            }
        }
        // A score of 30 is rounded to 1e-6.
        #expect(worst < 5e-6, "\(worst)")
    }

    /// The gradients beside differences of the loss sum of y dy in double precision.
    @Test func gradientsAreThoseOfTheValue() {
        let shape = Shape(queries: 5, keys: 6, depth: 3, isCausal: true, masked: 4)
        let it = operands(shape)
        let (y, logSums) = ScalarReference.attention(it)
        let dy = numbers(y.count, seed: 85)
        let gradient = ScalarReference.attentionGradient(it, dy: dy, y: y, logSums: logSums)
        func loss(_ q: [Double], _ k: [Double], _ v: [Double]) -> Double {
            var loss = 0.0
            for query in 0..<5 {
                let keys = (0..<6).filter { $0 <= query && it.mask?[$0] != false }
                let powers = keys.map { key -> Double in
                    var score = 0.0
                    for c in 0..<3 { score += q[query * 3 + c] * k[key * 3 + c] }
                    return Glibc.exp(Double(it.scale) * score)
                }
                let total = powers.reduce(0, +)
                for (key, power) in zip(keys, powers) {
                    let part = power / total
                    for c in 0..<3 { loss += Double(dy[query * 3 + c]) * part * v[key * 3 + c] }
                }
            }
            return loss
        }
        let operands = [it.q, it.k, it.v].map { $0.map(Double.init) }
        for (which, gradient) in [gradient.q, gradient.k, gradient.v].enumerated() {
            for i in gradient.indices {
                var (up, down) = (operands, operands)
                up[which][i] += 1e-5
                down[which][i] -= 1e-5
                let exact = (loss(up[0], up[1], up[2]) - loss(down[0], down[1], down[2])) / 2e-5
                #expect(abs(Double(gradient[i]) - exact) < 1e-3, "\(which) \(i)")
            }
        }
    }
}
