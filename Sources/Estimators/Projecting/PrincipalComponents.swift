/// The directions in which rows differ most, and rows in their coordinates.
///
/// Meaning: scikit-learn's PCA (`svd_solver="full"`); a component's greatest coordinate in magnitude is positive.
///
/// Source: Pearson, "On lines and planes of closest fit to systems of points in space", 1901.
public struct PrincipalComponents: Sendable, Equatable {
    public enum Kept: Sendable, Equatable {
        /// As many as there are: the lesser of rows and columns.
        case all
        case count(Int)
        /// As few as explain more than this share of the variance.
        case share(Double)
    }

    public static let countRange = OptionRange.whole("components", from: 1, to: 1 << 16)
    public static let shareRange = OptionRange.number(
        "components", from: 0, to: 1, excludesLowest: true, excludesHighest: true)

    public let means: [Double]
    /// Of length 1, at right angles, the one of the greatest variance first.
    public let components: [[Double]]
    /// Of the rows learned from, along each component (divided by rows - 1).
    public let variances: [Double]
    /// Of all columns.
    public let totalVariance: Double
    /// Each coordinate divided by its deviation.
    public let whitens: Bool

    /// - Throws: `architecture` unless each component has a number a column and a variance.
    public init(
        means: [Double], components: [[Double]], variances: [Double], totalVariance: Double, whitens: Bool
    ) throws(EstimatorError) {
        guard !means.isEmpty, means.allSatisfy({ $0.isFinite }) else {
            throw .architecture(key: "means", expected: "a number a column")
        }
        guard components.allSatisfy({ $0.count == means.count && $0.allSatisfy { $0.isFinite } }) else {
            throw .architecture(key: "components", expected: "of each component a number a column")
        }
        guard variances.count == components.count, variances.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
            throw .architecture(key: "variances", expected: "a number from 0 on a component")
        }
        guard totalVariance.isFinite else { throw .architecture(key: "totalVariance", expected: "a number") }
        self.means = means
        self.components = components
        self.variances = variances
        self.totalVariance = totalVariance
        self.whitens = whitens
    }

    /// The share of the variance along each component; zeros where nothing varies.
    public var shares: [Double] { variances.map { totalVariance > 0 ? $0 / totalVariance : 0 } }

    /// - Parameter x: N x columns, row by row, at least two rows.
    /// - Throws: `shape`, `noRows`, `notFinite` for a missing or infinite value, `tooLarge`; an option out of its range.
    /// - Complexity: O(N columns^2 + columns^3).
    public init(
        fitting x: [Double], columns: Int, kept: Kept = .all, whitens: Bool = false
    ) throws(EstimatorError) {
        try checkMatrix(x, columns: columns)
        var learner = try ComponentsLearner(columns: columns, kept: kept, whitens: whitens)
        for _ in 0..<2 {
            try learner.take(x)
            if let learned = try learner.endPass() {
                self = learned
                return
            }
        }
        preconditionFailure("two passes are enough")
    }

    /// - Parameter parts: Of the rows, centred.
    init(
        _ parts: SingularValues, rows: Int, means: [Double], kept: Kept, whitens: Bool
    ) throws(EstimatorError) {
        let columns = means.count
        let variances = parts.values.prefix(min(rows, columns)).map { $0 * $0 / Double(rows - 1) }
        let total = variances.reduce(0, +)
        guard total.isFinite else { throw .tooLarge }
        let count =
            switch kept {
            case .all: variances.count
            case .count(let count): count
            case .share(let share): Self.count(variances, share * total)
            }
        try self.init(
            means: means,
            components: Self.completed(Array(parts.vectors.prefix(count)), columns).map(Self.turned),
            variances: Array(variances.prefix(count)), totalVariance: total, whitens: whitens)
    }

    static func check(_ kept: Kept, columns: Int, rows: Int? = nil) throws(EstimatorError) {
        guard columns > 0 else { throw .shape(values: 0, rows: rows ?? 0, columns: columns) }
        if rows == 0 { throw .noRows }
        if rows == 1 { throw .option("rows", value: "1", expected: "at least 2: one row does not vary") }
        let most = min(rows ?? columns, columns)
        switch kept {
        case .all: break
        case .count(let count):
            try countRange.check(count)
            guard count <= most else {
                throw .option(
                    "components", value: "\(count)",
                    expected: "at most \(most), the lesser of rows and columns")
            }
        case .share(let share): try shareRange.check(share)
        }
    }

    /// How many sum to more than a bound.
    private static func count(_ variances: [Double], _ bound: Double) -> Int {
        var sum = 0.0
        for (place, variance) in variances.enumerated() {
            sum += variance
            if sum > bound { return place + 1 }
        }
        return variances.count
    }

    private static func turned(_ component: [Double]) -> [Double] {
        var greatest = 0.0
        for value in component where value.magnitude > greatest.magnitude { greatest = value }
        return greatest < 0 ? component.map { -$0 } : component
    }

    /// Directions in which nothing varies, at right angles to all others.
    private static func completed(_ vectors: [[Double]], _ columns: Int) -> [[Double]] {
        var vectors = vectors
        for place in vectors.indices where vectors[place].allSatisfy({ $0 == 0 }) {
            var best: [Double] = []
            var most = 0.0
            for axis in 0..<columns {
                var vector = [Double](repeating: 0, count: columns)
                vector[axis] = 1
                // Twice: what rounding left of the others goes too.
                for _ in 0..<2 {
                    for other in vectors {
                        Vectors.add(-Vectors.dot(other, vector, columns), other, to: &vector, columns)
                    }
                }
                let length = Vectors.dot(vector, vector, columns).squareRoot()
                if length > most { (most, best) = (length, vector.map { $0 / length }) }
                if most > 0.5 { break }
            }
            vectors[place] = best
        }
        return vectors
    }

    /// N x components, row by row.
    ///
    /// - Throws: `shape`, `notFinite`.
    /// - Complexity: O(N columns components).
    public func callAsFunction(_ x: [Double]) throws(EstimatorError) -> [Double] {
        let columns = means.count
        guard columns > 0, x.count % columns == 0 else {
            throw .shape(values: x.count, rows: columns == 0 ? 0 : x.count / columns, columns: columns)
        }
        if let bad = x.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(row: bad / columns, column: bad % columns)
        }
        let scales = variances.map { whitens ? max($0.squareRoot(), .ulpOfOne) : 1 }
        var row = [Double](repeating: 0, count: columns)
        var out: [Double] = []
        out.reserveCapacity(x.count / columns * components.count)
        for start in stride(from: 0, to: x.count, by: columns) {
            for column in 0..<columns { row[column] = x[start + column] - means[column] }
            for (component, scale) in zip(components, scales) {
                out.append(Vectors.dot(row, component, columns) / scale)
            }
        }
        return out
    }
}
