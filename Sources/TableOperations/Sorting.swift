import DataFrames

/// Rows in the order of their values.
public enum Sorting {
    /// Nulls come last, NaN before them above all numbers; texts by their bytes,
    /// a category by its level's text, false before true. Rows that are equal in
    /// all columns keep their order, so the order is one.
    ///
    /// - Precondition: The frame has the columns, and no more than 2^31 - 2 rows.
    /// - Complexity: O(rows log rows).
    public static func order(of frame: DataFrame, by keys: [(column: String, isDescending: Bool)]) -> [Int] {
        let columns = keys.map { key -> [Int32] in
            guard let column = frame[key.column] else { preconditionFailure("no column '\(key.column)'") }
            return ranks(of: column, isDescending: key.isDescending)
        }
        return (0..<frame.count).sorted { a, b in
            for rank in columns where rank[a] != rank[b] { return rank[a] < rank[b] }
            return a < b
        }
    }

    /// Of every row the place of its value among the different ones.
    private static func ranks(of column: DataColumn, isDescending: Bool) -> [Int32] {
        let keys = ColumnKeys(column)
        var firsts = [Int](repeating: 0, count: keys.count)
        var seen: Int32 = 0
        for (row, number) in keys.numbers.enumerated() where number == seen {
            firsts[Int(number)] = row
            seen += 1
        }
        let values = Vector(column)
        let isLess = values.judge(isGreatest: false)
        // `judge` takes a number for better than NaN either way; least first puts NaN last.
        let ordered = firsts.indices.sorted { isLess(firsts[$0], firsts[$1]) }
        var ranks = [Int32](repeating: 0, count: keys.count)
        for (rank, number) in ordered.enumerated() {
            ranks[number] = Int32(isDescending ? keys.count - 1 - rank : rank)
        }
        return keys.numbers.map { $0 < 0 ? Int32.max : ranks[Int($0)] }
    }
}
