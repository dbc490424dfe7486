import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes

/// What the constraints of one field say of one value.
struct FieldRules {
    private let field: TableSchema.Field
    private let isRequired: Bool
    private let lower: Double?
    private let upper: Double?
    private let pattern: Regex<AnyRegexOutput>?

    /// - Throws: `TableFinding` for a bound that is no value of the field's type,
    ///   a pattern that is none, a format that is not read.
    init(_ field: TableSchema.Field, isRequired: Bool) throws(TableFinding) {
        self.field = field
        self.isRequired = isRequired
        lower = try Self.bound(field.constraints.minimum, "minimum", of: field)
        upper = try Self.bound(field.constraints.maximum, "maximum", of: field)
        do {
            pattern = try field.constraints.pattern.map { try Regex($0) }
        } catch {
            throw .badConstraint(
                field: field.name, constraint: "pattern", expected: "a regular expression")
        }
        if let format = field.format, format != "default", field.type == .date || field.type == .datetime {
            throw .format(format, field: field.name)
        }
    }

    /// Whether a value that has the field's type can still break a rule.
    var hasAny: Bool {
        isRequired || lower != nil || upper != nil || pattern != nil || field.constraints.levels != nil
    }

    /// Why a text is no value of the field's type.
    func misfit(_ text: String) -> String {
        let value = "'\(shortened(text))'"
        if let levels = field.constraints.levels, field.columnType == .category {
            return "\(value) is not one of \(listed(levels))"
        }
        return "\(value) is not of type \(field.columnType.rawValue)"
    }

    /// The constraint a value breaks; nil if none.
    func breach(_ column: DataColumn, _ row: Int, _ text: String?) -> String? {
        guard let text else { return isRequired ? Self.noValue : nil }
        return breach(column.type, Self.number(column, row), text)
    }

    private static let noValue = "there is no value, but one is required"

    /// Tells which of the last rows of a column break a constraint, and how.
    ///
    /// - Parameters:
    ///   - rows: How many they are; others count from the first of them.
    ///   - nulls: Those without a value.
    ///   - misfits: Those of them whose text did not read as the type.
    ///   - text: What the file has in a row.
    func breaches(
        rows: Int, nulls: [Int], misfits: [Int], _ builder: FieldColumnBuilder, text: (Int) -> String,
        note: (Int, String) -> Void
    ) {
        let isMisfit = Set(misfits)
        if isRequired { for row in nulls where !isMisfit.contains(row) { note(row, Self.noValue) } }
        let first = builder.count - rows
        let isNull = Set(nulls)
        func breach(_ row: Int) {
            if isNull.contains(row) { return }
            let number = lower == nil && upper == nil ? nil : builder.number(first + row)
            if let reason = self.breach(builder.type, number, text(row)) { note(row, reason) }
        }
        if pattern != nil || field.constraints.levels != nil && builder.type != .category {
            for row in 0..<rows { breach(row) }
        } else if lower != nil || upper != nil {
            for row in builder.lastRows(rows, below: lower, above: upper) { breach(row) }
        }
    }

    private func breach(_ type: ColumnType, _ value: Double?, _ text: String) -> String? {
        let rules = field.constraints
        if let levels = rules.levels, type != .category, !levels.contains(text) {
            return "'\(shortened(text))' is not one of \(listed(levels))"
        }
        if let value {
            if let lower, value < lower {
                return "\(shortened(text)) is below the minimum \(Self.shown(rules.minimum))"
            }
            if let upper, value > upper {
                return "\(shortened(text)) is above the maximum \(Self.shown(rules.maximum))"
            }
        }
        if let pattern, (try? pattern.wholeMatch(in: text)) == nil {
            return "'\(shortened(text))' does not match the pattern"
        }
        return nil
    }

    private func listed(_ levels: [String]) -> String {
        levels.prefix(8).map { "'\(shortened($0))'" }.joined(separator: ", ")
            + (levels.count > 8 ? ", ..." : "")
    }

    private static func shown(_ bound: JSONValue?) -> String { bound?.string ?? bound?.canonicalText ?? "" }

    private static func number(_ column: DataColumn, _ row: Int) -> Double? {
        switch column.storage {
        case .int64(let values), .timestamp(let values): Double(values[row])
        case .float64(let values): values[row]
        case .date32(let values): Double(values[row])
        case .boolean, .utf8, .binary, .dictionary: nil
        }
    }

    private static func bound(
        _ json: JSONValue?, _ name: String, of field: TableSchema.Field
    ) throws(TableFinding) -> Double? {
        guard let json else { return nil }
        let value: Double? =
            switch field.type {
            case .integer, .number: json.number
            case .date: json.string.flatMap { FieldText.date($0) }.map(Double.init)
            case .datetime: json.string.flatMap { FieldText.timestamp($0) }.map(Double.init)
            case .string, .category, .boolean, .object, .array, .any: nil
            }
        guard let value else {
            let expected =
                switch field.type {
                case .integer, .number: "a number"
                case .date: "a date such as 2024-12-31"
                case .datetime: "a time such as 2024-12-31T08:00:00Z"
                case .string, .category, .boolean, .object, .array, .any:
                    "none for type \(field.type.rawValue)"
                }
            throw .badConstraint(field: field.name, constraint: name, expected: expected)
        }
        return value
    }
}
