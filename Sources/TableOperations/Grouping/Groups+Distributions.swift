import DataFrames
import TableTypes

/// Aggregates that need all values of a group at once.
extension Groups {
    /// Different values, or the one that comes most often: of several the one
    /// that comes first.
    func distinct(_ values: Vector, _ function: AggregateFunction) -> Vector {
        let keys = ColumnKeys(values.column("", values.keyType, rows: numbers.count))
        let pairs = PairKeys(numbers, count, keys.numbers, keys.count)
        var firsts = [Int32](repeating: -1, count: pairs.count)
        var times = [Int64](repeating: 0, count: pairs.count)
        for (row, pair) in pairs.numbers.enumerated() where pair >= 0 {
            if firsts[Int(pair)] < 0 { firsts[Int(pair)] = Int32(row) }
            times[Int(pair)] += 1
        }
        var uniques = [Int64](repeating: 0, count: count)
        var best = [Int64](repeating: 0, count: count)
        var picks = [Int32](repeating: -1, count: count)
        for pair in firsts.indices {
            let group = Int(numbers[Int(firsts[pair])])
            uniques[group] += 1
            if times[pair] > best[group] {
                best[group] = times[pair]
                picks[group] = firsts[pair]
            }
        }
        return function == .uniques ? Vector(.integer(uniques)) : values.picking(picks)
    }

    /// By linear interpolation, as numpy, polars and pandas have it; NaN is
    /// above all numbers.
    func quantiles(_ values: Vector, _ share: Double) -> Vector {
        let data = values.asNumbers
        let kept =
            values.valid.map { valid in numbers.indices.map { valid[$0] ? numbers[$0] : -1 } } ?? numbers
        let rows = RowsByKey(kept, count: count)
        var results = [Double](repeating: 0, count: count)
        var isThere = [Bool](repeating: true, count: count)
        var sorted: [Double] = []
        for group in 0..<count {
            sorted.removeAll(keepingCapacity: true)
            for row in rows[group] where !data[Int(row)].isNaN { sorted.append(data[Int(row)]) }
            sorted.sort()
            let missing = rows[group].count - sorted.count
            sorted.append(contentsOf: repeatElement(.nan, count: missing))
            guard !sorted.isEmpty else {
                isThere[group] = false
                continue
            }
            let place = Double(sorted.count - 1) * share
            let low = Int(place)
            let part = place - Double(low)
            results[group] =
                part == 0 ? sorted[low] : sorted[low] + (sorted[low + 1] - sorted[low]) * part
        }
        return Vector(.number(results), valid: isThere.contains(false) ? isThere : nil)
    }
}
