/// Aggregates: where they may stand, and what they take.
extension ExpressionTyper {
    mutating func aggregate(
        _ function: AggregateFunction, _ arguments: [Syntax], place: Span, _ span: Span
    ) -> TypedNode? {
        if case .row = mode {
            report(.aggregateInRow(function.rawValue), place)
            return nil
        }
        if case .windowed = mode, [.median, .quantile, .mode].contains(function) {
            report(.aggregateInWindow(function.rawValue), place)
            return nil
        }
        guard enclosing == nil else {
            report(.aggregateInAggregate(function.rawValue), place)
            return nil
        }
        let arity = function == .count ? 0...1 : function == .quantile ? 2...2 : 1...1
        guard arity.contains(arguments.count) else {
            let form =
                function == .count
                ? "count(), or count(value)"
                : function == .quantile ? "quantile(value, 0.9)" : "\(function.rawValue)(value)"
            report(.argumentCount(function: function.rawValue, form: form, found: arguments.count), span)
            return nil
        }
        var quantile = 0.5
        if function == .quantile {
            switch arguments[1].form {
            case .literal(.number(let value)) where (0...1).contains(value): quantile = value
            case .literal(.integer(let value)) where (0...1).contains(value): quantile = Double(value)
            default:
                report(
                    .literalExpected(function: "quantile", what: "a share from 0 to 1"), arguments[1].span)
                return nil
            }
        }
        enclosing = function
        defer { enclosing = nil }
        var argument: TypedNode?
        if let first = arguments.first {
            let takes = function.takes.isEmpty ? ExpressionType.allCases : function.takes
            guard let node = operand(first, of: function.rawValue, takes: takes) else { return nil }
            if node.type == .other, function != .count {
                report(
                    .operandType(
                        operation: function.rawValue, found: .other, takes: AggregateFunction.max.takes),
                    first.span)
                return nil
            }
            argument = node
        }
        let call = AggregateCall(function: function, argument: argument, quantile: quantile)
        aggregates.append(call)
        let isCount = function == .count || function == .uniques
        return TypedNode(
            form: .slot(aggregates.count - 1), type: function.result(of: argument?.type ?? .integer),
            isNullable: !isCount, span: span)
    }
}

/// One aggregate of an expression: what is made of the values of many rows.
struct AggregateCall: Sendable {
    var function: AggregateFunction
    /// Nil for count().
    var argument: TypedNode?
    /// Of `quantile`.
    var quantile: Double
}
