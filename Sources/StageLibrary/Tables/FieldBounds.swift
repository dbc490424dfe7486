import CanonicalJSON
import DataFrames
import TableTypes

/// The smallest and the largest value that a field's constraints let pass, compared with values of the field's own
/// kind: what is whole as integers, to the last digit.
struct FieldBounds {
    private struct Bound {
        var constraint: String
        /// As the schema has it.
        var shown: String
        /// Whether values below it are wrong, or those above.
        var isLower: Bool
        /// The last value that is right; nil where none is.
        var last: OrderedValue?
        /// The bound itself where that is wrong and values of the field can be it.
        var excluded: OrderedValue?
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
            guard let bound = Self.bound(name, json, field, form) else {
                throw .badConstraint(field: field.name, constraint: name, expected: Self.expected(field.type))
            }
            all.append(bound)
        }
    }

    var isEmpty: Bool { all.isEmpty }

    /// No value below it is right; nil where there is none.
    var least: OrderedValue? { tightest(isLower: true) { $0 < $1 } }
    /// No value above it is right.
    var most: OrderedValue? { tightest(isLower: false) { $1 < $0 } }

    private func tightest(
        isLower: Bool, _ isBefore: (OrderedValue, OrderedValue) -> Bool
    ) -> OrderedValue? {
        all.lazy.filter { $0.isLower == isLower }.compactMap(\.last).max(by: isBefore)
    }

    /// Whether a bound lies beyond all values of the field's type, so that all of them are wrong.
    var isBeyondAll: Bool { all.contains { $0.last == nil } }

    /// What is wrong with a value: `is below the minimum 18`.
    func breach(_ value: OrderedValue) -> String? {
        for bound in all {
            if bound.excluded == value { return "is the \(bound.constraint) \(bound.shown) itself" }
            let isFine = bound.last.map { bound.isLower ? !(value < $0) : !($0 < value) } ?? false
            if !isFine {
                return "is \(bound.isLower ? "below" : "above") the \(bound.constraint) \(bound.shown)"
            }
        }
        return nil
    }

    private static func bound(
        _ name: String, _ json: JSONValue, _ field: TableSchema.Field, _ form: FieldForm?
    ) -> Bound? {
        let isExclusive = name.hasPrefix("ex")
        var bound = Bound(
            constraint: name, shown: json.string ?? json.canonicalText, isLower: name.hasSuffix("inimum"))
        if field.type == .number {
            guard let value = json.number ?? json.string.flatMap({ FieldText.toldNumber($0) }) else {
                return nil
            }
            let next = bound.isLower ? value.nextUp : value.nextDown
            bound.last = .number(isExclusive ? next : value)
            if isExclusive { bound.excluded = .number(value) }
            return bound
        }
        guard let value = whole(json, field, form) else { return nil }
        bound.last = value.last(isLower: bound.isLower, isExclusive: isExclusive).map(OrderedValue.integer)
        if isExclusive { bound.excluded = value.exact.map(OrderedValue.integer) }
        return bound
    }

    /// A bound as the field's values count: of a date days, of a time microseconds.
    private static func whole(
        _ json: JSONValue, _ field: TableSchema.Field, _ form: FieldForm?
    ) -> WholeBound? {
        let text = json.string
        switch field.type {
        case .integer, .year: return WholeBound(text ?? json.canonicalText)
        case .date, .yearmonth:
            return text.flatMap { text in
                (FieldText.date(text) ?? form?.date(text)).map { WholeBound(Int64($0)) }
            }
        case .datetime:
            return text.flatMap { text in
                (FieldText.timestamp(text) ?? form?.timestamp(text)).map { WholeBound($0) }
            }
        case .string, .category, .number, .boolean, .object, .array, .geojson, .any: return nil
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
