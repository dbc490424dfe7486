/// How each function is called, and what comes out.
extension RowFunction {
    /// As a message shows it.
    var form: String {
        switch self {
        case .abs, .floor, .ceil, .sqrt: "\(rawValue)(number)"
        case .round: "round(number), or round(number, digits)"
        case .length, .lower, .upper, .trim: "\(rawValue)(text)"
        case .contains, .startsWith, .endsWith: "\(rawValue)(text, part)"
        case .replace: "replace(text, part, by)"
        case .substring: "substring(text, start), or substring(text, start, length)"
        case .concat: "concat(text, text, ...)"
        case .year, .month, .day, .weekday: "\(rawValue)(date or timestamp)"
        case .hour, .minute: "\(rawValue)(timestamp)"
        case .daysBetween, .secondsBetween: "\(rawValue)(start, end)"
        }
    }

    /// Arguments it takes.
    var arity: ClosedRange<Int> {
        switch self {
        case .abs, .floor, .ceil, .sqrt, .length, .lower, .upper, .trim: 1...1
        case .year, .month, .day, .weekday, .hour, .minute: 1...1
        case .round: 1...2
        case .contains, .startsWith, .endsWith, .daysBetween, .secondsBetween: 2...2
        case .replace: 3...3
        case .substring: 2...3
        case .concat: 1...100
        }
    }

    /// Types that an argument may be of.
    func takes(_ argument: Int) -> [ExpressionType] {
        switch self {
        case .abs, .floor, .ceil: [.integer, .number]
        case .sqrt: [.integer, .number]
        case .round: argument == 0 ? [.integer, .number] : [.integer]
        case .length, .lower, .upper, .trim, .contains, .startsWith, .endsWith, .replace, .concat: [.text]
        case .substring: argument == 0 ? [.text] : [.integer]
        case .year, .month, .day, .weekday: [.date, .timestamp]
        case .hour, .minute: [.timestamp]
        case .daysBetween: [.date, .timestamp]
        case .secondsBetween: [.timestamp, .date]
        }
    }

    func result(of types: [ExpressionType]) -> ExpressionType {
        switch self {
        case .abs, .round, .floor, .ceil: types.first == .integer ? .integer : .number
        case .sqrt: .number
        case .length, .year, .month, .day, .weekday, .hour, .minute, .daysBetween: .integer
        case .lower, .upper, .trim, .replace, .substring, .concat: .text
        case .contains, .startsWith, .endsWith: .boolean
        case .secondsBetween: .number
        }
    }

    /// The type that every argument is widened to before the call; nil where
    /// each stays what it is.
    var widens: ExpressionType? {
        switch self {
        case .sqrt: .number
        case .secondsBetween: .timestamp
        default: nil
        }
    }
}
