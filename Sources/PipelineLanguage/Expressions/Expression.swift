/// A condition as it is written, parsed. `and` and `or` hold all their parts
/// side by side, so a long chain is not a deep tree.
indirect enum Expression: Sendable {
    enum Comparison: String, Sendable, CaseIterable {
        case equal = "=="
        case different = "!="
        case less = "<"
        case atMost = "<="
        case more = ">"
        case atLeast = ">="
        case isIn = "in"
        case isNotIn = "not in"
    }

    /// - Parameter token: The number of the token that shows its place.
    case constant(ExpressionValue, token: Int)
    case name(space: String, name: String, token: Int)
    case list([Expression], token: Int)
    case not(Expression, token: Int)
    case all([Expression])
    case any([Expression])
    case comparison(Expression, Comparison, Expression, token: Int)

    /// The token a finding about its value points at.
    var token: Int {
        switch self {
        case .constant(_, let token), .name(_, _, let token), .list(_, let token), .not(_, let token),
            .comparison(_, _, _, let token):
            token
        case .all(let parts), .any(let parts): parts.first?.token ?? 0
        }
    }
}
