import Diagnostics
import YAMLSyntax

/// The condition under `when`: parsed once, judged for each member of a matrix.
struct Condition {
    private enum Form {
        case constant(Bool)
        case expression(Expression)
        /// Reported; counts as true, so that the stage's other findings show.
        case broken
    }

    private let node: Node
    private let tokens: [ExpressionToken]
    private let form: Form

    init(_ node: Node, into findings: inout Diagnostics) {
        self.node = node
        guard case .text(let text) = node.scalar else {
            tokens = []
            if case .boolean(let flag) = node.scalar {
                form = .constant(flag)
            } else {
                form = .broken
                findings.add(
                    LanguageFinding.wrongType(
                        what: "'when'", expected: "a condition, such as params.epochs > 10",
                        found: node.whatItIs), at: node.range)
            }
            return
        }
        let tokens = ExpressionLexer.tokens(text)
        self.tokens = tokens
        do {
            form = .expression(try ExpressionParser.parse(tokens))
        } catch {
            form = .broken
            report(error, into: &findings)
        }
    }

    /// Whether the stage is on.
    func judge(in scope: Scope, into findings: inout Diagnostics) -> Bool {
        switch form {
        case .constant(let flag): return flag
        case .broken: return true
        case .expression(let expression):
            guard let value = evaluate(expression, in: scope, into: &findings) else { return true }
            if case .boolean(let flag) = value { return flag }
            findings.add(
                LanguageFinding.notACondition(place: "'when'", found: value.sort), at: place(expression.token)
            )
            return true
        }
    }

    private func report(_ problem: ExpressionParser.Problem, into findings: inout Diagnostics) {
        switch problem {
        case .tooDeep(let token):
            findings.add(
                LanguageFinding.conditionTooDeep(limit: ExpressionParser.depthLimit), at: place(token))
        case .unexpected(nil, let expected):
            findings.add(LanguageFinding.badCondition(found: nil, expected: expected), at: node.range)
        case .unexpected(.some(let token), let expected):
            if tokens[token].kind == .unclosedText {
                let isReference = tokens[token].spelling.hasPrefix("$")
                findings.add(
                    isReference ? LanguageFinding.unclosedReference : .unclosedText, at: place(token))
            } else {
                findings.add(
                    LanguageFinding.badCondition(found: tokens[token].spelling, expected: expected),
                    at: place(token))
            }
        }
    }

    private func place(_ token: Int) -> SourceRange {
        var places = PlaceFinder(node.range)
        for token in tokens.prefix(token + 1) { places.pass(token.spelling) }
        return places.place()
    }

    /// Every part is looked at, whatever the others say, so that a mistake
    /// does not hide behind today's values.
    ///
    /// - Returns: Nil when a part has been reported.
    private func evaluate(
        _ expression: Expression, in scope: Scope, into findings: inout Diagnostics
    ) -> ExpressionValue? {
        switch expression {
        case .constant(let value, _): return value
        case .list(let elements, _):
            let values = elements.map { evaluate($0, in: scope, into: &findings) }
            return values.contains { $0 == nil } ? nil : .list(values.compactMap { $0 })
        case .name(let space, let name, let token):
            switch scope.look(up: space, name, at: node.range) {
            case .value(let value, _): return value.isReported ? nil : ExpressionValue(value)
            case .problem(let problem):
                findings.add(problem, at: place(token))
                return nil
            }
        case .not(let operand, let token):
            return truth(operand, of: "not", token, in: scope, into: &findings).map { .boolean(!$0) }
        case .all(let parts), .any(let parts):
            let isAll = if case .all = expression { true } else { false }
            let values = parts.map {
                truth($0, of: isAll ? "and" : "or", $0.token, in: scope, into: &findings)
            }
            if values.contains(nil) { return nil }
            return .boolean(isAll ? !values.contains(false) : values.contains(true))
        case .comparison(let left, let relation, let right, let token):
            let leftValue = evaluate(left, in: scope, into: &findings)
            let rightValue = evaluate(right, in: scope, into: &findings)
            guard let leftValue, let rightValue else { return nil }
            if let result = Self.compare(leftValue, relation, rightValue) { return .boolean(result) }
            findings.add(
                LanguageFinding.notComparable(
                    relation.rawValue, left: leftValue.sort,
                    right: Self.sort(rightValue, of: relation, beside: leftValue)),
                at: place(token))
            return nil
        }
    }

    private func truth(
        _ expression: Expression, of word: String, _ token: Int, in scope: Scope,
        into findings: inout Diagnostics
    ) -> Bool? {
        guard let value = evaluate(expression, in: scope, into: &findings) else { return nil }
        if case .boolean(let flag) = value { return flag }
        findings.add(LanguageFinding.notACondition(place: "'\(word)'", found: value.sort), at: place(token))
        return nil
    }

    /// Nil when the two cannot be compared so.
    private static func compare(
        _ left: ExpressionValue, _ relation: Expression.Comparison, _ right: ExpressionValue
    ) -> Bool? {
        switch (relation, left, right) {
        case (.equal, _, _): return left.isComparable(with: right) ? left == right : nil
        case (.different, _, _): return left.isComparable(with: right) ? left != right : nil
        case (.isIn, _, .list(let elements)), (.isNotIn, _, .list(let elements)):
            guard elements.allSatisfy({ left.isComparable(with: $0) }) else { return nil }
            return elements.contains(left) == (relation == .isIn)
        case (_, .number(let a), .number(let b)): return order(a, relation, b)
        case (.less, .text(let a), .text(let b)), (.atMost, .text(let a), .text(let b)),
            (.more, .text(let a), .text(let b)), (.atLeast, .text(let a), .text(let b)):
            let (a, b) = (a.unicodeScalars, b.unicodeScalars)
            if a.elementsEqual(b) { return relation == .atMost || relation == .atLeast }
            let isLess = a.lexicographicallyPrecedes(b)
            return isLess == (relation == .less || relation == .atMost)
        default: return nil
        }
    }

    private static func order(_ a: Double, _ relation: Expression.Comparison, _ b: Double) -> Bool? {
        switch relation {
        case .less: a < b
        case .atMost: a <= b
        case .more: a > b
        case .atLeast: a >= b
        case .equal, .different, .isIn, .isNotIn: nil
        }
    }

    /// The side a message names: of `in`, the list's elements when it is one.
    private static func sort(
        _ value: ExpressionValue, of relation: Expression.Comparison, beside left: ExpressionValue
    ) -> String {
        guard relation == .isIn || relation == .isNotIn, case .list(let elements) = value,
            let other = elements.first(where: { !left.isComparable(with: $0) })
        else { return value.sort }
        return "a list with \(other.sort) in it"
    }
}
