import CTensorKernels
import Glibc
import TensorKernels
import Testing

/// Losses and their derivatives: bit for bit against their meaning, and close
/// to what they should be in double precision.
@Suite struct LossTests {
    private static let counts = Array(0...33) + [47, 48, 63, 64, 65, 79, 80, 81, 128, 1001]

    private typealias Kernel = (SluiceKernels, inout [Float], [Float], [Float]) -> Void
    private typealias One = (Float, Float) -> Float

    private static var losses: [(String, Kernel, One)] {
        [
            ("squared", { $0.squaredError(&$1, $2, $3, $2.count) }, ScalarReference.squaredError),
            (
                "squared'", { $0.squaredErrorGradient(&$1, $2, $3, $2.count) },
                ScalarReference.squaredErrorGradient
            ),
            ("absolute", { $0.absoluteError(&$1, $2, $3, $2.count) }, ScalarReference.absoluteError),
            (
                "absolute'", { $0.absoluteErrorGradient(&$1, $2, $3, $2.count) },
                ScalarReference.absoluteErrorGradient
            ),
            (
                "huber", { $0.huber(&$1, $2, $3, 1.5, $2.count) },
                { ScalarReference.huber($0, $1, delta: 1.5) }
            ),
            (
                "huber'", { $0.huberGradient(&$1, $2, $3, 1.5, $2.count) },
                { ScalarReference.huberGradient($0, $1, delta: 1.5) }
            ),
            (
                "quantile", { $0.quantile(&$1, $2, $3, 0.3, $2.count) },
                { ScalarReference.quantile($0, $1, q: 0.3) }
            ),
            (
                "quantile'", { $0.quantileGradient(&$1, $2, $3, 0.3, $2.count) },
                { ScalarReference.quantileGradient($0, $1, q: 0.3) }
            ),
            ("poisson", { $0.poisson(&$1, $2, $3, $2.count) }, ScalarReference.poisson),
            ("poisson'", { $0.poissonGradient(&$1, $2, $3, $2.count) }, ScalarReference.poissonGradient),
            (
                "binary", { $0.binaryCrossEntropy(&$1, $2, $3, 2.5, $2.count) },
                { ScalarReference.binaryCrossEntropy($0, $1, positiveWeight: 2.5) }
            ),
            (
                "binary'", { $0.binaryCrossEntropyGradient(&$1, $2, $3, 2.5, $2.count) },
                { ScalarReference.binaryCrossEntropyGradient($0, $1, positiveWeight: 2.5) }
            ),
        ]
    }

    private static func focal(_ gamma: Float, _ alpha: Float) -> [(String, Kernel, One)] {
        [
            (
                "focal \(gamma) \(alpha)", { $0.focal(&$1, $2, $3, gamma, alpha, $2.count) },
                { ScalarReference.focal($0, $1, gamma: gamma, alpha: alpha) }
            ),
            (
                "focal' \(gamma) \(alpha)", { $0.focalGradient(&$1, $2, $3, gamma, alpha, $2.count) },
                { ScalarReference.focalGradient($0, $1, gamma: gamma, alpha: alpha) }
            ),
        ]
    }

    private static let special: [Float] = [
        0, -0.0, .nan, .infinity, -.infinity, .leastNonzeroMagnitude, 1.5, -1.5, 86.9, 88.9, -87.5, -103.9,
        104.5,
        -200, 1e30, -3e38, 16.7, -16.9,
    ]

    @Test func lossesHaveTheBitsOfTheReferenceOnEveryLevel() {
        for count in Self.counts {
            var x = numbers(count, seed: 71)
            for (i, value) in Self.special.enumerated() where i < count { x[(i * 7 + count) % count] = value }
            let t = (0..<count).map { i -> Float in
                if i % 3 < 2 { return Float(i % 3) }
                return i % 2 == 0 ? x[i] : Float(i % 8) / 8
            }
            for (name, kernel, one) in Self.losses + Self.focal(2, 0.25) + Self.focal(0, -1)
                + Self.focal(0.5, 0.75)
            {
                let expected = zip(x, t).map { one($0, $1) }
                for level in levels {
                    var y = [Float](repeating: 7, count: count + 1)
                    kernel(level.kernels, &y, x, t)
                    #expect(bits(y) == bits(expected + [7]), "\(level) \(name) \(count)")
                }
            }
        }
    }

    /// Worst difference from `exact`, in units of 2^-24 of it.
    private func worst(_ targets: [Float], _ one: One, _ exact: (Double, Double) -> Double) -> Double {
        var worst = 0.0
        for step in -4000...4000 {
            let x = Float(step) * 0.0205
            for t in targets {
                let wanted = exact(Double(x), Double(t))
                // Below that a single-precision number has fewer digits.
                guard abs(wanted) > 1e-37 else { continue }
                worst = max(worst, abs(Double(one(x, t)) - wanted) / abs(wanted) * 0x1p24)
            }
        }
        return worst
    }

