import Platform

/// Fills a missing value with the mean of its column over the k rows that are nearest and have one.
///
/// The distance of two rows counts the columns both have: sqrt(columns / those * sum of squared differences). Of equal
/// distances the row that stands first is nearer. Where no row can be compared the column's mean is taken, and a column
/// in which nothing was present stays missing.
///
/// Meaning: scikit-learn's KNNImputer (`nan_euclidean`), but for ties, which it breaks as its selection falls, and for
/// columns without a value, which it drops.
///
/// Source: Troyanskaya et al., "Missing value estimation methods for DNA microarrays", Bioinformatics 17 (2001).
public struct NeighborImputer: Sendable, Equatable {
    public enum Weights: String, Sendable, CaseIterable {
        case uniform
        /// By the inverse of the distance; rows at distance 0 alone, where there are any.
        case distance
    }

    public static let neighborsRange = OptionRange.whole("neighbors", from: 1, to: 1 << 16)

    public let columns: Int
    public let neighbors: Int
    public let weights: Weights
    /// Of each column; NaN where none is present.
    public let means: [Double]
    /// The rows learned from, row by row.
    public let rows: [Double]

    /// What was learned is the rows themselves.
    ///
    /// - Parameter x: N x columns, row by row; NaN is missing.
    /// - Throws: `noRows`, `shape`, `notFinite` for an infinite value; an option out of its range.
    public init(
        fitting x: [Double], columns: Int, neighbors: Int = 5, weights: Weights = .uniform
    ) throws(EstimatorError) {
        try Self.neighborsRange.check(neighbors)
        try checkMatrix(x, columns: columns)
        self.columns = columns
        self.neighbors = neighbors
        self.weights = weights
        rows = x
        means = ColumnMeans.of(x, columns: columns)
        guard means.allSatisfy({ !$0.isInfinite }) else { throw .tooLarge }
    }

    /// The rows with their missing values filled, whatever the number of threads.
    ///
    /// - Throws: `shape`, `notFinite`.
    /// - Complexity: O(rows with a missing value x rows learned from x columns).
    public func callAsFunction(_ x: [Double], threads: Int = 1) throws(EstimatorError) -> [Double] {
        guard x.count % columns == 0 else {
            throw .shape(values: x.count, rows: x.count / columns, columns: columns)
        }
        try refuseInfinite(x, columns: columns)
        let lacking = (0..<x.count / columns).filter { row in
            (row * columns..<(row + 1) * columns).contains { x[$0].isNaN }
        }
        guard !lacking.isEmpty else { return x }
        var filled = x
        let donors = NeighborDonors(rows, columns: columns)
        filled.withUnsafeMutableBufferPointer { filled in
            let target = UncheckedRows(start: filled.baseAddress!)
            let rows = lacking.map { target.start + $0 * columns }
            let size = 16 * NeighborSearch.rows
            let parts = (rows.count + size - 1) / size
            WorkerPool(size: max(1, min(threads, parts))).runEach(parts) { part in
                var search = NeighborSearch(donors, self)
                let end = min((part + 1) * size, rows.count)
                for start in stride(from: part * size, to: end, by: NeighborSearch.rows) {
                    search.fill(rows[start..<min(start + NeighborSearch.rows, end)])
                }
            }
        }
        return filled
    }

    /// Rows that threads write, each its own.
    private struct UncheckedRows: @unchecked Sendable {
        let start: UnsafeMutablePointer<Double>
    }
}

/// Means of what is present.
enum ColumnMeans {
    /// NaN where nothing is.
    static func of(_ x: [Double], columns: Int) -> [Double] {
        var sums = [Double](repeating: 0, count: columns)
        var counts = [Double](repeating: 0, count: columns)
        for start in stride(from: 0, to: x.count, by: columns) {
            for column in 0..<columns where !x[start + column].isNaN {
                sums[column] += x[start + column]
                counts[column] += 1
            }
        }
        return sums.indices.map { sums[$0] / counts[$0] }
    }
}
