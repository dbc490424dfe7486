/// Linear regression whose penalty is learned from the data.
///
/// Meaning: scikit-learn's BayesianRidge with its defaults.
///
/// Source: MacKay, "Bayesian interpolation", Neural Computation 4 (1992); Tipping, "Sparse Bayesian learning and the
/// relevance vector machine", Journal of Machine Learning Research 1 (2001).
struct BayesianRidge: Sendable, Equatable {
    let coefficients: [Double]
    let intercept: Double

    init(coefficients: [Double], intercept: Double) {
        self.coefficients = coefficients
        self.intercept = intercept
    }

    /// Shape and rate of the Gamma distributions that both precisions are expected to have.
    private static let prior = 1e-6
    private static let tolerance = 1e-3
    private static let iterations = 300

    /// - Parameters:
    ///   - x: N x C, row by row.
    ///   - y: N targets.
    /// - Throws: `tooLarge`.
    /// - Precondition: There is a row; all is finite.
    /// - Complexity: O(N C^2 + C^3 + iterations x N C).
    init(fitting x: [Double], _ y: [Double]) throws(EstimatorError) {
        let rows = y.count
        let columns = x.count / rows
        let center = ColumnMeans.of(x, columns: columns)
        let level = y.reduce(0, +) / Double(rows)
        var shifted = x
        for row in 0..<rows {
            for column in 0..<columns { shifted[row * columns + column] -= center[column] }
        }
        let target = y.map { $0 - level }
        let parts = SingularValues(rows: rows, columns: columns) { shifted[$0 * columns + $1] }
        let squares = parts.values.map { $0 * $0 }
        var products = [Double](repeating: 0, count: columns)
        shifted.withUnsafeBufferPointer { shifted in
            for row in 0..<rows {
                Vectors.add(target[row], shifted.baseAddress! + row * columns, to: &products, columns)
            }
        }
        // The target's part in the direction of each vector.
        let along = parts.vectors.map { Vectors.dot($0, products, columns) }
        let energy = target.reduce(0) { $0 + $1 * $1 }
        guard squares.allSatisfy(\.isFinite), along.allSatisfy(\.isFinite), energy.isFinite else {
            throw .tooLarge
        }
        /// With their sum of squared residuals.
        func weights(_ ratio: Double) -> ([Double], Double) {
            var weights = [Double](repeating: 0, count: columns)
            for (part, vector) in parts.vectors.enumerated() where along[part] != 0 {
                Vectors.add(along[part] / (squares[part] + ratio), vector, to: &weights, columns)
            }
            var sum = 0.0
            shifted.withUnsafeBufferPointer { shifted in
                for row in 0..<rows {
                    let rest =
                        target[row] - Vectors.dot(shifted.baseAddress! + row * columns, weights, columns)
                    sum += rest * rest
                }
            }
            return (weights, sum)
        }
        var noise = 1 / (energy / Double(rows) + .ulpOfOne)
        var penalty = 1.0
        var last: [Double]?
        for _ in 0..<Self.iterations {
            let (found, residual) = weights(penalty / noise)
            let effective = squares.reduce(0) { $0 + noise * $1 / (penalty + noise * $1) }
            let length = found.reduce(0) { $0 + $1 * $1 }
            penalty = (effective + 2 * Self.prior) / (length + 2 * Self.prior)
            noise = (Double(rows) - effective + 2 * Self.prior) / (residual + 2 * Self.prior)
            if let last, zip(last, found).reduce(0, { $0 + ($1.0 - $1.1).magnitude }) < Self.tolerance {
                break
            }
            last = found
        }
        let coefficients = weights(penalty / noise).0
        guard coefficients.allSatisfy(\.isFinite) else { throw .tooLarge }
        self.coefficients = coefficients
        intercept = level - Vectors.dot(center, coefficients, columns)
    }

    func callAsFunction(_ row: UnsafePointer<Double>) -> Double {
        Vectors.dot(row, coefficients, coefficients.count) + intercept
    }
}
