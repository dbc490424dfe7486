import CanonicalJSON
import TableTypes

/// One step of `features.fit` as a pipeline declares it.
enum FeatureStep: Hashable, Sendable {
    case impute(columns: [String], strategy: ImputeStrategy, constant: JSONValue?)
    case scale(columns: [String], method: ScaleMethod)
    case encode(columns: [String], unknown: UnknownLevel)

    enum ImputeStrategy: String, CaseIterable, Sendable {
        case median, mean
        case mostFrequent = "most_frequent"
        case constant
    }

    enum ScaleMethod: String, CaseIterable, Sendable {
        case standard
        case minMax = "min_max"
    }

    enum EncodeMethod: String, CaseIterable, Sendable {
        case oneHot = "one_hot"
    }

    enum UnknownLevel: String, CaseIterable, Sendable {
        case error, ignore
    }

    /// What a step means that leaves the word out; the kind declares the same.
    static let defaultStrategy = ImputeStrategy.median
    static let defaultMethod = ScaleMethod.standard
    static let defaultEncoding = EncodeMethod.oneHot
    static let defaultUnknown = UnknownLevel.error

    /// - Parameter json: The list of a decoded `steps` parameter.
    /// - Returns: Nil if it is not of the declared form, which the decoder of
    ///   `with` sees to.
    static func list(_ json: JSONValue) -> [FeatureStep]? {
        guard let elements = json.array else { return nil }
        let steps = elements.map { FeatureStep($0) }
        return steps.contains(nil) ? nil : steps.compactMap { $0 }
    }

    init?(_ json: JSONValue) {
        guard let (name, members) = json.object?.first, json.object?.count == 1,
            let columns = members["columns"].flatMap(columnNames)
        else { return nil }
        func word<Word: RawRepresentable<String>>(_ key: String, or value: Word) -> Word? {
            guard let text = members[key] else { return value }
            return text.string.flatMap(Word.init(rawValue:))
        }
        switch name {
        case "impute":
            guard let strategy = word("strategy", or: Self.defaultStrategy) else { return nil }
            self = .impute(columns: columns, strategy: strategy, constant: members["value"])
        case "scale":
            guard let method = word("method", or: Self.defaultMethod) else { return nil }
            self = .scale(columns: columns, method: method)
        case "encode":
            guard word("method", or: Self.defaultEncoding) != nil,
                let unknown = word("unknown", or: Self.defaultUnknown)
            else { return nil }
            self = .encode(columns: columns, unknown: unknown)
        default: return nil
        }
    }

    var columns: [String] {
        switch self {
        case .impute(let columns, _, _), .scale(let columns, _), .encode(let columns, _): columns
        }
    }

    /// The key it is written under.
    var name: String {
        switch self {
        case .impute: "impute"
        case .scale: "scale"
        case .encode: "encode"
        }
    }

    /// As messages call it: "impute by median".
    var operation: String { "\(name) by \(strategyName)" }

    /// The word of an impute step's strategy, of a scale step's method.
    var strategyName: String {
        switch self {
        case .impute(_, let strategy, _): strategy.rawValue
        case .scale(_, let method): method.rawValue
        case .encode: Self.defaultEncoding.rawValue
        }
    }

    private var takes: [ColumnType] {
        switch self {
        case .impute(_, .median, _), .impute(_, .mean, _), .scale: [.integer, .number]
        case .impute: [.boolean, .integer, .number, .category, .text]
        case .encode: [.boolean, .integer, .category, .text]
        }
    }

    /// The type of a column after the step; nil after an encode step, which
    /// leaves one boolean column a level.
    func outputType(of column: String, _ type: ColumnType) throws(StageLibraryFinding) -> ColumnType? {
        guard takes.contains(type) else {
            throw .columnType(column: column, type: type, operation: operation, takes: takes)
        }
        switch self {
        case .impute(_, .median, _), .impute(_, .mean, _), .scale: return .number
        case .impute(_, .mostFrequent, _): return type
        case .impute(_, .constant, let constant):
            guard let constant else { throw .missingConstant(step: operation) }
            guard Self.fits(constant, type) else {
                throw .constantMisfit(value: constant.canonicalText, column: column, type: type)
            }
            return type
        case .encode: return nil
        }
    }

    /// Whether a constant can stand in a column of a type.
    static func fits(_ value: JSONValue, _ type: ColumnType) -> Bool {
        switch type {
        case .boolean: value.bool != nil
        case .integer: value.integer != nil
        case .number: value.number?.isFinite == true
        case .category, .text: value.string != nil
        case .date, .timestamp, .image, .audio, .series, .vector, .json: false
        }
    }
}

/// A selector that planning has expanded: a list of names, or one name.
func columnNames(_ selector: JSONValue) -> [String]? {
    selector.strings ?? selector.string.map { [$0] }
}
