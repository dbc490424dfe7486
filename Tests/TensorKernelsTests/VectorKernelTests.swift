import CTensorKernels
import Glibc
import TensorKernels
import Testing

/// Every vector kernel against its meaning, bit for bit on each level.
@Suite struct VectorKernelTests {
    /// Around whole vectors of sixteen and whole blocks of 64.
    private static let counts =
        Array(0...33) + [47, 48, 49, 63, 64, 65, 79, 80, 81, 127, 128, 129, 191, 1001]

    private static let special: [Float] = [
        0, -0.0, .nan, .infinity, -.infinity, 1, -1, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
        .leastNormalMagnitude, Float.leastNormalMagnitude * -0.3, 1e-20, 3e38, -3e38, 9.01, 9.03, -9.02, 12.4,
        12.6, -12.5, -13.2, 87.9,
        88.8, -88.1, -90, -103.9, 1e19, -1e19,
    ]

    /// `count` numbers: the special ones at a place that depends on the count.
    private func mixed(_ count: Int, seed: UInt64) -> [Float] {
        var x = numbers(count, seed: seed)
        for (i, value) in Self.special.enumerated() where i < count { x[(i * 7 + count) % count] = value }
        return x
    }

    private typealias Map = @convention(c) (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int) -> Void
    private typealias Combination =
        @convention(c) (UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int) -> Void
    private typealias ScalarCombination =
        @convention(c) (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Float, Int) -> Void
    private typealias RowCombination =
        @convention(c) (UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int, Int) ->
        Void

    @Test func functionsOfOneElementHaveTheBitsOfTheReferenceOnEveryLevel() {
        let functions: [(String, (SluiceKernels) -> Map, (Float) -> Float)] = [
            ("exp", { $0.exp }, ScalarReference.exp), ("log", { $0.log }, ScalarReference.log),
            ("sigmoid", { $0.sigmoid }, ScalarReference.sigmoid),
            ("tanh", { $0.tanh }, ScalarReference.tanh),
            ("gelu", { $0.gelu }, ScalarReference.gelu),
            ("geluTanh", { $0.geluTanh }, ScalarReference.geluTanh),
            ("silu", { $0.silu }, ScalarReference.silu), ("relu", { $0.relu }, ScalarReference.relu),
        ]
        for count in Self.counts {
            let x = mixed(count, seed: 21)
            for (name, kernel, reference) in functions {
                let expected = bits(x.map(reference))
                for level in levels {
                    let kernel = kernel(level.kernels)
                    var y = [Float](repeating: 7, count: count + 1)
                    kernel(&y, x, count)
                    #expect(bits(Array(y.dropLast())) == expected, "\(level) \(name) \(count)")
                    #expect(y[count] == 7, "\(level) \(name) \(count) writes behind the end")
                    var inPlace = x
                    inPlace.withUnsafeMutableBufferPointer { x in
                        if let base = x.baseAddress { kernel(base, base, count) }
                    }
                    #expect(bits(inPlace) == expected, "\(level) \(name) \(count) in place")
                }
            }
        }
    }

    @Test func gradientsAndArithmeticHaveTheBitsOfTheReferenceOnEveryLevel() {
        let combinations: [(String, (SluiceKernels) -> Combination, (Float, Float) -> Float)] = [
            ("sigmoid", { $0.sigmoidGradient }, ScalarReference.sigmoidGradient),
            ("tanh", { $0.tanhGradient }, ScalarReference.tanhGradient),
            ("gelu", { $0.geluGradient }, ScalarReference.geluGradient),
            ("geluTanh", { $0.geluTanhGradient }, ScalarReference.geluTanhGradient),
            ("silu", { $0.siluGradient }, ScalarReference.siluGradient),
            ("relu", { $0.reluGradient }, ScalarReference.reluGradient),
            ("add", { $0.add }, { $0 + $1 }), ("subtract", { $0.subtract }, { $0 - $1 }),
            ("multiply", { $0.multiply }, { $0 * $1 }), ("divide", { $0.divide }, { $0 / $1 }),
        ]
        for count in Self.counts {
            let a = numbers(count, seed: 22)
            let b = mixed(count, seed: 23)
            for (name, kernel, reference) in combinations {
                let expected = bits(zip(a, b).map { reference($0, $1) })
                for level in levels {
                    var y = [Float](repeating: 7, count: count + 1)
                    kernel(level.kernels)(&y, a, b, count)
                    #expect(bits(Array(y.dropLast())) == expected, "\(level) \(name) \(count)")
                    #expect(y[count] == 7, "\(level) \(name) \(count) writes behind the end")
                }
            }
        }
    }

