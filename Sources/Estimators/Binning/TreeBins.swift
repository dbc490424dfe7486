/// Bins whose edges are the cuts of a decision tree over one column.
///
/// Meaning: scikit-learn's DecisionTreeClassifier and DecisionTreeRegressor (squared error) with `max_leaf_nodes` and
/// `min_samples_leaf`: the leaf whose cut brings most is cut first. Values are held as doubles, and any two different
/// ones can be told apart; scikit-learn rounds them to 32 bits and joins what is within 1e-7.
///
/// Source of the trees: Breiman, Friedman, Olshen and Stone, "Classification and regression trees", 1984.
public struct TreeBins: Sendable {
    public enum Criterion: String, Sendable, CaseIterable { case gini, entropy }

    public static let leafRange = OptionRange.whole("rows of a bin", from: 1, to: 1 << 31)

    /// Bins that tell classes apart.
    ///
    /// - Parameters:
    ///   - labels: One a row, in [0, classes).
    ///   - leastRows: Of a bin.
    /// - Throws: `noRows` if no value is present; `notFinite` if one is infinite; a label outside.
    /// - Complexity: O(n log n + n x bins x classes) in the worst case.
    public static func fit(
        _ column: [Double], labels: [Int], classes: Int, criterion: Criterion = .gini, bins count: Int = 5,
        leastRows: Int = 1
    ) throws(EstimatorError) -> Bins {
        guard labels.count == column.count else { throw .targets(labels.count, rows: column.count) }
        if let row = labels.firstIndex(where: { $0 < 0 || $0 >= classes }) {
            throw .label(labels[row], row: row, classes: classes)
        }
        let sorted = try SortedRows(column, count, leastRows)
        let own = sorted.rows.map { labels[$0] }
        return try sorted.grow(count, leastRows) {
            ClassSplits(labels: own, classes: classes, criterion: criterion).best(
                sorted.values, $0, leastRows)
        }
    }

    /// Bins that tell a number's values apart.
    ///
    /// - Throws: As for classes; `targetNotFinite` for a target that is missing or infinite.
    public static func fit(
        _ column: [Double], target: [Double], bins count: Int = 5, leastRows: Int = 1
    ) throws(EstimatorError) -> Bins {
        guard target.count == column.count else { throw .targets(target.count, rows: column.count) }
        if let row = target.firstIndex(where: { !$0.isFinite }) { throw .targetNotFinite(row: row) }
        let sorted = try SortedRows(column, count, leastRows)
        // About their mean, so that squares of large numbers do not hide small differences.
        let mean = sorted.rows.reduce(0) { $0 + target[$1] } / Double(sorted.rows.count)
        let own = sorted.rows.map { target[$0] - mean }
        guard own.reduce(0, { $0 + $1 * $1 }).isFinite else { throw .tooLarge }
        return try sorted.grow(count, leastRows) {
            NumberSplits(target: own).best(sorted.values, $0, leastRows)
        }
    }

    /// The rows whose value is present, by value and then by number.
    private struct SortedRows {
        let rows: [Int]
        let values: [Double]

        init(_ column: [Double], _ count: Int, _ leastRows: Int) throws(EstimatorError) {
            try Bins.countRange.check(count)
            try TreeBins.leafRange.check(leastRows)
            try refuseInfinite(column, columns: 1)
            let present = column.indices.filter { !column[$0].isNaN }
            guard !present.isEmpty else { throw .noRows }
            rows = present.sorted { (column[$0], $0) < (column[$1], $1) }
            values = rows.map { column[$0] }
        }

        /// Cuts leaves, the one that gains most first, of equal ones the lowest.
        func grow(
            _ count: Int, _ leastRows: Int, _ best: (Range<Int>) -> TreeSplit?
        ) throws(EstimatorError) -> Bins {
            var leaves: [TreeSplit] = []
            if let first = best(0..<values.count) { leaves.append(first) }
            var edges: [Double] = []
            while edges.count + 1 < count, !leaves.isEmpty {
                var chosen = 0
                for leaf in leaves.indices where leaves[leaf].gain > leaves[chosen].gain { chosen = leaf }
                let leaf = leaves.remove(at: chosen)
                let (low, high) = (values[leaf.cut - 1], values[leaf.cut])
                let middle = low / 2 + high / 2
                edges.append(middle == high || middle < low ? low : middle)
                let parts = [leaf.rows.lowerBound..<leaf.cut, leaf.cut..<leaf.rows.upperBound]
                leaves.insert(contentsOf: parts.compactMap(best), at: chosen)
            }
            return try Bins(edges: edges.sorted(), includesUpperEdge: true)
        }
    }
}

/// The best cut of a leaf.
struct TreeSplit {
    var rows: Range<Int>
    /// The first row of the upper part.
    var cut: Int
    /// By how much the impurity of all rows falls, times their number.
    var gain: Double
}
