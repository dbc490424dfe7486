import Diagnostics
import TableTypes

/// What can be wrong with an expression, before any row is read.
public enum ExpressionFinding: Finding, Hashable {
    /// - Parameter found: Nil at the end of the text.
    case unexpected(found: String?, expected: String)
    case unclosedQuote(String)
    case badNumber(String)
    case badMoment(String, isDate: Bool)
    case tooDeep(limit: Int)
    case unknownExpressionColumn(String, known: [String])
    case unknownFunction(String, known: [String])
    case unknownCast(String, known: [String])
    case argumentCount(function: String, form: String, found: Int)
    /// - Parameter operation: `'+'`, `length`.
    case operandType(operation: String, found: ExpressionType, takes: [ExpressionType])
    /// Values that a comparison, a list or a choice brings together.
    case unlikeTypes(operation: String, ExpressionType, ExpressionType)
    case impossibleCast(from: ExpressionType, to: ExpressionType)
    case notACondition(found: ExpressionType)
    case literalExpected(function: String, what: String)
    case aggregateInRow(String)
    case aggregateInWindow(String)
    case aggregateInAggregate(String)
    case columnOutsideAggregate(String, by: [String])

    public var message: String {
        switch self {
        case .unexpected(nil, let expected): "the expression ends where \(expected) is expected"
        case .unexpected(let found?, _): "'\(found)' cannot stand here"
        case .unclosedQuote(let quote): "the quote \(quote) is never closed"
        case .badNumber(let spelling): "'\(spelling)' is no number"
        case .badMoment(let text, let isDate): "'\(text)' is no \(isDate ? "date" : "timestamp")"
        case .tooDeep(let limit): "the expression is nested deeper than \(limit)"
        case .unknownExpressionColumn(let name, _): "there is no column '\(name)'"
        case .unknownFunction(let name, _): "there is no function '\(name)'"
        case .unknownCast(let name, _): "'\(name)' is no type to cast to"
        case .argumentCount(let function, _, let found):
            "'\(function)' cannot take \(found) \(found == 1 ? "argument" : "arguments")"
        case .operandType(let operation, let found, _): "\(operation) cannot take a value of type \(found)"
        case .unlikeTypes(let operation, let a, let b):
            "\(operation) cannot bring together values of the types \(a) and \(b)"
        case .impossibleCast(let from, let to): "a value of type \(from) cannot be cast to \(to)"
        case .notACondition(let found): "the condition is a value of type \(found)"
        case .literalExpected(let function, let what): "'\(function)' needs \(what) as a literal"
        case .aggregateInRow(let name): "'\(name)' takes many rows, and here is one row at a time"
        case .aggregateInWindow(let name): "'\(name)' is not kept over windows"
        case .aggregateInAggregate(let name): "'\(name)' stands inside another aggregate"
        case .columnOutsideAggregate(let name, _):
            "column '\(name)' has many values in a group and stands outside an aggregate"
        }
    }

    public var notes: [Diagnostic.Note] {
        switch self {
        case .unexpected(.some, let expected): [Diagnostic.Note("expected", expected)]
        case .badMoment(_, let isDate):
            [Diagnostic.Note("expected", isDate ? "2024-01-31" : "2024-01-31T12:00:00Z")]
        case .unknownExpressionColumn(_, let known):
            [Diagnostic.Note("columns", known.isEmpty ? "none" : listing(known))]
        case .unknownFunction(_, let known), .unknownCast(_, let known):
            [Diagnostic.Note("expected", listing(known, limit: 60))]
        case .argumentCount(_, let form, _): [Diagnostic.Note("expected", form)]
        case .operandType(_, _, let takes):
            [Diagnostic.Note("expected", takes.map(\.description).joined(separator: ", "))]
        case .notACondition: [Diagnostic.Note("expected", "true or false, such as amount > 100")]
        case .columnOutsideAggregate(_, let by):
            [Diagnostic.Note("grouped by", by.isEmpty ? "nothing" : listing(by))]
        default: []
        }
    }

    public var fix: String? {
        switch self {
        case .unexpected(let found?, _):
            found == "&&"
                ? "write and"
                : found == "||"
                    ? "write or"
                    : found == "\"" ? "put texts in 'single quotes', names of columns in `backquotes`" : nil
        case .unclosedQuote(let quote): "a quote inside a text is written twice: \(quote)\(quote)"
        case .unknownExpressionColumn(let name, let known): didYouMean(name, among: known)
        case .unknownFunction(let name, let known), .unknownCast(let name, let known):
            didYouMean(name, among: known)
        case .operandType(let operation, .text, let takes) where takes.contains(.number):
            operation == "'+'" ? "join texts by concat(a, b)" : "write cast(... as number)"
        case .operandType(let operation, let found, _) where found.isMoment && operation == "'-'":
            "write days_between(start, end), or seconds_between"
        case .unlikeTypes(_, .text, let other), .unlikeTypes(_, let other, .text):
            other.isMoment
                ? "write \(other) before the text: \(other) '...'" : "write cast(... as \(other))"
        case .notACondition(.integer): "compare it with something: ... != 0"
        case .aggregateInRow: "aggregates belong in table.aggregate or table.window"
        case .columnOutsideAggregate(let name, _): "write first(\(name)), or add it to 'by'"
        default: nil
        }
    }
}

/// What an expression's value is. A category is a text here.
public enum ExpressionType: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case boolean, integer, number, text, date, timestamp
    /// Of the literal null, which is of every type.
    case null
    /// Of an image, a sound and the like: it can only be there or not.
    case other

    public var description: String { rawValue }
    var isNumeric: Bool { self == .integer || self == .number }
    var isMoment: Bool { self == .date || self == .timestamp }

    init(_ type: ColumnType) {
        self =
            switch type {
            case .boolean: .boolean
            case .integer: .integer
            case .number: .number
            case .category, .text: .text
            case .date: .date
            case .timestamp: .timestamp
            case .image, .audio, .series, .vector, .json: .other
            }
    }

    var columnType: ColumnType {
        switch self {
        case .boolean: .boolean
        case .integer: .integer
        case .number: .number
        case .text, .null, .other: .text
        case .date: .date
        case .timestamp: .timestamp
        }
    }

    /// The type that values of both can be taken for; nil when there is none.
    func joined(_ other: ExpressionType) -> ExpressionType? {
        if self == other || other == .null { return self }
        if self == .null { return other }
        if isNumeric && other.isNumeric { return .number }
        if isMoment && other.isMoment { return .timestamp }
        return nil
    }
}
