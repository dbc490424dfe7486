import TensorKernels

/// Logistic regression with an L2 penalty, binary or multinomial.
///
/// Minimises `C * sum_i s(y_i) * loss_i + |W|^2 / 2`, intercepts unpenalised
/// (scikit-learn's objective and default C = 1), by Newton's method from zero
/// with step halving. Two classes have one row of coefficients, K > 2 have K.
/// One thread, fixed order: the same input gives the same bits.
///
/// Complexity: O(N P^2) an iteration, P = (C + 1) * rows of coefficients.
public struct LogisticRegression: Sendable, Equatable {
    /// One row of C coefficients an output.
    public var coefficients: [[Double]]
    public var intercepts: [Double]
    public let classes: Int
    public let iterations: Int

    init(coefficients: [[Double]], intercepts: [Double], classes: Int, iterations: Int) {
        self.coefficients = coefficients
        self.intercepts = intercepts
        self.classes = classes
        self.iterations = iterations
    }

    /// - Parameters:
    ///   - x: N x C, row by row.
    ///   - labels: N labels in [0, classes), each present.
    ///   - classWeights: one a class; nil means 1.
    ///   - tolerance: of the gradient's Euclidean norm.
    public init(
        fitting x: [Double], columns: Int, labels: [Int], classes: Int, c: Double = 1,
        classWeights: [Double]? = nil, tolerance: Double = 1e-8, iterationLimit: Int = 100
    ) throws(EstimatorError) {
        precondition(classes >= 2, "classes must be at least 2; got \(classes)")
        precondition(classWeights.map { $0.count == classes } ?? true, "one weight a class")
        try Self.check(x, columns, labels, classes)
        let outputs = classes == 2 ? 1 : classes
        let width = columns + 1
        let weights = labels.map { c * (classWeights?[$0] ?? 1) }
        let problem = Problem(x: x, columns: columns, labels: labels, weights: weights, outputs: outputs)
        var theta = [Double](repeating: 0, count: outputs * width)
        var loss = problem.loss(theta)
        var steps = 0
        while true {
            let (gradient, hessian) = problem.derivatives(theta)
            let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
            if norm <= tolerance { break }
            guard steps < iterationLimit, let step = choleskySolve(hessian, gradient) else {
                throw .notConverged(iterations: steps, gradient: norm)
            }
            var scale = 1.0
            var moved = theta
            var movedLoss = loss
            repeat {
                for i in theta.indices { moved[i] = theta[i] - scale * step[i] }
                movedLoss = problem.loss(moved)
                scale /= 2
                // Near the minimum the loss no longer resolves a good step.
            } while movedLoss > loss + 1e-12 * loss.magnitude && scale > 1e-10
            theta = moved
            loss = movedLoss
            steps += 1
        }
        coefficients = (0..<outputs).map { Array(theta[$0 * width..<$0 * width + columns]) }
        intercepts = (0..<outputs).map { theta[$0 * width + columns] }
        self.classes = classes
        iterations = steps
    }

    private static func check(
        _ x: [Double], _ columns: Int, _ labels: [Int], _ classes: Int
    ) throws(EstimatorError) {
        guard x.count == labels.count * columns else {
            throw .shape(values: x.count, rows: labels.count, columns: columns)
        }
        var seen = [Bool](repeating: false, count: classes)
        for (row, label) in labels.enumerated() {
            guard (0..<classes).contains(label) else { throw .label(label, row: row, classes: classes) }
            seen[label] = true
        }
        if let missing = seen.firstIndex(of: false) { throw .missingClass(missing) }
        if let bad = x.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(row: bad / columns, column: bad % columns)
        }
    }

    /// Class probabilities, N x classes.
    public func probabilities(_ x: [Double]) -> [Double] {
        let columns = coefficients[0].count
        precondition(columns > 0 && x.count % columns == 0, "\(x.count) values for \(columns) columns")
        var out: [Double] = []
        out.reserveCapacity(x.count / columns * classes)
        for start in stride(from: 0, to: x.count, by: columns) {
            let scores = intercepts.indices.map { output in
                (0..<columns).reduce(intercepts[output]) { $0 + coefficients[output][$1] * x[start + $1] }
            }
            let p = outputProbabilities(scores)
            out += classes == 2 ? [1 - p[0], p[0]] : p
        }
        return out
    }
}

/// The sigmoid of a lone score, else the softmax.
func outputProbabilities(_ scores: [Double]) -> [Double] {
    if scores.count == 1 { return [1 / (1 + Elementary.exp(-scores[0]))] }
    let top = scores.reduce(-Double.infinity) { $1 > $0 ? $1 : $0 }
    let powers = scores.map { Elementary.exp($0 - top) }
    let total = powers.reduce(0, +)
    return powers.map { $0 / total }
}