    /// log s(x) and s(x).
    private static func logLogistic(_ x: Double) -> Double { min(x, 0) - log1p(Glibc.exp(-abs(x))) }

    private static func logistic(_ x: Double) -> Double { Glibc.exp(logLogistic(x)) }

    @Test func binaryLossesAreCloseHoweverLargeTheLogits() {
        let binary = worst([0, 1]) {
            ScalarReference.binaryCrossEntropy($0, $1, positiveWeight: 2.5)
        } _: { x, t in
            t == 1 ? -2.5 * Self.logLogistic(x) : -Self.logLogistic(-x)
        }
        let slope = worst([0, 1]) {
            ScalarReference.binaryCrossEntropyGradient($0, $1, positiveWeight: 2.5)
        } _: { x, t in
            t == 1 ? -2.5 * Self.logistic(-x) : Self.logistic(x)
        }
        #expect(binary < 7, "loss \(binary)")
        #expect(slope < 7, "slope \(slope)")
        let limits: [(x: Float, t: Float, loss: Float)] = [
            (.infinity, 1, 0), (-.infinity, 0, 0), (.infinity, 0, .infinity), (-.infinity, 1, .infinity),
        ]
        for weight in [1, 2.5] as [Float] {
            for (x, t, loss) in limits {
                #expect(ScalarReference.binaryCrossEntropy(x, t, positiveWeight: weight) == loss)
                #expect(ScalarReference.focal(x, t, gamma: 2, alpha: 0.25) == loss)
            }
        }
    }

    @Test func focalLossIsClose() {
        let loss = worst([0, 1]) {
            ScalarReference.focal($0, $1, gamma: 2, alpha: 0.25)
        } _: { x, t in
            let z = t == 1 ? x : -x
            return (t == 1 ? -0.25 : -0.75) * Self.logLogistic(z) * Glibc.pow(Self.logistic(-z), 2)
        }
        // The power takes gamma times the logarithm's error, which is up to 82 * 2^-24.
        #expect(loss < 200, "\(loss)")
        var apart = 0.0
        for step in -2000...2000 {
            let x = Float(step) * 0.01
            for t in [0, 0.3, 1] as [Float] {
                func exact(_ x: Double) -> Double {
                    let t = Double(t)
                    let loss = -t * Self.logLogistic(x) - (1 - t) * Self.logLogistic(-x)
                    let m = (1 - t) * Self.logistic(x) + t * Self.logistic(-x)
                    return (0.25 * t + 0.75 * (1 - t)) * loss * Glibc.pow(m, 1.5)
                }
                let slope = (exact(Double(x) + 1e-5) - exact(Double(x) - 1e-5)) / 2e-5
                let ours = ScalarReference.focalGradient(x, t, gamma: 1.5, alpha: 0.25)
                apart = max(apart, abs(Double(ours) - slope))
            }
        }
        #expect(apart < 2e-6, "\(apart)")
    }

    @Test func crossEntropyOfRowsHasTheBitsOfTheReferenceOnEveryLevel() {
        for columns in Self.counts where columns > 0 {
            for smoothing in [0, 0.1] as [Float] {
                checkRows(columns, smoothing, nil)
                checkRows(columns, smoothing, numbers(columns, seed: 73).map(\.magnitude))
            }
        }
    }

    private func checkRows(_ columns: Int, _ smoothing: Float, _ weights: [Float]?) {
        let rows = 4
        var x = numbers(rows * columns, seed: 74)
        x[columns / 2] = -.infinity
        x[columns + columns / 3] = .nan
        let labels = (0..<rows).map { Int32($0 * 7 % columns) }
        let scales = numbers(rows, seed: 75)
        let lines = (0..<rows).map { Array(x[$0 * columns..<($0 + 1) * columns]) }
        let losses = (0..<rows).map {
            ScalarReference.crossEntropyRow(
                lines[$0], label: Int(labels[$0]), weights: weights, smoothing: smoothing)
        }
        let slopes = (0..<rows).flatMap {
            ScalarReference.crossEntropyRowGradient(
                lines[$0], label: Int(labels[$0]), weights: weights, smoothing: smoothing, scale: scales[$0])
        }
        for level in levels {
            func ours(_ weights: UnsafePointer<Float>?) {
                var y = [Float](repeating: 7, count: rows + 1)
                level.kernels.crossEntropyRows(&y, x, labels, weights, smoothing, rows, columns)
                #expect(bits(y) == bits(losses + [7]), "\(level) \(columns) \(smoothing)")
                var dx = [Float](repeating: 7, count: x.count + 1)
                level.kernels.crossEntropyRowsGradient(
                    &dx, x, labels, weights, smoothing, scales, rows, columns)
                #expect(bits(dx) == bits(slopes + [7]), "\(level) \(columns) \(smoothing)")
            }
            if let weights { weights.withUnsafeBufferPointer { ours($0.baseAddress) } } else { ours(nil) }
        }
    }
}
