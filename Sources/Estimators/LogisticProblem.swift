import TensorKernels

/// The objective of logistic regression and its derivatives; parameters lie
/// output by output, each C coefficients and the intercept.
struct Problem {
    let x: [Double]
    let columns: Int
    let labels: [Int]
    /// C times the class weight, one a row.
    let weights: [Double]
    let outputs: Int

    private func scores(_ theta: [Double], row: Int) -> [Double] {
        (0..<outputs).map { output in
            let base = output * (columns + 1)
            var sum = theta[base + columns]
            for j in 0..<columns { sum += theta[base + j] * x[row * columns + j] }
            return sum
        }
    }

    func loss(_ theta: [Double]) -> Double {
        var sum = 0.0
        for row in labels.indices {
            let z = scores(theta, row: row)
            let top: Double
            let total: Double
            let own: Double
            if outputs == 1 {
                top = z[0] > 0 ? z[0] : 0
                total = Elementary.exp(z[0] - top) + Elementary.exp(-top)
                own = labels[row] == 1 ? z[0] : 0
            } else {
                top = z.reduce(-Double.infinity) { $1 > $0 ? $1 : $0 }
                total = z.reduce(0) { $0 + Elementary.exp($1 - top) }
                own = z[labels[row]]
            }
            sum += weights[row] * (top + Elementary.log(total) - own)
        }
        for i in theta.indices where i % (columns + 1) != columns { sum += theta[i] * theta[i] / 2 }
        return sum
    }

    /// The gradient, and the Hessian's lower triangle.
    func derivatives(_ theta: [Double]) -> (gradient: [Double], hessian: [Double]) {
        let width = columns + 1
        let count = outputs * width
        var gradient = [Double](repeating: 0, count: count)
        var hessian = [Double](repeating: 0, count: count * count)
        var line = [Double](repeating: 1, count: width)
        for row in labels.indices {
            for j in 0..<columns { line[j] = x[row * columns + j] }
            let p = outputProbabilities(scores(theta, row: row))
            for a in 0..<outputs {
                let isOwn = outputs == 1 ? labels[row] == 1 : labels[row] == a
                let residual = weights[row] * (p[a] - (isOwn ? 1 : 0))
                for j in 0..<width { gradient[a * width + j] += residual * line[j] }
                for b in 0...a {
                    let curvature = weights[row] * (a == b ? p[a] * (1 - p[a]) : -p[a] * p[b])
                    hessian.withUnsafeMutableBufferPointer { hessian in
                        line.withUnsafeBufferPointer { line in
                            Self.add(
                                curvature, line, to: hessian.baseAddress! + a * width * count + b * width,
                                stride: count, isDiagonal: a == b)
                        }
                    }
                }
            }
        }
        for i in 0..<count where i % width != columns {
            gradient[i] += theta[i]
            hessian[i * count + i] += 1
        }
        // A common shift of all intercepts changes nothing, so the Hessian is
        // singular there; the gradient has no part in that direction, so a
        // curvature put there moves no step.
        if outputs > 1 {
            for a in 0..<outputs {
                for b in 0...a { hessian[(a * width + columns) * count + b * width + columns] += 1 }
            }
        }
        return (gradient, hessian)
    }
}

extension Problem {
    /// Adds a row's outer product, times its curvature, to a block of the Hessian; of one on the diagonal the lower
    /// triangle.
    private static func add(
        _ curvature: Double, _ line: UnsafeBufferPointer<Double>, to block: UnsafeMutablePointer<Double>,
        stride: Int, isDiagonal: Bool
    ) {
        for j in line.indices {
            let factor = curvature * line[j]
            // One-hot rows are mostly zeros.
            if factor == 0 { continue }
            let place = block + j * stride
            for l in 0..<(isDiagonal ? j + 1 : line.count) { place[l] += factor * line[l] }
        }
    }
}

/// Solves A x = b for a symmetric positive definite A, given by its lower
/// triangle; nil if A is not. O(n^3).
func choleskySolve(_ matrix: [Double], _ b: [Double]) -> [Double]? {
    let n = b.count
    var l = matrix
    for i in 0..<n {
        for j in 0...i {
            var sum = l[i * n + j]
            for k in 0..<j { sum -= l[i * n + k] * l[j * n + k] }
            if i == j {
                guard sum > 0 else { return nil }
                l[i * n + i] = sum.squareRoot()
            } else {
                l[i * n + j] = sum / l[j * n + j]
            }
        }
    }
    var x = b
    for i in 0..<n {
        for k in 0..<i { x[i] -= l[i * n + k] * x[k] }
        x[i] /= l[i * n + i]
    }
    for i in stride(from: n - 1, through: 0, by: -1) {
        for k in (i + 1)..<n { x[i] -= l[k * n + i] * x[k] }
        x[i] /= l[i * n + i]
    }
    return x
}
