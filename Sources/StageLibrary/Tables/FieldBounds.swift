import CanonicalJSON
import DataFrames
import TableTypes

/// The smallest and the largest value that a field's constraints let pass.
struct FieldBounds {
    private struct Bound {
        var constraint: String
        var value: Double
        /// As the schema has it.
        var shown: String
        /// Whether values below it are wrong, or those above.
        var isLower: Bool
        /// Whether the bound itself is wrong.
        var isExclusive: Bool
    }

    private var all: [Bound] = []

    /// - Throws: `TableFinding` for a bound that is no value of the field's type.
    init(_ field: TableSchema.Field, _ form: FieldForm?) throws(TableFinding) {
        let rules = field.constraints
        for (name, json) in [
            ("minimum", rules.minimum), ("maximum", rules.maximum),
            ("exclusiveMinimum", rules.exclusiveMinimum),
            ("exclusiveMaximum", rules.exclusiveMaximum),
        ] {
            guard let json else { continue }
            guard let value = Self.number(json, field, form) else {
                throw .badConstraint(field: field.name, constraint: name, expected: Self.expected(field.type))
            }
            all.append(
                Bound(
                    constraint: name, value: value, shown: json.string ?? json.canonicalText,
                    isLower: name.hasSuffix("inimum"), isExclusive: name.hasPrefix("ex")))
        }
    }

    var isEmpty: Bool { all.isEmpty }

    /// No value below it is right; nil where there is none.
    var least: Double? {
        all.lazy.filter(\.isLower).map { $0.isExclusive ? $0.value.nextUp : $0.value }.max()
    }
    /// No value above it is right.
    var most: Double? {
        all.lazy.filter { !$0.isLower }.map { $0.isExclusive ? $0.value.nextDown : $0.value }.min()
    }

    /// What is wrong with a value: `is below the minimum 18`.
    func breach(_ value: Double) -> String? {
        for bound in all {
            if bound.isLower ? value < bound.value : value > bound.value {
                return "is \(bound.isLower ? "below" : "above") the \(bound.constraint) \(bound.shown)"
            }
            if bound.isExclusive, value == bound.value {
                return "is the \(bound.constraint) \(bound.shown) itself"
            }
        }
        return nil
    }

    /// A value of a constraint as the field's values count: of a date days, of a time microseconds.
    static func number(_ json: JSONValue, _ field: TableSchema.Field, _ form: FieldForm?) -> Double? {
        let text = json.string
        switch field.type {
        case .integer, .number, .year: return json.number ?? text.flatMap { FieldText.toldNumber($0) }
        case .date, .yearmonth:
            return text.flatMap { text in
                (FieldText.date(text) ?? form?.date(text)).map(Double.init)
            }
        case .datetime:
            return text.flatMap { text in
                (FieldText.timestamp(text) ?? form?.timestamp(text)).map(Double.init)
            }
        case .string, .category, .boolean, .object, .array, .geojson, .any: return nil
        }
    }

    private static func expected(_ type: TableSchema.FieldType) -> String {
        switch type {
        case .integer, .number: "a number"
        case .year: "a year such as 2024"
        case .date: "a date such as 2024-12-31"
        case .yearmonth: "a month such as 2024-12"
        case .datetime: "a time such as 2024-12-31T08:00:00Z"
        case .string, .category, .boolean, .object, .array, .geojson, .any: "none for type \(type.rawValue)"
        }
    }
}

/// The values that an enum lists, of fields that are no categories: compared as values, not as texts.
struct AllowedValues {
    private var numbers: Set<Double> = []
    private var texts: Set<String> = []
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
            switch plain.storage {
            case .boolean(let all): numbers.insert(all[0] ? 1 : 0)
            case .int64(let all), .timestamp(let all): numbers.insert(Double(all[0]))
            case .float64(let all): numbers.insert(all[0])
            case .date32(let all): numbers.insert(Double(all[0]))
            case .utf8(let all): texts.insert(all[0])
            case .binary, .dictionary: break
            }
        }
    }

    func contains(_ number: Double?, _ text: String) -> Bool {
        if let number { return numbers.contains(number) }
        if texts.contains(text) { return true }
        return isNested && (try? JSONValue(parsing: text)).map { texts.contains($0.canonicalText) } ?? false
    }
}
