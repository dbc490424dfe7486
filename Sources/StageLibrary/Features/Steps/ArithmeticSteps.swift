import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import TableTypes

/// `product`: multiplies numbers.
struct ProductStep: FeatureStep {
    static let name = "product"
    static let summary = "Makes the product of numbers, as of the columns A and B the column A*B; they stay."
    static let parameters: [Parameter] = []
    static let isJoint = true

    init?(_ members: JSONValue) {}

    var operation: String { "product" }

    func outputs(of columns: [Column]) throws(StageLibraryFinding) -> [Column] {
        guard columns.count >= 2 else {
            throw .columnCount(operation: operation, count: columns.count, takes: "two columns or more")
        }
        try require(columns, Calculation.takes)
        return columns + [Column(Calculation(.product).name(columns.map(\.name)), .number)]
    }

    func learning(_ columns: [Column], _ scope: LearningScope) -> FeatureLearning<Calculation> {
        .known(Calculation(.product))
    }
}

/// `ratio`: divides a number by another.
struct RatioStep: FeatureStep {
    static let name = "ratio"
    static let summary =
        "Makes the ratio of two numbers, as of the columns A and B the column A/B, null where it is no finite number; they stay."
    static let columnParameters = [
        Parameter("of", .column(port: "in"), .required, "The column that is divided."),
        Parameter("by", .column(port: "in"), .required, "The column that it is divided by."),
    ]
    static let parameters: [Parameter] = []
    static let isJoint = true

    init?(_ members: JSONValue) {}

    static func columns(_ members: JSONValue) -> [String]? {
        guard let of = members["of"]?.string, let by = members["by"]?.string else { return nil }
        return [of, by]
    }

    var operation: String { "ratio" }

    func outputs(of columns: [Column]) throws(StageLibraryFinding) -> [Column] {
        try require(columns, Calculation.takes)
        return columns + [Column(Calculation(.ratio).name(columns.map(\.name)), .number)]
    }

    func learning(_ columns: [Column], _ scope: LearningScope) -> FeatureLearning<Calculation> {
        .known(Calculation(.ratio))
    }
}

/// A number of several; null where one of them is, or where it is no finite number.
struct Calculation: FittedStep {
    enum Operation: String {
        case product, ratio
    }

    static let takes: [ColumnType] = [.boolean, .integer, .number]

    let operation: Operation

    init(_ operation: Operation) { self.operation = operation }

    init?(_ json: JSONValue) {
        guard let operation = json["operation"]?.string.flatMap(Operation.init) else { return nil }
        self.operation = operation
    }

    var json: JSONValue { ["operation": .string(operation.rawValue)] }

    func name(_ columns: [String]) -> String { columns.joined(separator: operation == .product ? "*" : "/") }

    func outputs(of columns: [FeatureShape]) -> [FeatureShape]? {
        guard operation == .product ? columns.count >= 2 : columns.count == 2,
            columns.allSatisfy({ Self.takes.contains($0.type) })
        else { return nil }
        return columns + [FeatureShape(name: name(columns.map(\.name)), type: .number)]
    }

    func apply(to columns: [DataColumn], first: Int) -> [FeatureValues] {
        var values = columns[0].numbers ?? []
        for column in columns.dropFirst() {
            let others = column.numbers ?? []
            for row in values.indices {
                if operation == .ratio { values[row] /= others[row] } else { values[row] *= others[row] }
            }
        }
        let made = DataColumn(
            name(columns.map(\.name)), .number, .float64(values.map { $0.isFinite ? $0 : 0 }),
            validity: ValidityBitmap(values.map(\.isFinite)))
        return (columns + [made]).map { .column($0) }
    }

    var text: String { operation.rawValue }
}
