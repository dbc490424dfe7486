import CanonicalJSON
import Charts
import DataFrames
import TableTypes

extension FittedTransform {
    /// What was learned as a table to look at: a row a quantity, of an encoder a row a level; a joint step's columns
    /// stand with commas between them.
    var learned: DataFrame {
        get throws {
            let rows = steps.flatMap { step in
                step.step.learned.map {
                    (step.columns.joined(separator: ", "), step.name, $0.quantity, $0.value)
                }
            }
            let numbers = rows.map(\.3.number)
            let texts = rows.map { row in row.3.string ?? row.3.bool.map { $0 ? "true" : "false" } }
            return try DataFrame([
                DataColumn("column", .text, .utf8(StringStorage(rows.map(\.0)))),
                DataColumn("step", .text, .utf8(StringStorage(rows.map(\.1)))),
                DataColumn("quantity", .text, .utf8(StringStorage(rows.map(\.2)))),
                DataColumn(
                    "number", .number, .float64(numbers.map { $0 ?? 0 }),
                    validity: ValidityBitmap(numbers.map { $0 != nil })),
                DataColumn(
                    "text", .text, .utf8(StringStorage(texts.map { $0 ?? "" })),
                    validity: ValidityBitmap(texts.map { $0 != nil })),
            ])
        }
    }

    /// A line for each feature that goes in: name, type, what happens to it. For `sluice show`.
    public var summary: [(column: String, type: String, text: String)] {
        inputs.map { input in
            let texts = steps.filter { $0.columns.contains(input.name) }.map(\.step.text)
            return (
                input.name, input.type.rawValue, texts.isEmpty ? "as it is" : texts.joined(separator: ", ")
            )
        }
    }
}

extension FittedStep {
    /// Four decimals are enough to recognise a number; whole ones stay whole.
    static func short(_ value: Double) -> String {
        value == value.rounded() ? NumberText.shortest(value) : NumberText.fixed(value, 4)
    }
}
