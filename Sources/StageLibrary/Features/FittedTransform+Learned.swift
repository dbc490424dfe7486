import CanonicalJSON
import DataFrames
import TableTypes

extension FittedTransform {
    /// What was learned as a table to look at: a row a quantity, of an encoder
    /// a row a level.
    var learned: DataFrame {
        get throws {
            var rows: [(column: String, step: String, quantity: String, value: JSONValue)] = []
            for feature in features {
                for step in feature.steps {
                    switch step {
                    case .impute(let value, _): rows.append((feature.name, "impute", "value", value))
                    case .scale(let center, let divisor):
                        rows.append((feature.name, "scale", "center", .number(center)))
                        rows.append((feature.name, "scale", "divisor", .number(divisor)))
                    case .encode(let levels, _):
                        rows += levels.map { (feature.name, "encode", "level", .string($0)) }
                    }
                }
            }
            let numbers = rows.map(\.value.number)
            let texts = rows.map { row in
                row.value.string ?? row.value.bool.map { $0 ? "true" : "false" }
            }
            return try DataFrame([
                DataColumn("column", .text, .utf8(StringStorage(rows.map(\.column)))),
                DataColumn("step", .text, .utf8(StringStorage(rows.map(\.step)))),
                DataColumn("quantity", .text, .utf8(StringStorage(rows.map(\.quantity)))),
                DataColumn(
                    "number", .number, .float64(numbers.map { $0 ?? 0 }),
                    validity: ValidityBitmap(numbers.map { $0 != nil })),
                DataColumn(
                    "text", .text, .utf8(StringStorage(texts.map { $0 ?? "" })),
                    validity: ValidityBitmap(texts.map { $0 != nil })),
            ])
        }
    }
}
