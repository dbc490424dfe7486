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
        // The least and the greatest value are among them.
        guard found[0].isFinite, found[found.count - 1].isFinite else {
            throw .notFinite(row: column.firstIndex(where: \.isInfinite) ?? 0, column: 0)
        }
        guard found[0] < found[found.count - 1] else { return try Bins(edges: []) }
        var edges = places.indices.map { edge in
            let (low, high) = (found[2 * edge], found[2 * edge + 1])
            guard places[edge].isHalf else { return high }
            let gap = high - low
            return gap.isFinite ? high - gap * 0.5 : high / 2 + low / 2
        }
        let isKept = edges.indices.map { $0 == 0 || edges[$0] - edges[$0 - 1] > 1e-8 }
        edges = edges.indices.filter { isKept[$0] }.map { edges[$0] }
        return try Bins(edges: Array(edges.dropFirst().dropLast()))
    }

    /// Bins of equal width from the least value to the greatest.
    ///
    /// Meaning: scikit-learn's KBinsDiscretizer(strategy="uniform"); a constant column is one bin.
    ///
    /// - Throws: As `quantile`; `tooLarge` if the values lie further apart than a number can say.
    /// - Complexity: O(values).
    public static func uniform(fitting column: [Double], bins count: Int = 5) throws(EstimatorError) -> Bins {
        let range = try range(of: column, count)
        let width = range.upperBound - range.lowerBound
        guard width.isFinite else { throw .tooLarge }
        let step = width / Double(count)
        var edges: [Double] = []
        for edge in 1..<count {
            let value = Double(edge) * step + range.lowerBound
            // Neighbouring numbers have nothing between them.
            if value > edges.last ?? range.lowerBound { edges.append(value) }
        }
        return try Bins(edges: edges)
    }

    private static func range(of column: [Double], _ count: Int) throws(EstimatorError) -> ClosedRange<Double>
    {
        try countRange.check(count)
        try refuseInfinite(column, columns: 1)
        var (least, most) = (Double.infinity, -Double.infinity)
        for value in column {
            least = value < least ? value : least
            most = value > most ? value : most
        }
        guard least <= most else { throw .noRows }
        return least...most
    }
}
