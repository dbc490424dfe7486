import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import TableTypes

/// `cross`: makes levels of combinations of levels.
struct CrossStep: FeatureStep {
    static let name = "cross"
    static let summary =
        "Makes each combination of levels a level, as of the columns A and B the column A&B; they stay."
    static let parameters: [Parameter] = []
    static let isJoint = true

    init?(_ members: JSONValue) {}

    var operation: String { "cross" }

    func outputs(of columns: [Column]) throws(StageLibraryFinding) -> [Column] {
        guard columns.count >= 2 else {
            throw .columnCount(operation: operation, count: columns.count, takes: "two columns or more")
        }
        try require(columns, Crossing.takes)
        let isNullable = columns.contains(where: \.isNullable)
        return columns + [Column(Crossing.name(columns.map(\.name)), .text, isNullable: isNullable)]
    }

    func learning(_ columns: [Column], _ scope: LearningScope) -> FeatureLearning<Crossing> {
        .known(Crossing())
    }
}

/// A text of the levels of several columns; null where one of them is.
struct Crossing: FittedStep {
    static let takes: [ColumnType] = [.boolean, .integer, .category, .text]

    init() {}
    init?(_ json: JSONValue) {}

    var json: JSONValue { [:] }

    static func name(_ columns: [String]) -> String { columns.joined(separator: "&") }

    func outputs(of columns: [FeatureShape]) -> [FeatureShape]? {
        guard columns.count >= 2, columns.allSatisfy({ Self.takes.contains($0.type) }) else { return nil }
        return columns + [FeatureShape(name: Self.name(columns.map(\.name)), type: .text)]
    }

    func apply(to columns: [DataColumn], first: Int) -> [FeatureValues] {
        let texts = (0..<columns[0].count).map { row -> String? in
            guard columns.allSatisfy({ $0.isValid(row) }) else { return nil }
            return columns.map { Self.escaped(KnownLevels.level($0, row)) }.joined(separator: "&")
        }
        let crossed = DataColumn(
            Self.name(columns.map(\.name)), .text, .utf8(StringStorage(texts.lazy.map { $0 ?? "" })),
            validity: ValidityBitmap(texts.map { $0 != nil }))
        return (columns + [crossed]).map { .column($0) }
    }

    /// So that no two combinations have one text.
    private static func escaped(_ level: String) -> String {
        guard level.contains(where: { $0 == "&" || $0 == "\\" }) else { return level }
        return String(level.flatMap { $0 == "&" || $0 == "\\" ? ["\\", $0] : [$0] })
    }

    var text: String { "crossed" }
}
