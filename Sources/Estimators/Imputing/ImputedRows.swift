/// Rows on their way to being complete: the columns that have a mean, missing values guessed.
struct ImputedRows {
    let columns: Int
    /// Row by row.
    private(set) var values: [Double]
    /// Of each column the rows that lack it, ascending.
    let missing: [[Int]]
    private let rows: Int

    /// - Parameter means: Of all columns; those of NaN are left out.
    init(_ x: [Double], means: [Double]) {
        let learned = means.indices.filter { !means[$0].isNaN }
        let rows = x.count / means.count
        var values: [Double] = []
        values.reserveCapacity(rows * learned.count)
        var missing = [[Int]](repeating: [], count: learned.count)
        for row in 0..<rows {
            for (place, column) in learned.enumerated() {
                let value = x[row * means.count + column]
                if value.isNaN { missing[place].append(row) }
                values.append(value.isNaN ? means[column] : value)
            }
        }
        self.values = values
        self.missing = missing
        self.rows = rows
        columns = learned.count
    }

    /// Of the rows that have a column, the other columns and this one.
    func training(_ column: Int) -> (others: [Double], target: [Double]) {
        var (others, target): ([Double], [Double]) = ([], [])
        let missing = missing[column]
        others.reserveCapacity((rows - missing.count) * (columns - 1))
        target.reserveCapacity(rows - missing.count)
        var next = 0
        for row in 0..<rows {
            if next < missing.count, missing[next] == row {
                next += 1
                continue
            }
            others += values[row * columns..<row * columns + column]
            others += values[row * columns + column + 1..<(row + 1) * columns]
            target.append(values[row * columns + column])
        }
        return (others, target)
    }

    /// Guesses a column anew where it is missing.
    mutating func fill(_ column: Int, _ model: BayesianRidge) {
        var others: [Double] = []
        for row in missing[column] {
            others.removeAll(keepingCapacity: true)
            others += values[row * columns..<row * columns + column]
            others += values[row * columns + column + 1..<(row + 1) * columns]
            values[row * columns + column] = model(others)
        }
    }

    /// The greatest sum of a row's changes.
    func change(from before: [Double]) -> Double {
        var most = 0.0
        for start in stride(from: 0, to: values.count, by: columns) {
            var sum = 0.0
            for place in start..<start + columns { sum += (values[place] - before[place]).magnitude }
            most = max(most, sum)
        }
        return most
    }
}
