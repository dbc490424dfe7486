import DataFrames
import TableTypes

/// Some rows of a table while they are cleaned. Rows that are left out go at once, so every step sees what those before
/// it have made.
struct CleanedRows {
    private(set) var frame: DataFrame
    /// Of each row that is left its number in the table, from 1.
    private(set) var numbers: [Int]
    /// Of each row that was set aside, in order.
    private var reasons: [String] = []
    private var aside: DataFrame?

    /// - Parameter first: Rows before these.
    init(_ frame: DataFrame, first: Int) {
        self.frame = frame
        numbers = Array((first + 1)..<(first + frame.count + 1))
    }

    func column(_ name: String) throws(StageLibraryFinding) -> DataColumn {
        guard let column = frame[name] else { throw .unknownColumn(name, known: frame.names) }
        return column
    }

    mutating func keep(_ rows: [Int]) {
        guard rows.count < frame.count else { return }
        frame = frame.gather(rows)
        numbers = rows.map { numbers[$0] }
    }

    mutating func replace(_ column: DataColumn) {
        frame = DataFrame(checked: frame.columns.map { $0.name == column.name ? column : $0 })
    }

    /// Takes rows out for the quarantine. A table that has a column `reason` of its own can have none there.
    mutating func setAside(_ rows: [Int], reasons: [String]) throws(StageLibraryFinding) {
        if !rows.isEmpty, frame[CleanTable.reason] != nil { throw .duplicateOutput(CleanTable.reason) }
        aside = frame.gather(rows)
        self.reasons = reasons
        let isOut = Set(rows)
        keep((0..<frame.count).filter { !isOut.contains($0) })
    }

    /// The rows that were set aside, and why.
    var quarantine: DataFrame {
        let rows = aside ?? frame.gather([])
        guard rows[CleanTable.reason] == nil else { return rows }
        return DataFrame(
            checked: rows.columns + [DataColumn(CleanTable.reason, .text, .utf8(StringStorage(reasons)))])
    }
}
