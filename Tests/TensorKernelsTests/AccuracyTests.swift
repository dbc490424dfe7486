import Glibc
import TensorKernels
import Testing

/// The error bounds that the kernels state, against glibc's double as the
/// oracle. The reference has the bits of every level (VectorKernelTests).
@Suite struct AccuracyTests {
    /// The largest error over a range, in units of the exact result's last place
    /// and absolute.
    private func worst(
        _ range: ClosedRange<Double>, _ function: (Float) -> Float, _ exact: (Double) -> Double
    ) -> (ulp: Double, absolute: Double) {
        var (ulp, absolute) = (0.0, 0.0)
        let steps = 100_003
        for step in 0...steps {
            let width = range.upperBound - range.lowerBound
            let x = Float(range.lowerBound + width * Double(step) / Double(steps))
            let wanted = exact(Double(x))
            let error = abs(Double(function(x)) - wanted)
            absolute = max(absolute, error)
            if abs(wanted) >= Double(Float.leastNormalMagnitude) {
                ulp = max(ulp, error / Double(Float(wanted).ulp))
            }
        }
        return (ulp, absolute)
    }

    @Test func tanhStaysWithinOnePointThreeUlp() {
        for range in [-12.0...(-0.5), -0.5...0.5, 0.5...12, 1e-6...1e-3] {
            let (ulp, absolute) = worst(range, ScalarReference.tanh, Glibc.tanh)
            #expect(ulp < 1.3, "\(range) \(ulp)")
            #expect(absolute < 7.7e-8, "\(range) \(absolute)")
            #expect(ulp > 0.4, "no oracle: \(ulp)")
        }
        #expect(ScalarReference.tanh(.infinity) == 1 && ScalarReference.tanh(-.infinity) == -1)
        #expect(ScalarReference.tanh(.leastNonzeroMagnitude) == .leastNonzeroMagnitude)
        #expect(ScalarReference.tanh(-0.0).sign == .minus && ScalarReference.tanh(.nan).isNaN)
        for step in 0..<100_000 { #expect(ScalarReference.tanh(Float(step) * 1e-4) <= 1) }
    }

    @Test func sigmoidAndSiluStayWithinThreeUlp() {
        let sigmoid = worst(-80...80, ScalarReference.sigmoid) { 1 / (1 + Glibc.exp(-$0)) }
        #expect(sigmoid.ulp < 3 && sigmoid.ulp > 0.4, "\(sigmoid)")
        let silu = worst(-80...80, ScalarReference.silu) { $0 / (1 + Glibc.exp(-$0)) }
        #expect(silu.ulp < 3 && silu.ulp > 0.4, "\(silu)")
        let tail = worst(-110...(-80), ScalarReference.silu) { $0 / (1 + Glibc.exp(-$0)) }
        #expect(tail.absolute < 3e-37, "\(tail)")
    }

    private func distribution(_ x: Double) -> Double { 0.5 * Glibc.erfc(-x / 2.0.squareRoot()) }

    private func density(_ x: Double) -> Double { Glibc.exp(-0.5 * x * x) / (2 * Double.pi).squareRoot() }

    @Test func geluStaysWithinItsBounds() {
        for (range, bound) in [(0.0...20.0, 2.1), (-1.0...0.0, 2.7), (-2.0...(-1.0), 8.0)] {
            let error = worst(range, ScalarReference.gelu) { $0 * distribution($0) }
            #expect(error.ulp < bound, "\(range) \(error)")
            #expect(error.ulp > 0.4, "no oracle: \(error)")
        }
        let tail = worst(-30...(-2), ScalarReference.gelu) { $0 * distribution($0) }
        #expect(tail.absolute < 2.2e-8, "\(tail)")
        #expect(ScalarReference.gelu(.infinity) == .infinity && abs(ScalarReference.gelu(-.infinity)) < 1e-33)
        let slope = worst(
            -30...30, { ScalarReference.geluGradient(1, $0) }, { distribution($0) + $0 * density($0) })
        #expect(slope.absolute < 2e-7, "\(slope)")
    }

    @Test func geluTanhStaysWithinItsBounds() {
        let factor = (8 / Double.pi).squareRoot()
        func logistic(_ x: Double) -> Double {
            1 / (1 + Glibc.exp(-factor * (x + 0.044715 * x * x * x)))
        }
        let near = worst(-1...20, ScalarReference.geluTanh) { $0 * logistic($0) }
        #expect(near.ulp < 4 && near.ulp > 0.4, "\(near)")
        let tail = worst(-13...(-1), ScalarReference.geluTanh) { $0 * logistic($0) }
        #expect(tail.absolute < 2e-7, "\(tail)")
        let slope = worst(
            -20...20, { ScalarReference.geluTanhGradient(1, $0) },
            {
                let s = logistic($0)
                return s + $0 * s * (1 - s) * factor * (1 + 3 * 0.044715 * $0 * $0)
            })
        #expect(slope.absolute < 6e-7, "\(slope)")
        let silu = worst(
            -90...90, { ScalarReference.siluGradient(1, $0) },
            {
                let s = 1 / (1 + Glibc.exp(-$0))
                return s + $0 * s * (1 - s)
            })
        #expect(silu.absolute < 4e-7, "\(silu)")
    }

    /// Against double, with a mean that is large beside the deviation.
    @Test func layerNormStaysCloseToDouble() {
        for columns in [7, 64, 1000] {
            let x = numbers(columns, seed: 51).map { $0 + 50 }
            let one = [Float](repeating: 1, count: columns)
            let zero = [Float](repeating: 0, count: columns)
            let y = ScalarReference.layerNorm(x, gamma: one, beta: zero, epsilon: 1e-5).y
            let mean = x.reduce(0.0) { $0 + Double($1) } / Double(columns)
            let variance = x.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(columns)
            for (a, b) in zip(x, y) {
                #expect(abs((Double(a) - mean) / (variance + 1e-5).squareRoot() - Double(b)) < 3e-6)
            }
        }
    }
}