    @Test func arithmeticWithAScalarOrARowHasTheBitsOfTheReferenceOnEveryLevel() {
        let scalars: [(String, (SluiceKernels) -> ScalarCombination, (Float, Float) -> Float)] = [
            ("addScalar", { $0.addScalar }, { $0 + $1 }), ("scale", { $0.scale }, { $0 * $1 }),
            ("divideByScalar", { $0.divideByScalar }, { $0 / $1 }),
            ("subtractFromScalar", { $0.subtractFromScalar }, { $1 - $0 }),
            ("divideScalar", { $0.divideScalar }, { $1 / $0 }),
        ]
        let rows: [(String, (SluiceKernels) -> RowCombination, (Float, Float) -> Float)] = [
            ("addRow", { $0.addRow }, { $0 + $1 }), ("subtractRow", { $0.subtractRow }, { $0 - $1 }),
            ("multiplyRow", { $0.multiplyRow }, { $0 * $1 }), ("divideRow", { $0.divideRow }, { $0 / $1 }),
        ]
        for count in Self.counts {
            let a = mixed(3 * count, seed: 24)
            let b = mixed(count, seed: 25)
            for level in levels {
                for (name, kernel, reference) in scalars {
                    var y = [Float](repeating: 7, count: a.count)
                    kernel(level.kernels)(&y, a, 0.3, a.count)
                    #expect(bits(y) == bits(a.map { reference($0, 0.3) }), "\(level) \(name) \(a.count)")
                }
                for (name, kernel, reference) in rows {
                    var y = [Float](repeating: 7, count: a.count)
                    kernel(level.kernels)(&y, a, b, 3, count)
                    let expected = a.indices.map { reference(a[$0], b[$0 % count]) }
                    #expect(bits(y) == bits(expected), "\(level) \(name) 3x\(count)")
                }
            }
        }
    }

    /// What is long enough goes past the caches, by another loop.
    @Test func longStreamsHaveTheBitsOfTheReferenceOnEveryLevel() {
        let count = (1 << 20) + 37
        let (rows, columns) = (1025, 1024)
        let pattern = mixed(997, seed: 26)
        let storage = UnsafeMutableRawPointer.allocate(byteCount: 4 * rows * columns, alignment: 64)
        defer { storage.deallocate() }
        let y = storage.bindMemory(to: Float.self, capacity: rows * columns)
        func result(_ count: Int) -> [Float] { Array(UnsafeBufferPointer(start: y, count: count)) }
        let x = (0..<rows * columns).map { pattern[$0 % 997] }
        let finite = x.map { $0.magnitude < 1e6 ? $0 : 1 }
        let sums = bits(x.map { $0 + $0 })
        let values = pattern.map(ScalarReference.gelu)
        let gradients = pattern.map { ScalarReference.reluGradient($0, $0) }
        let gamma = numbers(columns, seed: 27)
        let lines = (0..<rows).map { Array(finite[$0 * columns..<($0 + 1) * columns]) }
        let normalised = lines.map {
            ScalarReference.layerNorm($0, gamma: gamma, beta: gamma, epsilon: 1e-5)
        }
        let parts = lines.flatMap(ScalarReference.softmax)
        for level in levels {
            let table = level.kernels
            table.gelu(y, x, count)
            #expect(bits(result(count)) == bits((0..<count).map { values[$0 % 997] }), "\(level) gelu")
            table.reluGradient(y, x, x, count)
            #expect(bits(result(count)) == bits((0..<count).map { gradients[$0 % 997] }), "\(level) relu")
            table.add(y, x, x, count)
            #expect(bits(result(count)) == sums[0..<count], "\(level) add")
            table.softmax(y, finite, rows, columns)
            #expect(bits(result(rows * columns)) == bits(parts), "\(level) softmax")
            var (means, reciprocals) = (
                [Float](repeating: 0, count: rows), [Float](repeating: 0, count: rows)
            )
            table.layerNorm(y, &means, &reciprocals, finite, gamma, gamma, rows, columns, 1e-5)
            #expect(bits(result(rows * columns)) == bits(normalised.flatMap(\.y)), "\(level) layerNorm")
        }
    }

