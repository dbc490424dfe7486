/// Calls by name: functions of a row, words that read like functions, and
/// aggregates.
extension ExpressionTyper {
    static let special = ["if", "coalesce", "cast", "try_cast", "min", "max"]

    static var rowNames: [String] { (special + RowFunction.allCases.map(\.rawValue)).sorted() }
    static var allNames: [String] {
        Set(rowNames + AggregateFunction.allCases.map(\.rawValue)).sorted()
    }

    mutating func call(
        _ name: String, _ arguments: [Syntax], place: Span, _ span: Span
    ) -> TypedNode? {
        // One argument makes them aggregates, several take the extreme of a row.
        if name == "min" || name == "max", arguments.count > 1 {
            guard let all = alike(arguments, "'\(name)'") else { return nil }
            return TypedNode(
                form: .extreme(all, isGreatest: name == "max"), type: all[0].type,
                isNullable: all.allSatisfy(\.isNullable), span: span)
        }
        if let function = AggregateFunction(rawValue: name) {
            return aggregate(function, arguments, place: place, span)
        }
        switch name {
        case "if":
            guard arguments.count == 3 else {
                report(
                    .argumentCount(
                        function: name, form: "if(condition, value, otherwise)", found: arguments.count), span
                )
                return nil
            }
            let condition = operand(arguments[0], of: "if", takes: [.boolean])
            guard let branches = alike(Array(arguments[1...]), "'if'"), let condition else { return nil }
            return TypedNode(
                form: .choice(condition, branches[0], branches[1]), type: branches[0].type,
                isNullable: branches.contains { $0.isNullable }, span: span)
        case "coalesce":
            guard !arguments.isEmpty else {
                report(.argumentCount(function: name, form: "coalesce(value, value, ...)", found: 0), span)
                return nil
            }
            guard let all = alike(arguments, "'coalesce'") else { return nil }
            return TypedNode(
                form: .coalesce(all), type: all[0].type, isNullable: all.allSatisfy(\.isNullable), span: span)
        default: break
        }
        guard let function = RowFunction(rawValue: name) else {
            let known = if case .row = mode { Self.rowNames } else { Self.allNames }
            report(.unknownFunction(name, known: known), place)
            return nil
        }
        return apply(function, arguments, span)
    }

    private mutating func apply(_ function: RowFunction, _ arguments: [Syntax], _ span: Span) -> TypedNode? {
        guard function.arity.contains(arguments.count) else {
            report(
                .argumentCount(
                    function: function.rawValue, form: function.form, found: arguments.count), span)
            return nil
        }
        var typed: [TypedNode] = []
        for (index, argument) in arguments.enumerated() {
            if let node = operand(argument, of: function.rawValue, takes: function.takes(index)) {
                typed.append(node)
            }
        }
        guard typed.count == arguments.count else { return nil }
        if function == .round, arguments.count == 2 {
            guard case .literal(.integer(let digits)) = arguments[1].form, (0...15).contains(digits) else {
                report(.literalExpected(function: "round", what: "digits from 0 to 15"), arguments[1].span)
                return nil
            }
        }
        if let wide = function.widens { typed = typed.map { widened($0, wide) } }
        // Of a date and a timestamp the date counts from its midnight.
        if function == .daysBetween, typed[0].type != typed[1].type {
            typed = typed.map { widened($0, .timestamp) }
        }
        // The root of a negative number is no number, and so null.
        let isNullable = typed.contains { $0.isNullable } || function == .sqrt
        return TypedNode(
            form: .function(function, typed), type: function.result(of: typed.map(\.type)),
            isNullable: isNullable, span: span)
    }
}
