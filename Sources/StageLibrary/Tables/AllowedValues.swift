import CanonicalJSON
import DataFrames
import TableTypes

/// The values that an enum lists, of fields that are no categories: compared as values, not as texts.
struct AllowedValues {
    private var ordered: Set<OrderedValue> = []
    private var texts: Set<TextKey> = []
    private let isNested: Bool

    /// Nil where none are listed.
    ///
    /// - Throws: `TableFinding` for one that is no value of the field's type.
    init?(_ field: TableSchema.Field, _ form: FieldForm?) throws(TableFinding) {
        guard let levels = field.constraints.levels else { return nil }
        isNested = field.columnType == .json
        for level in levels {
            let column = TextColumn(field.name, StringStorage([level]), validity: nil)
            let (value, misfits) = column.typed(field.columnType, form: form)
            // What JSON has for a value need not be spelt as the field's texts are.
            let plain = misfits.isEmpty ? value : column.typed(field.columnType).column
            guard misfits.isEmpty || column.typed(field.columnType).misfits.isEmpty else {
                throw .badConstraint(
                    field: field.name, constraint: "enum",
                    expected: "values of type \(field.type.rawValue), not '\(shortened(level))'")
            }
            if let value = plain.storage.ordered(0) {
                ordered.insert(value)
            } else if case .utf8(let all) = plain.storage {
                texts.insert(TextKey(all[0]))
            }
        }
    }

    func contains(_ value: OrderedValue?, _ text: String) -> Bool {
        if let value { return ordered.contains(value) }
        if texts.contains(TextKey(text)) { return true }
        return isNested
            && (try? JSONValue(parsing: text)).map { texts.contains(TextKey($0.canonicalText)) } ?? false
    }
}