    @Test func rowKernelsHaveTheBitsOfTheReferenceOnEveryLevel() {
        for columns in Self.counts where columns > 0 {
            let rows = 5
            var x = numbers(rows * columns, seed: 28)
            let dy = numbers(rows * columns, seed: 29)
            // One row of each kind that is not finite, and one that underflows.
            x[columns / 2] = -.infinity
            x[columns + columns / 3] = .infinity
            x[2 * columns + columns / 4] = .nan
            if columns > 1 { x[3 * columns] = 300 }
            let lines = (0..<rows).map { Array(x[$0 * columns..<($0 + 1) * columns]) }
            let slopes = (0..<rows).map { Array(dy[$0 * columns..<($0 + 1) * columns]) }
            let soft = lines.map(ScalarReference.softmax)
            let logs = lines.map(ScalarReference.logSoftmax)
            for level in levels {
                let table = level.kernels
                func check(_ name: String, _ expected: [[Float]], _ kernel: (inout [Float]) -> Void) {
                    var y = [Float](repeating: 7, count: x.count + 1)
                    kernel(&y)
                    #expect(
                        bits(Array(y.dropLast())) == bits(expected.flatMap(\.self)),
                        "\(level) \(name) \(columns)")
                    #expect(y.last == 7, "\(level) \(name) \(columns) writes behind the end")
                }
                check("softmax", soft) { table.softmax(&$0, x, rows, columns) }
                check("logSoftmax", logs) { table.logSoftmax(&$0, x, rows, columns) }
                check("softmax in place", soft) { y in
                    y.replaceSubrange(0..<x.count, with: x)
                    y.withUnsafeMutableBufferPointer {
                        table.softmax($0.baseAddress!, $0.baseAddress!, rows, columns)
                    }
                }
                check("softmaxGradient", zip(slopes, lines).map { ScalarReference.softmaxGradient($0, $1) }) {
                    table.softmaxGradient(&$0, dy, x, rows, columns)
                }
                check(
                    "logSoftmaxGradient", zip(slopes, logs).map { ScalarReference.logSoftmaxGradient($0, $1) }
                ) {
                    table.logSoftmaxGradient(&$0, dy, logs.flatMap(\.self), rows, columns)
                }
            }
        }
    }

    @Test func layerNormHasTheBitsOfTheReferenceOnEveryLevel() {
        for columns in Self.counts where columns > 0 {
            let rows = 5
            var x = numbers(rows * columns, seed: 31)
            x[columns / 2] = Float.leastNormalMagnitude / 4
            x[columns] = .nan
            // Its mean is infinite.
            for column in 0..<columns { x[4 * columns + column] = 3e38 }
            let dy = numbers(rows * columns, seed: 32)
            let gamma = numbers(columns, seed: 33)
            let beta = numbers(columns, seed: 34)
            let lines = (0..<rows).map { Array(x[$0 * columns..<($0 + 1) * columns]) }
            let expected = lines.map {
                ScalarReference.layerNorm($0, gamma: gamma, beta: beta, epsilon: 1e-5)
            }
            let gradients = (0..<rows).map {
                ScalarReference.layerNormGradient(
                    Array(dy[$0 * columns..<($0 + 1) * columns]), lines[$0], mean: expected[$0].mean,
                    reciprocal: expected[$0].reciprocal, gamma: gamma)
            }
            for level in levels {
                let table = level.kernels
                var y = [Float](repeating: 7, count: x.count + 1)
                var means = [Float](repeating: 7, count: rows)
                var reciprocals = means
                table.layerNorm(&y, &means, &reciprocals, x, gamma, beta, rows, columns, 1e-5)
                #expect(bits(y) == bits(expected.flatMap(\.y) + [7]), "\(level) \(columns)")
                #expect(bits(means) == bits(expected.map(\.mean)), "\(level) \(columns)")
                #expect(bits(reciprocals) == bits(expected.map(\.reciprocal)), "\(level) \(columns)")
                table.layerNormGradient(&y, dy, x, means, reciprocals, gamma, rows, columns)
                #expect(bits(y) == bits(gradients.flatMap(\.self) + [7]), "\(level) \(columns)")
            }
        }
    }

    @Test func sumsOverRowsFoldLeavesOfTheSegmentOnEveryLevel() {
        for columns in Self.counts {
            for (rows, segment) in [(0, 0), (1, 0), (7, 0), (7, 1), (7, 3), (8, 4), (8, 8), (8, 9)] {
                let x = mixed(rows * columns, seed: 35)
                let dy = numbers(rows * columns, seed: 36)
                let means = numbers(rows, seed: 37)
                let reciprocals = numbers(rows, seed: 38)
                let expected = ScalarReference.sumRows(x, rows: rows, columns: columns, segment: segment)
                let gradients = ScalarReference.layerNormParameterGradient(
                    dy, x, means: means, reciprocals: reciprocals, columns: columns, segment: segment)
                for level in levels {
                    let table = level.kernels
                    var y = [Float](repeating: 7, count: columns + 1)
                    table.sumRows(&y, x, rows, columns, segment)
                    #expect(bits(y) == bits(expected + [7]), "\(level) \(rows)x\(columns) \(segment)")
                    var beta = y
                    table.layerNormParameterGradient(
                        &y, &beta, dy, x, means, reciprocals, rows, columns, segment)
                    #expect(bits(y) == bits(gradients.gamma + [7]), "\(level) \(rows)x\(columns) \(segment)")
                    #expect(
                        bits(beta) == bits(gradients.beta + [7]), "\(level) \(rows)x\(columns) \(segment)")
                }
            }
        }
    }

    @Test func updatesHaveTheBitsOfTheReferenceOnEveryLevel() {
        for count in Self.counts {
            // Where weight and gradient are zero a second moment decays below the normal range.
            let w = numbers(count, seed: 41).enumerated().map { $0.offset % 3 == 0 ? 0 : $0.element }
            let g = mixed(count, seed: 42).enumerated().map { $0.offset % 6 == 0 ? 0 : $0.element }
            let m = numbers(count, seed: 43)
            let v = numbers(count, seed: 44).map { $0 * $0 * 1e-37 }
            let all = 0..<count
            let adam = all.map {
                ScalarReference.adam(
                    w[$0], m[$0], v[$0], g[$0], rate: 0.003, beta1: 0.9, beta2: 0.999, epsilon: 1e-8,
                    decay: 0.01, c1: 10, c2: 1000)
            }
            let rms = all.map {
                ScalarReference.rmsProp(
                    w[$0], v[$0], g[$0], rate: 0.003, beta: 0.99, epsilon: 1e-8, decay: 0.01)
            }
            let sgd = all.map { ScalarReference.sgd(w[$0], g[$0], rate: 0.1, decay: 0.01) }
            for level in levels {
                let table = level.kernels
                var (w1, m1, v1) = (w, m, v)
                table.adam(&w1, &m1, &v1, g, count, 0.003, 0.9, 0.999, 1e-8, 0.01, 10, 1000)
                #expect(bits(w1) == bits(adam.map { $0.0 }), "\(level) \(count)")
                #expect(bits(m1) == bits(adam.map { $0.1 }), "\(level) \(count)")
                #expect(bits(v1) == bits(adam.map { $0.2 }), "\(level) \(count)")
                (w1, v1) = (w, v)
                table.rmsProp(&w1, &v1, g, count, 0.003, 0.99, 1e-8, 0.01)
                #expect(bits(w1) == bits(rms.map { $0.0 }), "\(level) \(count)")
                #expect(bits(v1) == bits(rms.map { $0.1 }), "\(level) \(count)")
                w1 = w
                table.sgd(&w1, g, count, 0.1, 0.01)
                #expect(bits(w1) == bits(sgd), "\(level) \(count)")
                for nesterov in [false, true] {
                    let expected = all.map {
                        ScalarReference.momentum(
                            w[$0], m[$0], g[$0], rate: 0.1, momentum: 0.9, decay: 0.01, nesterov: nesterov)
                    }
                    (w1, m1) = (w, m)
                    table.momentum(&w1, &m1, g, count, 0.1, 0.9, 0.01, nesterov ? 1 : 0)
                    #expect(bits(w1) == bits(expected.map { $0.0 }), "\(level) \(count) \(nesterov)")
                    #expect(bits(m1) == bits(expected.map { $0.1 }), "\(level) \(count) \(nesterov)")
                }
            }
        }
    }
}
