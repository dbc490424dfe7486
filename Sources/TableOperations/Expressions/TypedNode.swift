/// An expression whose types are known: every operand is of the type its
/// operation takes.
struct TypedNode: Sendable {
    var form: Form
    var type: ExpressionType
    var isNullable: Bool
    var span: Span

    indirect enum Form: Sendable {
        case literal(Literal)
        case column(String)
        /// The result of an aggregate, by its number.
        case slot(Int)
        /// A value of another type taken for the node's: integer as number,
        /// date as timestamp, null as anything.
        case widened(TypedNode)
        case negation(TypedNode)
        case not(TypedNode)
        case arithmetic(TypedNode, Arithmetic, TypedNode)
        case comparison(TypedNode, Comparison, TypedNode)
        case all([TypedNode])
        case any([TypedNode])
        case isNull(TypedNode)
        case isIn(TypedNode, [TypedNode])
        case choice(TypedNode, TypedNode, TypedNode)
        case coalesce([TypedNode])
        case extreme([TypedNode], isGreatest: Bool)
        case function(RowFunction, [TypedNode])
        case cast(TypedNode, isTry: Bool)
    }

    /// Names of the columns it reads.
    var columns: Set<String> {
        if case .column(let name) = form { return [name] }
        return parts.reduce(into: []) { $0.formUnion($1.columns) }
    }

    private var parts: [TypedNode] {
        switch form {
        case .literal, .column, .slot: []
        case .widened(let part), .negation(let part), .not(let part), .isNull(let part), .cast(let part, _):
            [part]
        case .arithmetic(let left, _, let right), .comparison(let left, _, let right): [left, right]
        case .isIn(let part, let list): [part] + list
        case .choice(let condition, let first, let second): [condition, first, second]
        case .all(let parts), .any(let parts), .coalesce(let parts), .extreme(let parts, _),
            .function(_, let parts):
            parts
        }
    }
}

/// A function of the values of one row that has no syntax of its own. What
/// each is, beside its form, stands in `RowFunction+Forms.swift`.
enum RowFunction: String, Sendable, CaseIterable {
    case abs, round, floor, ceil, sqrt
    case length, lower, upper, trim, replace, substring, concat
    case contains
    case startsWith = "starts_with"
    case endsWith = "ends_with"
    case year, month, day, weekday, hour, minute
    case daysBetween = "days_between"
    case secondsBetween = "seconds_between"
}

/// A function of many rows.
enum AggregateFunction: String, Sendable, CaseIterable {
    case count, sum, mean, min, max, first, last
    case uniques = "n_unique"
    case std
    case variance = "var"
    case median, quantile, mode

    /// The types it takes; none for any.
    var takes: [ExpressionType] {
        switch self {
        case .sum, .mean: [.integer, .number, .boolean]
        case .std, .variance, .median, .quantile: [.integer, .number]
        case .min, .max: [.integer, .number, .text, .date, .timestamp, .boolean]
        case .count, .first, .last, .uniques, .mode: []
        }
    }

    func result(of type: ExpressionType) -> ExpressionType {
        switch self {
        case .count, .uniques: .integer
        case .sum: type == .number ? .number : .integer
        case .mean, .std, .variance, .median, .quantile: .number
        case .min, .max, .first, .last, .mode: type
        }
    }
}
