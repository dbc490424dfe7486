import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import TableTypes

/// `dates`: makes numbers of dates and times.
struct DatesStep: FeatureStep {
    static let name = "dates"
    static let summary = "Makes numbers of dates and times, in UTC."
    static let parameters = [
        Parameter(
            "parts", .list(.choice(DatePart.allCases.map { .init($0.rawValue, $0.summary) })),
            .defaulted(.strings(defaultParts.map(\.rawValue))), "Which parts, a column each."),
        Parameter(
            "cycles", .boolean, .defaulted(false),
            "Gives of a part that comes again and again (of all but the year) the sine and the cosine of its place in the round, so that December is as near to January as June to July."
        ),
    ]
    /// What it means to leave the word out.
    private static let defaultParts: [DatePart] = [.year, .month, .day, .weekday]

    private let parts: DateParts

    init?(_ members: JSONValue) {
        var members = members
        members["parts"] = members["parts"] ?? .strings(Self.defaultParts.map(\.rawValue))
        members["cycles"] = members["cycles"] ?? false
        guard let parts = DateParts(members) else { return nil }
        self.parts = parts
    }

    var operation: String { "dates" }

    func outputs(of columns: [Column]) throws(StageLibraryFinding) -> [Column] {
        try require(columns, parts.takes)
        return columns.flatMap { column in
            parts.names(column.name).map { Column($0, parts.type, isNullable: column.isNullable) }
        }
    }

    func learning(_ columns: [Column], _ scope: LearningScope) -> FeatureLearning<DateParts> { .known(parts) }
}
