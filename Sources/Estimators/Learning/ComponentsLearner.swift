/// Learns `PrincipalComponents` of rows that pass some at a time, in two passes: the means, and the triangle that the
/// centred rows come down to. How they are cut into batches changes nothing.
public struct ComponentsLearner: Sendable {
    private let columns: Int
    private let kept: PrincipalComponents.Kept
    private let whitens: Bool
    private var sums: [Double]
    private var means: [Double]?
    private var triangle: TriangularFactor
    /// Rows of one pass.
    public private(set) var rows = 0

    /// - Throws: An option out of its range.
    public init(
        columns: Int, kept: PrincipalComponents.Kept = .all, whitens: Bool = false
    ) throws(EstimatorError) {
        try PrincipalComponents.check(kept, columns: columns)
        self.columns = columns
        self.kept = kept
        self.whitens = whitens
        sums = [Double](repeating: 0, count: columns)
        triangle = TriangularFactor(columns: columns)
    }

    /// - Parameter x: Rows x columns, row by row.
    /// - Throws: `shape`, `notFinite` for a missing or infinite value, with its row in these.
    public mutating func take(_ x: [Double]) throws(EstimatorError) {
        guard x.count % columns == 0 else {
            throw .shape(values: x.count, rows: x.count / columns, columns: columns)
        }
        if let bad = x.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(row: bad / columns, column: bad % columns)
        }
        for start in stride(from: 0, to: x.count, by: columns) {
            if let means {
                triangle.append { x[start + $0] - means[$0] }
            } else {
                for column in 0..<columns { sums[column] += x[start + column] }
                rows += 1
            }
        }
    }

    /// All rows have passed.
    ///
    /// - Returns: What was learned; nil if they are to pass once more.
    /// - Throws: `noRows`, `tooLarge`; `option` if there are fewer rows than two, or than components.
    public mutating func endPass() throws(EstimatorError) -> PrincipalComponents? {
        guard let means else {
            try PrincipalComponents.check(kept, columns: columns, rows: rows)
            means = sums.map { $0 / Double(rows) }
            return nil
        }
        let parts = SingularValues(orthogonalizing: triangle.finish(), columns: columns)
        return try PrincipalComponents(parts, rows: rows, means: means, kept: kept, whitens: whitens)
    }
}
