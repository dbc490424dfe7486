/// How often each level of one column comes with each of another.
public struct ContingencyTable: Sendable, Equatable {
    /// Row by row.
    public let counts: [Int]
    public let columns: Int

    /// - Precondition: Whole rows.
    public init(counts: [Int], columns: Int) {
        precondition(
            columns > 0 && counts.count % columns == 0, "\(counts.count) counts in rows of \(columns)")
        self.counts = counts
        self.columns = columns
    }

    /// Pearson's statistic, its degrees of freedom, and rows of the data; levels that no row has do not count. Nil where
    /// there is no row.
    public func chiSquare() -> (statistic: Double, degrees: Int)? {
        guard let parts else { return nil }
        return (parts.statistic, (parts.rows - 1) * (parts.columns - 1))
    }

    /// Cramér's V: 0 where one column says nothing of the other, 1 where it says all. Not corrected for its bias, as
    /// `scipy.stats.contingency.association` has it. Nil where a column has less than two levels.
    ///
    /// Source: H. Cramér, "Mathematical Methods of Statistics", 1946, 21.9.
    public func cramersV() -> Double? {
        guard let parts else { return nil }
        let least = min(parts.rows, parts.columns) - 1
        guard least > 0 else { return nil }
        return min(1, (parts.statistic / Double(parts.total) / Double(least)).squareRoot())
    }

    private var parts: (statistic: Double, rows: Int, columns: Int, total: Int)? {
        let height = counts.count / columns
        var across = [Int](repeating: 0, count: height)
        var down = [Int](repeating: 0, count: columns)
        for row in 0..<height {
            for column in 0..<columns {
                across[row] += counts[row * columns + column]
                down[column] += counts[row * columns + column]
            }
        }
        let total = across.reduce(0, +)
        guard total > 0 else { return nil }
        var statistic = 0.0
        for row in 0..<height where across[row] > 0 {
            for column in 0..<columns where down[column] > 0 {
                let expected = Double(across[row]) * (Double(down[column]) / Double(total))
                let distance = Double(counts[row * columns + column]) - expected
                statistic += distance * distance / expected
            }
        }
        return (statistic, across.count { $0 > 0 }, down.count { $0 > 0 }, total)
    }
}
