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
        try countRange.check(count)
        let present = OrderStatistics.present(in: column)
        guard !present.isEmpty else { throw .noRows }
        let found = present.withUnsafeBufferPointer {
            OrderStatistics.select($0, ranks: quantileRanks(of: present.count, count))
        }
        // The least and the greatest value are among them.
        guard found[0].isFinite, found[found.count - 1].isFinite else {
            throw .notFinite(row: column.firstIndex(where: { $0.isInfinite }) ?? 0, column: 0)
        }
        return try quantile(between: found, of: present.count, count)
    }

    /// Of each edge, the ends among them, two ranks, and whether it lies halfway between the values there; else it is the
    /// second one.
    private static func quantilePlaces(of total: Int, _ count: Int) -> [(low: Int, high: Int, isHalf: Bool)] {
        let last = total - 1
        return (0...count).map { edge in
            let percent = edge == count ? 100 : Double(edge) * (100 / Double(count))
            let place = Double(total) * (percent / 100) - 1
            if place < 0 { return (0, 0, false) }
            if place >= Double(last) { return (last, last, false) }
            let low = place.rounded(.down)
            return (Int(low), Int(low) + 1, place == low)
        }
    }

    /// The places of the values that `quantile(between:of:_:)` needs, the least first, the greatest last.
    static func quantileRanks(of total: Int, _ count: Int) -> [Int] {
        quantilePlaces(of: total, count).flatMap { [$0.low, $0.high] }
    }

    /// - Parameter found: The values at `quantileRanks`.
    static func quantile(
        between found: [Double], of total: Int, _ count: Int
    ) throws(EstimatorError) -> Bins {
        guard found[0].isFinite, found[found.count - 1].isFinite else { throw .tooLarge }
        guard found[0] < found[found.count - 1] else { return try Bins(edges: []) }
        let places = quantilePlaces(of: total, count)
        let all = places.indices.map { edge in
            let (low, high) = (found[2 * edge], found[2 * edge + 1])
            guard places[edge].isHalf else { return high }
            let gap = high - low
            return gap.isFinite ? high - gap * 0.5 : high / 2 + low / 2
        }
        let edges = all.indices.filter { $0 == 0 || all[$0] - all[$0 - 1] > 1e-8 }.map { all[$0] }
        return try Bins(edges: Array(edges.dropFirst().dropLast()))
    }

    /// Bins of equal width from the least value to the greatest.
    ///
    /// Meaning: scikit-learn's KBinsDiscretizer(strategy="uniform"); a constant column is one bin.
    ///
    /// - Throws: As `quantile`; `tooLarge` if the values lie further apart than a number can say.
    /// - Complexity: O(values).
    public static func uniform(fitting column: [Double], bins count: Int = 5) throws(EstimatorError) -> Bins {
        try refuseInfinite(column, columns: 1)
        var learner = RangeLearner()
        learner.take(column)
        guard learner.count > 0, let range = learner.endPass() else { throw .noRows }
        return try uniform(range, bins: count)
    }

    /// - Throws: `tooLarge` for an infinite value too.
    public static func uniform(
        _ range: RangeLearner.Range, bins count: Int = 5
    ) throws(EstimatorError) -> Bins {
        try countRange.check(count)
        let width = range.greatest - range.least
        guard width.isFinite else { throw .tooLarge }
        let step = width / Double(count)
        var edges: [Double] = []
        for edge in 1..<count {
            let value = Double(edge) * step + range.least
            // Neighbouring numbers have nothing between them.
            if value > edges.last ?? range.least { edges.append(value) }
        }
        return try Bins(edges: edges)
    }
}
