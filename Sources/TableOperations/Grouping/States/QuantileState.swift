import DataFrames
import TableTypes

/// A value below which a share of each group's values lies: by linear interpolation, as numpy, polars and pandas have it;
/// NaN is above all numbers. All values are kept.
struct QuantileState: AggregateState {
    let share: Double
    private var values: [Double] = []
    private var numbers: [Int32] = []
    private var groups = 0

    init(share: Double) { self.share = share }

    mutating func take(_ values: Vector?, _ groups: Groups, pass: Int) {
        guard let values else { return }
        let numbers =
            values.valid.map { valid in groups.numbers.indices.map { valid[$0] ? groups.numbers[$0] : -1 } }
            ?? groups.numbers
        if self.values.isEmpty {
            (self.values, self.numbers) = (values.asNumbers, numbers)
        } else {
            self.values += values.asNumbers
            self.numbers += numbers
        }
        self.groups = groups.count
    }

    func result() -> Vector {
        let rows = RowsByKey(numbers, count: groups)
        var results = [Double](repeating: 0, count: groups)
        var isThere = [Bool](repeating: true, count: groups)
        var sorted: [Double] = []
        for group in 0..<groups {
            sorted.removeAll(keepingCapacity: true)
            for row in rows[group] where !values[Int(row)].isNaN { sorted.append(values[Int(row)]) }
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
