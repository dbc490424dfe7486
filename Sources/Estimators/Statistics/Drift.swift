import TensorKernels

/// How far the values of a column have moved from those of a reference.
public enum Drift {
    /// A share of nothing counts as this in the population stability index, whose logarithm would be infinite.
    public static let leastShare = 1e-4

    /// Population stability index: the sum over bins of (a - e) log(a / e), a and e the bin's shares. Below 0.1 little has
    /// changed, from 0.2 on much (S. Lewis, "An Introduction to Credit Scoring", 1994).
    ///
    /// - Parameters:
    ///   - expected: Counts of the reference, `actual` those of the column, bin by bin.
    /// - Returns: 0 where one of the two has no value.
    public static func stabilityIndex(expected: [Int], actual: [Int]) -> Double {
        precondition(expected.count == actual.count, "\(expected.count) and \(actual.count) bins")
        let (before, now) = (expected.reduce(0, +), actual.reduce(0, +))
        guard before > 0, now > 0 else { return 0 }
        var sum = 0.0
        for (old, new) in zip(expected, actual) where old + new > 0 {
            let e = max(leastShare, Double(old) / Double(before))
            let a = max(leastShare, Double(new) / Double(now))
            sum += (a - e) * Elementary.log(a / e)
        }
        return sum
    }

    /// Counts in the bins between the deciles of the reference, each with its upper border, and of missing values behind
    /// them; equal deciles are one border.
    public static func decileCounts(
        expected: SortedValues, actual: SortedValues
    ) -> (expected: [Int], actual: [Int])? {
        guard let deciles = expected.quantiles((1...9).map { Double($0) / 10 }) else { return nil }
        var borders: [Double] = []
        for decile in deciles where decile != borders.last { borders.append(decile) }
        func counts(_ sorted: SortedValues) -> [Int] {
            let below = [0] + borders.map { sorted.count(upTo: $0) } + [sorted.count]
            return zip(below, below.dropFirst()).map { $1 - $0 } + [sorted.columnRows - sorted.count]
        }
        return (counts(expected), counts(actual))
    }

    /// The largest distance between the two distribution functions, and how likely one as large would be by chance (by
    /// Kolmogorov's limit). Nil where one has no value.
    ///
    /// - Complexity: O(n + m).
    public static func kolmogorovSmirnov(
        _ one: SortedValues, _ other: SortedValues
    ) -> (statistic: Double, p: Double)? {
        let (a, b) = (one.values, other.values)
        guard !a.isEmpty, !b.isEmpty else { return nil }
        let (n, m) = (Double(a.count), Double(b.count))
        var (i, j) = (0, 0)
        var distance = 0.0
        while i < a.count, j < b.count {
            let value = min(a[i], b[j])
            while i < a.count, a[i] == value { i += 1 }
            while j < b.count, b[j] == value { j += 1 }
            distance = max(distance, (Double(i) / n - Double(j) / m).magnitude)
        }
        return (distance, TailProbabilities.kolmogorov(distance * (n * m / (n + m)).squareRoot()))
    }

    /// Pearson's test of whether two lists of counts come from one distribution, without Yates's correction. Nil where
    /// less than two levels have rows or one of the lists is empty.
    public static func chiSquare(
        expected: [Int], actual: [Int]
    ) -> (statistic: Double, degrees: Int, p: Double)? {
        let table = ContingencyTable(counts: expected + actual, columns: expected.count)
        guard let (statistic, degrees) = table.chiSquare(), degrees > 0 else { return nil }
        return (statistic, degrees, TailProbabilities.chiSquare(statistic, degrees: degrees))
    }
}
