/// A bound on a metric, such as `auc: ">= 0.70"`. A gate is a verdict over
/// results, never part of what makes them, so it is judged at every run.
public struct Gate: Hashable, Sendable {
    public enum Relation: String, Sendable, CaseIterable {
        case atLeast = ">="
        case atMost = "<="
        case above = ">"
        case below = "<"
        case equal = "=="
        case different = "!="
    }

    public var metric: String
    public var relation: Relation
    public var bound: Double

    /// - Parameter condition: A relation and a number: `>= 0.70`.
    /// - Returns: Nil when it is anything else.
    public init?(metric: String, condition: String) {
        let trimmed = Self.trim(condition)
        guard let relation = Relation.allCases.first(where: { trimmed.hasPrefix($0.rawValue) }) else {
            return nil
        }
        let number = Self.trim(trimmed.dropFirst(relation.rawValue.count))
        guard let bound = Double(number), bound.isFinite else { return nil }
        self.metric = metric
        self.relation = relation
        self.bound = bound
    }

    private static func trim(_ text: some StringProtocol) -> Substring {
        var text = Substring(text)
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }

    /// Whether a value passes. A NaN passes no gate.
    public func passes(_ value: Double) -> Bool {
        switch relation {
        case .atLeast: value >= bound
        case .atMost: value <= bound
        case .above: value > bound
        case .below: value < bound
        case .equal: value == bound
        case .different: value != bound && !value.isNaN
        }
    }
}

extension Gate: CustomStringConvertible {
    public var description: String { "\(metric) \(relation.rawValue) \(bound)" }
}
