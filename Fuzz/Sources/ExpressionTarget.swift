import DataFrames
import Diagnostics
import TableOperations
import TableTypes

extension FuzzTarget {
    /// Expressions over a table of every type: what is wrong stands within the
    /// text, and what is right can be computed.
    static let expression = FuzzTarget(name: "expression") { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        let length = text.unicodeScalars.count
        func judge(_ findings: [PlacedFinding], isWhole: Bool) {
            precondition(isWhole == findings.isEmpty, "no expression and no finding, or both")
            for placed in findings {
                precondition(!placed.finding.message.isEmpty)
                precondition(placed.span.offset >= 0 && placed.span.length >= 0)
                precondition(placed.span.offset + placed.span.length <= length, "beyond the text")
            }
        }
        let type = frame.tableType
        let row = RowExpression.compile(text, over: type)
        judge(row.findings, isWhole: row.expression != nil)
        if let expression = row.expression, let column = try? expression.evaluate(frame, as: "x") {
            precondition(column.count == frame.count)
            precondition(column.nullCount == 0 || expression.column("x").isNullable, "a null out of nowhere")
        }
        let group = AggregateExpression.compile(text, over: type, in: .group(by: ["t"]))
        judge(group.findings, isWhole: group.expression != nil)
        if let expression = group.expression {
            let result = try? Grouping.aggregate(frame, by: ["t"], metrics: [("x", expression)])
            precondition(result == nil || result?.count == 3)
        }
        let window = AggregateExpression.compile(text, over: type, in: .window)
        judge(window.findings, isWhole: window.expression != nil)
        if let expression = window.expression, let time = frame["at"] {
            let windows = TimeWindows(frame, entity: [], time: time)
            _ = try? windows.evaluate(expression, last: 5, sight: .before, as: "x")
        }
    }

    private static let frame: DataFrame = {
        let isValid = ValidityBitmap([true, false, true])
        let columns = [
            DataColumn("i", .integer, .int64([.max, 0, -3]), validity: isValid),
            DataColumn("n", .number, .float64([0.5, .nan, -.infinity])),
            DataColumn("b", .boolean, .boolean([true, false, false]), validity: isValid),
            DataColumn("t", .text, .utf8(StringStorage(["", "a\u{308} 東", "12"]))),
            DataColumn("c", .category, .dictionary(indices: [1, 0, 1], levels: ["x", "y"])),
            DataColumn("d", .date, .date32([.min, 0, .max])),
            DataColumn("at", .timestamp, .timestamp([.min, 0, .max])),
        ]
        guard let frame = try? DataFrame(columns) else { preconditionFailure("columns of three rows") }
        return frame
    }()
}
