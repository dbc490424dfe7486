import CanonicalJSON

/// One documented, typed parameter of a stage kind. The decoder, the JSON
/// Schema, `sluice stages` and the action key all come from this declaration.
public struct Parameter: Sendable {
    public var name: String
    public var type: ParameterType
    public var presence: Presence
    public var summary: String
    /// Changes only records or display, never an output's bytes, so it stays
    /// out of the action key.
    public var isObserver: Bool
    /// Says what is fetched from outside the project; what came of it, the snapshot, is keyed in its place.
    public var isFetched: Bool

    public enum Presence: Sendable, Hashable {
        case required
        /// May be left out and then has no value.
        case optional
        /// May be left out and then has this value; a value equal to it is
        /// left out of the action key, so a new parameter changes no key.
        case defaulted(JSONValue)
    }

    public init(
        _ name: String, _ type: ParameterType, _ presence: Presence, isObserver: Bool = false,
        isFetched: Bool = false, _ summary: String
    ) {
        self.name = name
        self.type = type
        self.presence = presence
        self.isObserver = isObserver
        self.isFetched = isFetched
        self.summary = summary
    }

    public var isRequired: Bool { presence == .required }

    public var defaultValue: JSONValue? {
        if case .defaulted(let value) = presence { value } else { nil }
    }
}

/// What a parameter accepts.
public indirect enum ParameterType: Sendable {
    case boolean
    case integer(Interval<Int64>)
    case number(Interval<Double>)
    case text
    /// One of a few words, each with what it means.
    case choice([Choice])
    /// A file of the project, given to the stage as an input named like the
    /// parameter; its content, not its spelling, is keyed.
    case path
    /// The same, or a glob of several files, which are inputs in the order of
    /// their paths' bytes.
    case paths
    /// A Table Schema: a path to one, or the schema itself.
    case schema
    /// Bounds on metrics, such as `{ auc: ">= 0.70" }`: verdicts, not keyed.
    case gates
    /// The name of one column of the table at an input port.
    case column(port: String)
    /// A selector: `numeric`, `categorical`, `text`, `all`, a name, a glob, a
    /// list of those, or `{except: ...}`; expanded when planning.
    case selector(port: String)
    case list(ParameterType)
    /// Free keys, values of one type.
    case map(ParameterType)
    case record([Parameter])
    /// A mapping with exactly one key, which names the case: `impute: {...}`.
    case variant([Variant])
    /// The first alternative that fits the shape of what is written.
    case either([ParameterType])

    public struct Choice: Sendable {
        public var word: String
        public var summary: String

        public init(_ word: String, _ summary: String) {
            self.word = word
            self.summary = summary
        }
    }

    public struct Variant: Sendable {
        public var name: String
        public var summary: String
        public var parameters: [Parameter]

        public init(_ name: String, _ summary: String, _ parameters: [Parameter]) {
            self.name = name
            self.summary = summary
            self.parameters = parameters
        }
    }
}

extension ParameterType {
    /// Whether its value is a file of the project, or several.
    public var isPath: Bool {
        switch self {
        case .path, .paths: true
        default: false
        }
    }

    var isSchema: Bool { if case .schema = self { true } else { false } }

    /// Whether a path is to be read as a glob.
    public func isGlob(_ path: String) -> Bool {
        guard case .paths = self else { return false }
        return path.split(separator: "/").contains { Glob.isGlob(String($0)) }
    }
}

/// A stretch of numbers, with either end open, closed or absent. It renders
/// itself for messages, so a constraint is written once.
public struct Interval<Bound: Comparable & Sendable & CustomStringConvertible>: Sendable {
    public enum End: Sendable {
        case none
        case closed(Bound)
        case open(Bound)
    }

    public var lower: End
    public var upper: End

    public init(_ lower: End, _ upper: End) {
        self.lower = lower
        self.upper = upper
    }

    public static var all: Interval { Interval(.none, .none) }
    public static func atLeast(_ bound: Bound) -> Interval { Interval(.closed(bound), .none) }
    public static func above(_ bound: Bound) -> Interval { Interval(.open(bound), .none) }
    public static func within(_ range: ClosedRange<Bound>) -> Interval {
        Interval(.closed(range.lowerBound), .closed(range.upperBound))
    }
    /// Both ends excluded.
    public static func between(_ lower: Bound, _ upper: Bound) -> Interval {
        Interval(.open(lower), .open(upper))
    }

    public func contains(_ value: Bound) -> Bool {
        let aboveLower =
            switch lower {
            case .none: true
            case .closed(let bound): value >= bound
            case .open(let bound): value > bound
            }
        let belowUpper =
            switch upper {
            case .none: true
            case .closed(let bound): value <= bound
            case .open(let bound): value < bound
            }
        return aboveLower && belowUpper
    }
}

extension Interval: CustomStringConvertible {
    /// In mathematical notation: `[1, inf)`, `(0, 1)`.
    public var description: String {
        let left =
            switch lower {
            case .none: "(-inf"
            case .closed(let bound): "[\(bound)"
            case .open(let bound): "(\(bound)"
            }
        let right =
            switch upper {
            case .none: "inf)"
            case .closed(let bound): "\(bound)]"
            case .open(let bound): "\(bound))"
            }
        return "\(left), \(right)"
    }

    public var isEverything: Bool {
        if case .none = lower, case .none = upper { true } else { false }
    }
}

extension ParameterType: CustomStringConvertible {
    /// As a message says it after "expected": "an integer in [1, inf)".
    public var description: String {
        switch self {
        case .boolean: "true or false"
        case .integer(let interval): interval.isEverything ? "an integer" : "an integer in \(interval)"
        case .number(let interval): interval.isEverything ? "a number" : "a number in \(interval)"
        case .text: "a text"
        case .choice(let choices): choices.map(\.word).joined(separator: " | ")
        case .path: "a path"
        case .paths: "a path, or a glob of several files"
        case .schema: "a path to a Table Schema, or a mapping with fields"
        case .gates: "a mapping of metrics to bounds, such as auc: \">= 0.70\""
        case .column: "the name of a column"
        case .selector: "a column, a list of columns, or numeric | categorical | text | all"
        case .list(let element): "a list, each element \(element)"
        case .map(let element): "a mapping, each value \(element)"
        case .record(let parameters):
            "a mapping with "
                + parameters.map { $0.isRequired ? $0.name : $0.name + "?" }.joined(separator: ", ")
        case .variant(let variants):
            "a mapping with one key: " + variants.map(\.name).joined(separator: " | ")
        case .either(let types): types.map(\.description).joined(separator: ", or ")
        }
    }
}
