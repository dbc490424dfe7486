import DataFrames
import TableTypes

/// How many different values each group has, or the one that comes most often: of several the one that comes first.
struct DistinctState: AggregateState {
    let isMode: Bool
    /// Rows that were looked at last, before them one for each pair of a group and a value that came earlier.
    private var values: Vector?
    private var numbers: [Int32] = []
    /// Of each pair so far its first row among those, and how often it came.
    private var firsts: [Int32] = []
    private var times: [Int64] = []
    private var groups = 0

    init(isMode: Bool) { self.isMode = isMode }

    mutating func take(_ values: Vector?, _ groups: Groups, pass: Int) {
        guard var values else { return }
        var numbers = groups.numbers
        let known = firsts.count
        if let before = self.values, known > 0 {
            values = before.taking(firsts).followed(by: values)
            numbers = self.numbers.taking(firsts) + numbers
        }
        let keys = ColumnKeys(values.column("", values.keyType, rows: numbers.count))
        let pairs = PairKeys(numbers, groups.count, keys.numbers, keys.count)
        firsts = [Int32](repeating: -1, count: pairs.count)
        times.append(contentsOf: repeatElement(0, count: pairs.count - known))
        for (row, pair) in pairs.numbers.enumerated() where pair >= 0 {
            if firsts[Int(pair)] < 0 { firsts[Int(pair)] = Int32(row) }
            if row >= known { times[Int(pair)] += 1 }
        }
        self.values = values
        self.numbers = numbers
        self.groups = groups.count
    }

    func result() -> Vector {
        guard let values else { preconditionFailure("a table has a piece") }
        var uniques = [Int64](repeating: 0, count: groups)
        var best = [Int64](repeating: 0, count: groups)
        var picks = [Int32](repeating: -1, count: groups)
        for pair in firsts.indices {
            let group = Int(numbers[Int(firsts[pair])])
            uniques[group] += 1
            if times[pair] > best[group] {
                best[group] = times[pair]
                picks[group] = firsts[pair]
            }
        }
        return isMode ? values.picking(picks) : Vector(.integer(uniques))
    }
}
