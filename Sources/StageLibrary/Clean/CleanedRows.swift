import DataFrames
import TableTypes

/// Some rows of a table while they are cleaned. Rows that are left out go at once, so every step sees what those before
/// it have made.
struct CleanedRows {
    private(set) var frame: DataFrame
    /// Of each row that is left its number in the table, from 1.
    private(set) var numbers: [Int]
    /// What was set aside, one step after another.
    private var aside: [(frame: DataFrame, numbers: [Int], reasons: [String])] = []

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
        if !rows.isEmpty { aside.append((frame.gather(rows), rows.map { numbers[$0] }, reasons)) }
        let isOut = Set(rows)
        keep((0..<frame.count).filter { !isOut.contains($0) })
    }

    /// The rows that were set aside, in the order of the table, and why. Columns are of the types they have in the end.
    var quarantine: DataFrame {
        var builder = DataFrameBuilder()
        builder.append(frame, 0..<0)
        for part in aside { builder.append(frame.typing(part.frame), 0..<part.frame.count) }
        let numbers = aside.flatMap(\.numbers)
        let reasons = aside.flatMap(\.reasons)
        let order = numbers.indices.sorted { numbers[$0] < numbers[$1] }
        let rows = builder.take().gather(order)
        guard rows[CleanTable.reason] == nil else { return rows }
        let texts = StringStorage(order.lazy.map { reasons[$0] })
        return DataFrame(checked: rows.columns + [DataColumn(CleanTable.reason, .text, .utf8(texts))])
    }
}

extension DataFrame {
    /// Rows with integers as numbers where the same column here has numbers.
    fileprivate func typing(_ rows: DataFrame) -> DataFrame {
        DataFrame(
            checked: zip(columns, rows.columns).map { own, other in
                guard own.type == .number, other.type == .integer else { return other }
                return DataColumn(own.name, .number, .float64(other.numbers ?? []))
            })
    }
}
