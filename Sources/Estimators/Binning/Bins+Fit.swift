extension Bins {
    /// Bins that hold about equally many values.
    ///
    /// Meaning: scikit-learn's KBinsDiscretizer(strategy="quantile") with its `averaged_inverted_cdf`, but that all
    /// values are learned from (`subsample=None`). Edges no further apart than 1e-8 are one; a constant column is one
    /// bin.
    ///
    /// - Throws: `noRows` if no value is present; `notFinite` if one is infinite.
    /// - Complexity: O(values).
    public static func quantile(fitting column: [Double], bins count: Int = 5) throws(EstimatorError) -> Bins
    {
        let (present, range) = try present(column, count)
        guard range.lowerBound < range.upperBound else { return Bins(edges: []) }
        let last = present.count - 1
        // Of each edge two ranks, and how far it lies from the first to the second: all or half of the way.
        let places: [(low: Int, high: Int, isHalf: Bool)] = (0...count).map { edge in
            let percent = edge == count ? 100 : Double(edge) * (100 / Double(count))
            let place = Double(present.count) * (percent / 100) - 1
            if place < 0 { return (0, 0, false) }
            if place >= Double(last) { return (last, last, false) }
            let low = place.rounded(.down)
            return (Int(low), Int(low) + 1, place == low)
        }
        let found = present.withUnsafeBufferPointer {
            OrderStatistics.select($0, ranks: places.flatMap { [$0.low, $0.high] })
        }
        var edges = places.indices.map { edge in
            let (low, high) = (found[2 * edge], found[2 * edge + 1])
            return places[edge].isHalf ? high - (high - low) * 0.5 : high
        }
        let isKept = edges.indices.map { $0 == 0 || edges[$0] - edges[$0 - 1] > 1e-8 }
        edges = edges.indices.filter { isKept[$0] }.map { edges[$0] }
        return Bins(edges: Array(edges.dropFirst().dropLast()))
    }

    /// Bins of equal width from the least value to the greatest.
    ///
    /// Meaning: scikit-learn's KBinsDiscretizer(strategy="uniform"); a constant column is one bin.
    ///
    /// - Throws: As `quantile`; `notFinite` too if the values lie further apart than a number can say.
    /// - Complexity: O(values).
    public static func uniform(fitting column: [Double], bins count: Int = 5) throws(EstimatorError) -> Bins {
        let (_, range) = try present(column, count)
        let width = range.upperBound - range.lowerBound
        guard width.isFinite else {
            throw .notFinite(row: column.firstIndex(of: range.upperBound) ?? 0, column: 0)
        }
        let step = width / Double(count)
        var edges: [Double] = []
        for edge in 1..<count {
            let value = Double(edge) * step + range.lowerBound
            // Neighbouring numbers have nothing between them.
            if value > edges.last ?? range.lowerBound { edges.append(value) }
        }
        return Bins(edges: edges)
    }

    private static func present(
        _ column: [Double], _ count: Int
    ) throws(EstimatorError) -> ([Double], ClosedRange<Double>) {
        try countRange.check(count)
        try refuseInfinite(column, columns: 1)
        let present = OrderStatistics.present(in: column)
        guard var least = present.first else { throw .noRows }
        var most = least
        for value in present {
            least = value < least ? value : least
            most = value > most ? value : most
        }
        return (present, least...most)
    }
}
