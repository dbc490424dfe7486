import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes

/// `encode`: makes numbers of levels.
struct EncodeStep: FeatureStep {
    enum Method: String, CaseIterable, Sendable {
        case oneHot = "one_hot"
    }

    static let name = "encode"
    static let summary = "Makes numbers of levels."
    static let parameters = [
        Parameter(
            "method", .choice([.init("one_hot", "A 1 in the place of the level, else 0.")]),
            .defaulted(.string(defaultMethod.rawValue)), "Which numbers."),
        Parameter(
            "unknown",
            .choice([.init("error", "Is an error."), .init("ignore", "Is no level, like a null.")]),
            .defaulted(.string(OneHot.Unknown.error.rawValue)),
            "What a level means that was not there when fitting."),
    ]
    /// What it means to leave the word out.
    private static let defaultMethod = Method.oneHot

    let method: Method
    let unknown: OneHot.Unknown

    init?(_ members: JSONValue) {
        guard let method = members.word("method", or: Self.defaultMethod),
            let unknown = members.word("unknown", or: OneHot.Unknown.error)
        else { return nil }
        self.method = method
        self.unknown = unknown
    }

    var operation: String { "encode by \(method.rawValue)" }

    func outputs(of columns: [Column]) throws(StageLibraryFinding) -> [Column] {
        try require(columns, [.boolean, .integer, .category, .text])
        return columns.map { Column($0.name, .vector, isNullable: false) }
    }

    func learning(_ columns: [Column], holding most: Int) -> FeatureLearning<OneHot> {
        .rows(LevelLearner(unknown))
    }
}

/// Learns the levels that rows have; a level no row has is not learned.
private final class LevelLearner: FeatureLearner {
    private let unknown: OneHot.Unknown
    private var levels: Set<TextKey> = []
    private var integers: Set<Int64> = []

    init(_ unknown: OneHot.Unknown) { self.unknown = unknown }

    func take(_ columns: [DataColumn]) {
        let column = columns[0]
        let rows = (0..<column.count).lazy.filter(column.isValid)
        switch column.storage {
        case .dictionary(let indices, let known):
            var isThere = [Bool](repeating: false, count: known.count)
            for row in rows { isThere[Int(indices[row])] = true }
            for (level, isThere) in zip(known, isThere) where isThere { levels.insert(TextKey(level)) }
        case .int64(let values): for row in rows { integers.insert(values[row]) }
        default: for row in rows { levels.insert(TextKey(OneHot.level(column, row))) }
        }
    }

    /// Integers by their value, all else by its UTF-8 bytes.
    func endPass() -> OneHot? {
        let texts = levels.map(\.text).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return OneHot(levels: integers.sorted().map { String($0) } + texts, unknown: unknown)
    }
}

/// A number a level, 1 where a row has it; null is none of them.
struct OneHot: FittedStep {
    enum Unknown: String, CaseIterable, Sendable {
        case error, ignore
    }

    let levels: [String]
    let unknown: Unknown

    init(levels: [String], unknown: Unknown) {
        self.levels = levels
        self.unknown = unknown
    }

    init?(_ json: JSONValue) {
        guard let levels = json["levels"]?.strings, Set(levels.map(TextKey.init)).count == levels.count,
            let unknown = json["unknown"]?.string.flatMap(Unknown.init)
        else { return nil }
        self.init(levels: levels, unknown: unknown)
    }

    var json: JSONValue { ["levels": .strings(levels), "unknown": .string(unknown.rawValue)] }

    func outputs(of columns: [FeatureShape]) -> [FeatureShape]? {
        guard columns.count == 1 else { return nil }
        let name = columns[0].name
        return [FeatureShape(name: name, type: .vector, parts: levels.map { "\(name)=\($0)" })]
    }

    func apply(to columns: [DataColumn], first: Int) throws(StageLibraryFinding) -> [FeatureValues] {
        let column = columns[0]
        let known = TextPlaces(levels)
        var result = [Int32](repeating: -1, count: column.count)
        var byIndex: [Int32?] = []
        if case .dictionary(_, let own) = column.storage { byIndex = own.map { known[$0] } }
        for row in result.indices where column.isValid(row) {
            let place: Int32?
            switch column.storage {
            case .dictionary(let indices, _): place = byIndex[Int(indices[row])]
            default: place = known[Self.level(column, row)]
            }
            if let place {
                result[row] = place
            } else if unknown == .error {
                throw .unknownLevel(
                    column: column.name, row: first + row + 1, level: Self.level(column, row), known: levels)
            }
        }
        return [.places(result)]
    }

    /// A valid value as the level it is.
    static func level(_ column: DataColumn, _ row: Int) -> String {
        switch column.storage {
        case .boolean(let values): values[row] ? "true" : "false"
        case .int64(let values): String(values[row])
        case .float64(let values):
            values[row].isFinite ? JSONValue.number(values[row]).canonicalText : String(values[row])
        case .utf8, .binary, .dictionary, .date32, .timestamp: column.string(row) ?? ""
        }
    }

    var learned: [(quantity: String, value: JSONValue)] { levels.map { ("level", .string($0)) } }

    var text: String {
        let shown = levels.prefix(6).map { "'\($0)'" }.joined(separator: ", ")
        let more = levels.count > 6 ? ", ..." : ""
        let others = unknown == .ignore ? "others are none of them" : "others are an error"
        return "one of \(levels.count) level\(levels.count == 1 ? "" : "s"): \(shown)\(more); \(others)"
    }
}
