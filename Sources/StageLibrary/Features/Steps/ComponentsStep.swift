import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import TableTypes

/// `pca`: makes few numbers of many that go together.
struct ComponentsStep: FeatureStep {
    static let name = "pca"
    static let summary = "Puts numbers together into few, along the directions in which rows differ most."
    static let isJoint = true
    static let parameters = [
        Parameter(
            "components", .either([.integer(.within(1...65_536)), .number(.between(0, 1))]), .optional,
            "How many, or with a point as many as explain that share of the variance; without it all."),
        Parameter("whiten", .boolean, .defaulted(false), "Brings each to deviation 1."),
        Parameter("name", .text, .defaulted("pca"), "What they are called: pca=1, pca=2, and so on."),
    ]

    private let kept: PrincipalComponents.Kept
    private let whitens: Bool
    private let output: String

    init?(_ members: JSONValue) {
        switch members["components"] {
        case nil: kept = .all
        case .integer(let count): kept = .count(Int(count))
        case let share:
            guard let share = share?.number else { return nil }
            kept = .share(share)
        }
        whitens = members["whiten"]?.bool ?? false
        output = members["name"]?.string ?? "pca"
    }

    var operation: String { "pca" }

    func outputs(of columns: [Column]) throws(StageLibraryFinding) -> [Column] {
        try require(columns, [.boolean, .integer, .number])
        if case .count(let count) = kept, count > columns.count {
            throw .columnCount(
                operation: "\(operation) to \(count) components", count: columns.count,
                takes: "\(count) columns or more")
        }
        guard !columns.isEmpty else {
            throw .columnCount(operation: operation, count: 0, takes: "one column or more")
        }
        return [Column(output, .vector, isNullable: false)]
    }

    func learning(_ columns: [Column], _ scope: LearningScope) -> FeatureLearning<Components> {
        do {
            let learner = try ComponentsLearner(columns: columns.count, kept: kept, whitens: whitens)
            return .rows(RowsLearner(learner, columns.map(\.name), operation, output))
        } catch {
            preconditionFailure("options out of the ranges of the parameters: \(error)")
        }
    }
}

private final class RowsLearner: FeatureLearner {
    private var learner: ComponentsLearner
    private let columns: [String]
    private let operation: String
    private let output: String

    init(_ learner: ComponentsLearner, _ columns: [String], _ operation: String, _ output: String) {
        self.learner = learner
        self.columns = columns
        self.operation = operation
        self.output = output
    }

    func take(_ columns: [DataColumn]) throws(StageLibraryFinding) {
        let rows = Components.rows(columns)
        do {
            try learner.take(rows)
        } catch {
            guard case .notFinite(_, let column) = error else { throw problem(error) }
            throw .notLearned(
                column: self.columns[column], operation: operation,
                problem: "a value is missing or infinite; impute it first")
        }
    }

    func endPass() throws(StageLibraryFinding) -> Components? {
        do {
            return try learner.endPass().map { Components($0, name: output) }
        } catch {
            throw problem(error)
        }
    }

    private func problem(_ error: EstimatorError) -> StageLibraryFinding {
        switch error {
        case .noRows: .columnWithoutValues(column: columns[0], operation: operation)
        case .tooLarge, .notFinite: .infiniteColumn(column: columns[0], operation: operation)
        default: .notLearned(column: columns[0], operation: operation, problem: error.description)
        }
    }
}

/// Numbers in the coordinates of principal components; of a row that lacks a number all are missing.
struct Components: FittedStep {
    private let components: PrincipalComponents
    private let name: String

    init(_ components: PrincipalComponents, name: String) {
        self.components = components
        self.name = name
    }

    init?(_ json: JSONValue) {
        func numbers(_ json: JSONValue?) -> [Double]? {
            guard let values = json?.array else { return nil }
            let numbers = values.compactMap(\.number)
            return numbers.count == values.count ? numbers : nil
        }
        guard let name = json["name"]?.string, let means = numbers(json["means"]),
            let variances = numbers(json["variances"]), let total = json["total_variance"]?.number,
            let whitens = json["whiten"]?.bool, let rows = json["components"]?.array,
            case let components = rows.compactMap({ numbers($0) }), components.count == rows.count,
            let made = try? PrincipalComponents(
                means: means, components: components, variances: variances, totalVariance: total,
                whitens: whitens)
        else { return nil }
        self.init(made, name: name)
    }

    var json: JSONValue {
        func list(_ numbers: [Double]) -> JSONValue { .array(numbers.map { .number($0) }) }
        return [
            "name": .string(name), "means": list(components.means),
            "components": .array(components.components.map(list)), "variances": list(components.variances),
            "total_variance": .number(components.totalVariance), "whiten": .boolean(components.whitens),
        ]
    }

    /// The numbers of columns, row by row; NaN for null.
    static func rows(_ columns: [DataColumn]) -> [Double] {
        let width = columns.count
        var rows = [Double](repeating: 0, count: width * (columns.first?.count ?? 0))
        for (place, column) in columns.enumerated() {
            for (row, number) in (column.numbers ?? []).enumerated() { rows[row * width + place] = number }
        }
        return rows
    }

    func outputs(of columns: [FeatureShape]) -> [FeatureShape]? {
        guard columns.count == components.means.count,
            columns.allSatisfy({ FittedTransform.isFeature($0.type) })
        else { return nil }
        let parts = (1...max(1, components.components.count)).prefix(components.components.count)
        return [FeatureShape(name: name, type: .vector, parts: parts.map { "\(name)=\($0)" })]
    }

    func apply(to columns: [DataColumn], first: Int) -> [FeatureValues] {
        var rows = Self.rows(columns)
        let (width, parts) = (components.means.count, components.components.count)
        var missing: [Int] = []
        for row in 0..<columns[0].count {
            let own = row * width..<(row + 1) * width
            guard !rows[own].allSatisfy(\.isFinite) else { continue }
            missing.append(row)
            rows.replaceSubrange(own, with: components.means)
        }
        guard var values = try? components(rows) else { preconditionFailure("rows of finite numbers") }
        for row in missing {
            for place in row * parts..<(row + 1) * parts { values[place] = .nan }
        }
        return [.dense(values)]
    }

    var learned: [(quantity: String, value: JSONValue)] {
        components.shares.enumerated().map { ("share of the variance of \(name)=\($0 + 1)", .number($1)) }
    }

    var text: String {
        let count = components.components.count
        let share = components.shares.reduce(0, +)
        return "into \(count) component\(count == 1 ? "" : "s") with \(Self.short(share)) of the variance"
    }
}
