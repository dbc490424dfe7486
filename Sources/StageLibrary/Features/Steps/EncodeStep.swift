import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import TableOperations
import TableTypes

/// `encode`: makes numbers of levels.
struct EncodeStep: FeatureStep {
    enum Method: String, CaseIterable, Sendable {
        case oneHot = "one_hot"
        case ordinal, frequency, hashed
    }

    /// What a level means that was not there when fitting.
    enum Unknown: String, CaseIterable, Sendable {
        case error, ignore, bucket
    }

    static let name = "encode"
    static let summary = "Makes numbers of levels."
    static let parameters = [
        Parameter(
            "method",
            .choice([
                .init("one_hot", "A 1 in the place of the level, else 0."),
                .init("ordinal", "The place of the level, from 0; null stays null."),
                .init(
                    "frequency",
                    "The share of the rows that have the level, 0 for one that none had; null stays null."),
                .init(
                    "hashed", "A 1 or -1 in one of `width` places, by the level's hash; nothing is learned."),
            ]), .defaulted(.string(defaultMethod.rawValue)), "Which numbers."),
        Parameter(
            "unknown",
            .choice([
                .init("error", "Is an error."), .init("ignore", "Is no level, like a null."),
                .init("bucket", "Is one more level, behind all others, with all that are unknown."),
            ]), .defaulted(.string(Unknown.error.rawValue)),
            "What a level means to one_hot and ordinal that was not there when fitting."),
        Parameter(
            "width", .integer(.within(1...65_536)), .defaulted(.integer(Int64(defaultWidth))),
            "How many places method: hashed has."),
    ]
    /// What it means to leave the words out.
    private static let defaultMethod = Method.oneHot
    private static let defaultWidth = 16

    let method: Method
    private let unknown: Unknown
    private let width: Int

    init?(_ members: JSONValue) {
        guard let method = members.word("method", or: Self.defaultMethod),
            let unknown = members.word("unknown", or: Unknown.error)
        else { return nil }
        self.method = method
        self.unknown = unknown
        width = members["width"]?.integer.map { Int($0) } ?? Self.defaultWidth
    }

    var operation: String { "encode by \(method.rawValue)" }

    func outputs(of columns: [Column]) throws(StageLibraryFinding) -> [Column] {
        try require(columns, [.boolean, .integer, .category, .text])
        return columns.map { column in
            switch method {
            case .oneHot, .hashed: Column(column.name, .vector, isNullable: false)
            case .ordinal:
                Column(column.name, .integer, isNullable: column.isNullable || unknown == .ignore)
            case .frequency: Column(column.name, .number, isNullable: column.isNullable)
            }
        }
    }

    func learning(_ columns: [Column], _ scope: LearningScope) -> FeatureLearning<LevelEncoding> {
        let unknown = unknown
        switch method {
        case .oneHot: return .rows(LevelLearner { .oneHot(KnownLevels($0.levels, unknown)) })
        case .ordinal: return .rows(LevelLearner { .ordinal(KnownLevels($0.levels, unknown)) })
        case .frequency:
            return .rows(LevelLearner { .frequency(KnownLevels($0.levels, .bucket), counts: $0.counts) })
        case .hashed: return .known(.hashed(width: width))
        }
    }
}

/// Learns the levels that rows have, and how many rows have each; a level no row has is not learned.
private final class LevelLearner: FeatureLearner {
    private let make: ((levels: [String], counts: [Int])) -> LevelEncoding
    private var texts = LevelNumbers()
    private var counts: [Int] = []
    private var integers: [Int64: Int] = [:]
    private var booleans = (no: 0, yes: 0)

    init(_ make: @escaping ((levels: [String], counts: [Int])) -> LevelEncoding) { self.make = make }

    func take(_ columns: [DataColumn]) {
        let column = columns[0]
        let rows = (0..<column.count).lazy.filter(column.isValid)
        switch column.storage {
        case .int64(let values): for row in rows { integers[values[row], default: 0] += 1 }
        case .boolean(let values):
            for row in rows { if values[row] { booleans.yes += 1 } else { booleans.no += 1 } }
        case .utf8, .dictionary: texts.take(column, &counts)
        case .float64, .binary, .date32, .timestamp: break
        }
    }

    /// Integers by their value, all else by its UTF-8 bytes.
    func endPass() -> LevelEncoding? {
        let whole = integers.sorted { $0.key < $1.key }.map { (String($0.key), $0.value) }
        let words = [("false", booleans.no), ("true", booleans.yes)].filter { $0.1 > 0 }
        let levels = zip(texts.levels, counts).sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
        let all = whole + words + levels
        return make((levels: all.map(\.0), counts: all.map(\.1)))
    }
}
