import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes

/// What the constraints of one field say of one value, and how its texts are values.
struct FieldRules {
    /// How texts are values, where the type does not say all.
    let form: FieldForm?
    private let field: TableSchema.Field
    private let isRequired: Bool
    private let bounds: FieldBounds
    private let pattern: Regex<AnyRegexOutput>?
    private let format: TextFormat?
    private let allowed: AllowedValues?

    /// - Throws: `TableFinding` for a bound that is no value of the field's type,
    ///   a pattern that is none, a format that is not read.
    init(_ field: TableSchema.Field, isRequired: Bool) throws(TableFinding) {
        self.field = field
        self.isRequired = isRequired
        do throws(FieldForm.Problem) {
            form = try FieldForm.of(field)
        } catch {
            throw .form(field: field.name, format: field.format ?? "", error)
        }
        let rules = field.constraints
        bounds = try FieldBounds(field, form)
        do {
            pattern = try rules.pattern.map { try Regex($0) }
        } catch {
            throw .badConstraint(
                field: field.name, constraint: "pattern", expected: "a regular expression")
        }
        format = field.type == .string ? field.format.flatMap(TextFormat.init) : nil
        let isText = field.columnType == .text || field.columnType == .category
        let isNested = field.columnType == .json
        try Self.requires(
            isText || isNested || rules.minLength == nil && rules.maxLength == nil, "minLength and maxLength",
            field)
        try Self.requires(isText || rules.pattern == nil, "pattern", field)
        // The levels of a category are all that are read.
        allowed = field.columnType == .category ? nil : try AllowedValues(field, form)
    }

    private static func requires(
        _ isFine: Bool, _ constraint: String, _ field: TableSchema.Field
    ) throws(TableFinding) {
        if isFine { return }
        throw .badConstraint(
            field: field.name, constraint: constraint, expected: "none for type \(field.type.rawValue)")
    }

    /// Whether a value that has the field's type can still break a rule.
    var hasAny: Bool { isRequired || !bounds.isEmpty || looksAtTexts }

    private var looksAtTexts: Bool {
        let rules = field.constraints
        return pattern != nil || format != nil || allowed != nil || rules.minLength != nil
            || rules.maxLength != nil
    }

    /// Why a text is no value of the field's type.
    func misfit(_ text: String) -> String {
        let value = "'\(shortened(text))'"
        if let levels = field.constraints.levels, field.columnType == .category {
            return "\(value) is not one of \(listed(levels))"
        }
        let type = field.columnType == .json ? field.type.rawValue : field.columnType.rawValue
        guard form != nil else { return "\(value) is not of type \(type)" }
        switch field.type {
        case .year, .yearmonth: return "\(value) is no \(field.type.rawValue)"
        case .boolean:
            let words = (field.spelling.trueValues ?? ["true"]) + (field.spelling.falseValues ?? ["false"])
            return "\(value) is not one of \(listed(words))"
        case .date, .datetime: return "\(value) is not of type \(type) by the format '\(field.format ?? "")'"
        default: return "\(value) is not of type \(type)"
        }
    }

    /// The constraint a value breaks; nil if none.
    func breach(_ column: DataColumn, _ row: Int, _ text: String?) -> String? {
        guard let text else { return isRequired ? Self.noValue : nil }
        return breach(column.storage.ordered(row), text)
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
            let value = bounds.isEmpty && allowed == nil ? nil : builder.ordered(first + row)
            if let reason = self.breach(value, text(row)) { note(row, reason) }
        }
        if looksAtTexts || bounds.isBeyondAll {
            for row in 0..<rows { breach(row) }
        } else if !bounds.isEmpty {
            for row in builder.lastRows(rows, below: bounds.least, above: bounds.most) { breach(row) }
        }
    }

    private func breach(_ value: OrderedValue?, _ text: String) -> String? {
        if let allowed, !allowed.contains(value, text) {
            return "'\(shortened(text))' is not one of \(listed(field.constraints.levels ?? []))"
        }
        if let value, let reason = bounds.breach(value) { return "\(shortened(text)) \(reason)" }
        if let reason = wrongLength(text) { return "'\(shortened(text))' has \(reason)" }
        if let pattern, (try? pattern.wholeMatch(in: text)) == nil {
            return "'\(shortened(text))' does not match the pattern"
        }
        if let format, !format.fits(text) {
            return "'\(shortened(text))' is not of the format \(format.rawValue)"
        }
        return nil
    }

    /// `3 characters, fewer than the minLength 5`
    private func wrongLength(_ text: String) -> String? {
        let rules = field.constraints
        if rules.minLength == nil, rules.maxLength == nil { return nil }
        var length = text.unicodeScalars.count
        var unit = "character"
        if field.columnType == .json {
            guard let value = try? JSONValue(parsing: text),
                let count = value.array?.count ?? value.object?.count
            else { return nil }
            (length, unit) = (count, "element")
        }
        let counted = "\(length) \(unit)\(length == 1 ? "" : "s")"
        if let least = rules.minLength, length < least {
            return "\(counted), fewer than the minLength \(least)"
        }
        if let most = rules.maxLength, length > most { return "\(counted), more than the maxLength \(most)" }
        return nil
    }

    private func listed(_ levels: [String]) -> String {
        levels.prefix(8).map { "'\(shortened($0))'" }.joined(separator: ", ")
            + (levels.count > 8 ? ", ..." : "")
    }
}
