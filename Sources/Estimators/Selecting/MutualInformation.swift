import TensorKernels

/// How much one column tells of another, in nats; 0 where nothing.
///
/// Numbers count by their neighbours, as in scikit-learn's `mutual_info_classif` and `mutual_info_regression`, but without
/// the noise that those add to tell equal values apart (1e-10 of the values, by chance): the same input gives the same
/// number, and where many values are equal the estimate is another.
public enum MutualInformation {
    public static let neighborsRange = OptionRange.whole("neighbors", from: 1, to: 1000)

    /// Of levels and levels; every code is a level, also that of null.
    ///
    /// Meaning: scikit-learn's `mutual_info_score`.
    ///
    /// - Complexity: O(n log n).
    public static func levels(_ a: [Int32], _ b: [Int32]) throws(EstimatorError) -> Double {
        guard a.count == b.count else { throw .targets(b.count, rows: a.count) }
        guard !a.isEmpty else { throw .noRows }
        let total = Double(a.count)
        let (ofA, ofB) = (
            counts(a.map { UInt64(UInt32(bitPattern: $0)) }), counts(b.map { UInt64(UInt32(bitPattern: $0)) })
        )
        let pairs = a.indices.map {
            UInt64(UInt32(bitPattern: a[$0])) << 32 | UInt64(UInt32(bitPattern: b[$0]))
        }
        var sum = 0.0
        // In the order of the codes.
        for (pair, count) in counts(pairs).sorted(by: { $0.key < $1.key }) {
            let (one, other) = (Double(ofA[pair >> 32] ?? 0), Double(ofB[pair & 0xFFFF_FFFF] ?? 0))
            let count = Double(count)
            sum += count / total * (Elementary.log(count / one) - Elementary.log(other / total))
        }
        return sum < .ulpOfOne ? 0 : sum
    }

    private static func counts(_ codes: [UInt64]) -> [UInt64: Int] {
        var counts: [UInt64: Int] = [:]
        for code in codes { counts[code, default: 0] += 1 }
        return counts
    }

    /// Of numbers and levels. Rows without a number are left out, and those alone in their level.
    ///
    /// Source: Ross, "Mutual information between discrete and continuous data sets", PLoS ONE 9 (2014).
    ///
    /// - Throws: `notFinite` for an infinite number, `noRows`.
    /// - Complexity: O(n (log n + neighbors)).
    public static func numbers(
        _ x: [Double], levels: [Int32], neighbors: Int = 3
    ) throws(EstimatorError) -> Double {
        try neighborsRange.check(neighbors)
        guard x.count == levels.count else { throw .targets(levels.count, rows: x.count) }
        try refuseInfinite(x, columns: 1)
        let present = x.indices.filter { !x[$0].isNaN }
        guard !present.isEmpty else { throw .noRows }
        let order = present.sorted { (levels[$0], x[$0]) < (levels[$1], x[$1]) }
        let harmonic = harmonicNumbers(order.count)
        // Of each point that counts its value, the distance to its k-th neighbour, and what it adds.
        var points: [(value: Double, radius: Double)] = []
        var sum = 0.0
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, levels[order[end]] == levels[order[start]] { end += 1 }
            let own = order[start..<end].map { x[$0] }
            if own.count > 1 {
                let k = min(neighbors, own.count - 1)
                for (value, distance) in zip(own, neighborDistances(own, k)) {
                    points.append((value, max(0, distance.nextDown)))
                    sum += harmonic[k - 1] - harmonic[own.count - 1]
                }
            }
            start = end
        }
        guard !points.isEmpty else { return 0 }
        let sorted = points.map(\.value).sorted()
        for point in points { sum -= harmonic[within(point.radius, of: point.value, sorted) - 1] }
        return max(0, harmonic[points.count - 1] + sum / Double(points.count))
    }

    /// Of numbers and numbers, each divided by its deviation. Rows that lack either are left out.
    ///
    /// Source: Kraskov, Stoegbauer and Grassberger, "Estimating mutual information", Physical Review E 69 (2004), their
    /// first estimator.
    ///
    /// - Throws: `notFinite` for an infinite number; `noRows` where there are no more rows than neighbours;
    ///   `tooLarge`.
    /// - Complexity: O(n log^2 n), expected.
    public static func numbers(
        _ x: [Double], _ y: [Double], neighbors: Int = 3
    ) throws(EstimatorError) -> Double {
        try neighborsRange.check(neighbors)
        guard x.count == y.count else { throw .targets(y.count, rows: x.count) }
        try refuseInfinite(x, columns: 1)
        try refuseInfinite(y, columns: 1)
        let present = x.indices.filter { !x[$0].isNaN && !y[$0].isNaN }
        guard present.count > neighbors else { throw .noRows }
        let (x, y) = try (scaled(present.map { x[$0] }), scaled(present.map { y[$0] }))
        let harmonic = harmonicNumbers(x.count)
        let (sortedX, sortedY) = (x.sorted(), y.sorted())
        let tree = PlaneTree(x, y)
        var sum = 0.0
        for point in x.indices {
            let radius = max(0, tree.neighborDistance(point, neighbors).nextDown)
            sum += harmonic[within(radius, of: x[point], sortedX) - 1]
            sum += harmonic[within(radius, of: y[point], sortedY) - 1]
        }
        let information = harmonic[x.count - 1] + harmonic[neighbors - 1] - sum / Double(x.count)
        return max(0, information)
    }

    /// Divided by the deviation, as StandardScaler does it, but not moved.
    private static func scaled(_ values: [Double]) throws(EstimatorError) -> [Double] {
        let deviation = StandardScaler(fitting: values).deviation
        guard deviation.isFinite else { throw .tooLarge }
        return values.map { $0 / deviation }
    }

    /// 1 + 1/2 + ... + 1/n for n from 0 on: digamma(n + 1) but for Euler's constant, which cancels.
    private static func harmonicNumbers(_ count: Int) -> [Double] {
        var numbers = [0.0]
        for n in 1..<max(2, count) { numbers.append(numbers[n - 1] + 1 / Double(n)) }
        return numbers
    }

    /// How many values lie no further away than a radius, the value itself among them.
    private static func within(_ radius: Double, of value: Double, _ sorted: [Double]) -> Int {
        SortedSearch.first(sorted.count) { sorted[$0] - value > radius }
            - SortedSearch.first(sorted.count) { value - sorted[$0] <= radius }
    }

    /// Of each ascending value the distance to the k-th nearest of the others.
    private static func neighborDistances(_ sorted: [Double], _ k: Int) -> [Double] {
        var low = 0
        return sorted.indices.map { place in
            // The window of k + 1 values around it that reaches least far.
            low = max(low, place - k)
            while low < place, low + k + 1 < sorted.count,
                sorted[low + k + 1] - sorted[place] < sorted[place] - sorted[low]
            {
                low += 1
            }
            return max(sorted[place] - sorted[low], sorted[low + k] - sorted[place])
        }
    }
}
