/// Fills missing values by regressions of each column on all others, round after round, from the columns' means on.
///
/// Meaning: scikit-learn's IterativeImputer with its defaults (BayesianRidge, no sampling), but that a column in which
/// nothing was present stays missing, where theirs is dropped.
///
/// Source: van Buuren and Groothuis-Oudshoorn, "mice: multivariate imputation by chained equations in R", Journal of
/// Statistical Software 45 (2011).
public struct IterativeImputer: Sendable, Equatable {
    public enum Order: String, Sendable, CaseIterable {
        /// The column with the fewest missing values first; of equal ones the one that stands first.
        case ascending
        case descending
        /// From the left, from the right.
        case roman, arabic
    }

    /// A regression of one column on all other learned columns.
    public struct Step: Sendable, Equatable {
        public let column: Int
        public let coefficients: [Double]
        public let intercept: Double

        public init(column: Int, coefficients: [Double], intercept: Double) {
            self.column = column
            self.coefficients = coefficients
            self.intercept = intercept
        }
    }

    public static let roundsRange = OptionRange.whole("rounds", from: 1, to: 10_000)
    public static let toleranceRange = OptionRange.number("tolerance", from: 0)

    /// Of each column; NaN where nothing was present.
    public let means: [Double]
    /// Of all rounds, in their order.
    public let steps: [Step]
    /// Whether the last round changed less than the tolerance.
    public let isConverged: Bool

    /// Columns that have a mean.
    private var learned: [Int] { means.indices.filter { !means[$0].isNaN } }

    /// - Throws: `architecture` unless each step is of a column that has a mean, with a coefficient for each other one.
    public init(means: [Double], steps: [Step], isConverged: Bool) throws(EstimatorError) {
        let others = means.count { !$0.isNaN } - 1
        guard !means.isEmpty, means.allSatisfy({ !$0.isInfinite }) else {
            throw .architecture(key: "means", expected: "a number a column, or NaN")
        }
        let fits = steps.allSatisfy { step in
            means.indices.contains(step.column) && !means[step.column].isNaN
                && step.coefficients.count == others
                && step.intercept.isFinite && step.coefficients.allSatisfy { $0.isFinite }
        }
        guard fits else {
            throw .architecture(key: "steps", expected: "of columns with a mean, a number for each other one")
        }
        self.means = means
        self.steps = steps
        self.isConverged = isConverged
    }

    /// - Parameters:
    ///   - x: N x columns, row by row; NaN is missing.
    ///   - tolerance: Rounds end when no row's values change by more in sum than this share of the greatest magnitude.
    /// - Throws: `noRows`, `shape`, `notFinite`, `tooLarge`; an option out of its range.
    /// - Complexity: O(rounds x columns x (N x columns^2 + columns^3)).
    public init(
        fitting x: [Double], columns: Int, rounds: Int = 10, tolerance: Double = 1e-3,
        order: Order = .ascending
    ) throws(EstimatorError) {
        try Self.roundsRange.check(rounds)
        try Self.toleranceRange.check(tolerance)
        try checkMatrix(x, columns: columns)
        let means = ColumnMeans.of(x, columns: columns)
        guard means.allSatisfy({ !$0.isInfinite }) else { throw .tooLarge }
        var table = ImputedRows(x, means: means)
        // Of one column alone the mean is all there is.
        guard table.columns > 1 else {
            try self.init(means: means, steps: [], isConverged: true)
            return
        }
        let places = Self.places(table.missing.map { $0.count }, order)
        let learned = means.indices.filter { !means[$0].isNaN }
        let greatest = x.reduce(0) { $1.magnitude > $0 ? $1.magnitude : $0 }
        var steps: [Step] = []
        var isConverged = false
        for _ in 0..<rounds where !isConverged {
            let before = table.values
            for place in places {
                let (others, target) = table.training(place)
                let model = try BayesianRidge(fitting: others, target)
                steps.append(
                    Step(
                        column: learned[place], coefficients: model.coefficients, intercept: model.intercept))
                table.fill(place, model)
            }
            isConverged = table.change(from: before) < tolerance * greatest
        }
        try self.init(means: means, steps: steps, isConverged: isConverged)
    }

    /// The rows with their missing values filled.
    ///
    /// - Throws: `shape`, `notFinite`.
    /// - Complexity: O(missing values x steps of their column x columns).
    public func callAsFunction(_ x: [Double]) throws(EstimatorError) -> [Double] {
        let columns = means.count
        guard columns > 0, x.count % columns == 0 else {
            throw .shape(values: x.count, rows: columns == 0 ? 0 : x.count / columns, columns: columns)
        }
        try refuseInfinite(x, columns: columns)
        var table = ImputedRows(x, means: means)
        let learned = learned
        for step in steps {
            guard let place = learned.firstIndex(of: step.column) else { continue }
            table.fill(place, BayesianRidge(coefficients: step.coefficients, intercept: step.intercept))
        }
        var filled = x
        for (place, column) in learned.enumerated() {
            for row in table.missing[place] {
                filled[row * columns + column] = table.values[row * table.columns + place]
            }
        }
        return filled
    }

    private static func places(_ missing: [Int], _ order: Order) -> [Int] {
        let ascending = missing.indices.sorted { (missing[$0], $0) < (missing[$1], $1) }
        switch order {
        case .ascending: return ascending
        case .descending: return ascending.reversed()
        case .roman: return Array(missing.indices)
        case .arabic: return missing.indices.reversed()
        }
    }
}
