import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import TableTypes

/// A kind of step of `features.fit`, one file each: what a pipeline declares of it, what it makes of columns, and how it
/// learns.
protocol FeatureStep: Sendable {
    /// The key it is written under.
    static var name: String { get }
    static var summary: String { get }
    /// What names the columns: `columns`, unless a step says otherwise.
    static var columnParameters: [Parameter] { get }
    /// All others.
    static var parameters: [Parameter] { get }
    /// The columns that decoded parameters name.
    static func columns(_ members: JSONValue) -> [String]?
    /// What it has learned to do.
    associatedtype Fitted: FittedStep

    /// - Parameter members: Decoded. Nil is given for what is not of the declared form, which the decoder of `with`
    ///   sees to.
    init?(_ members: JSONValue)

    /// As messages call it: "impute by median".
    var operation: String { get }
    /// Whether it takes its columns all together; else one after the other.
    static var isJoint: Bool { get }

    /// What comes out of columns; what has the name of one stands in its place. Several numbers that stand together, as
    /// an encoder gives them, are a vector, and no step can follow.
    func outputs(of columns: [Column]) throws(StageLibraryFinding) -> [Column]

    /// - Parameter columns: For which `outputs` is without a mistake.
    func learning(_ columns: [Column], _ scope: LearningScope) -> FeatureLearning<Fitted>
}

extension FeatureStep {
    static var columnParameters: [Parameter] {
        [Parameter("columns", .selector(port: "in"), .required, "Which columns.")]
    }
    static func columns(_ members: JSONValue) -> [String]? { members["columns"].flatMap(columnNames) }
    static var isJoint: Bool { false }

    /// - Throws: Where one of the columns is of another type.
    func require(_ columns: [Column], _ takes: [ColumnType]) throws(StageLibraryFinding) {
        for column in columns where !takes.contains(column.type) {
            throw .columnType(column: column.name, type: column.type, operation: operation, takes: takes)
        }
    }
}

/// How a step comes to know what it does.
enum FeatureLearning<Fitted: FittedStep> {
    case known(Fitted)
    /// From all rows.
    case rows(any FeatureLearner<Fitted>)
}

/// A step while it learns.
protocol FeatureLearner<Fitted>: AnyObject {
    associatedtype Fitted: FittedStep

    /// Takes more rows of the columns, in order; the batches they come in change nothing.
    func take(_ columns: [DataColumn]) throws(StageLibraryFinding)

    /// All rows have passed.
    ///
    /// - Returns: What was learned; nil if they are to pass once more.
    func endPass() throws(StageLibraryFinding) -> Fitted?
}

/// A step with all it has learned.
protocol FittedStep: Sendable {
    /// What was learned; a name, as the step's `columns`, is not among it.
    var json: JSONValue { get }
    /// Nil for what `json` does not write.
    init?(_ json: JSONValue)

    /// What comes out of columns of these names and types, as `FeatureStep.outputs` says; nil if it cannot take them.
    func outputs(of columns: [FeatureShape]) -> [FeatureShape]?

    /// - Parameters:
    ///   - columns: Of types for which `outputs` is not nil, or of the same kind (`FeatureShape.isSameKind`).
    ///   - first: Rows before these, for errors.
    /// - Returns: As many as `outputs`.
    func apply(to columns: [DataColumn], first: Int) throws(StageLibraryFinding) -> [FeatureValues]

    /// What to show of it: a row a quantity.
    var learned: [(quantity: String, value: JSONValue)] { get }
    /// The same in a few words.
    var text: String { get }
}

extension FittedStep {
    /// Of a step that learns nothing.
    var learned: [(quantity: String, value: JSONValue)] { [] }
}

/// A feature between two steps: a column, or several numbers that stand together.
struct FeatureShape: FeatureItem, Hashable {
    var name: String
    var type: ColumnType
    /// Names of the numbers, where it is a vector that a step has made.
    var parts: [String]?

    /// Whether it has numbers for a matrix.
    var isNumeric: Bool { parts != nil || FittedTransform.isFeature(type) }

    /// Names in the matrix.
    var outputNames: [String] { parts ?? [name] }

    /// What a server is sent may have 3 where the training table had 3.0.
    static func isSameKind(_ a: ColumnType, _ b: ColumnType) -> Bool {
        func isText(_ type: ColumnType) -> Bool { type == .category || type == .text }
        return a == b || a.isNumeric && b.isNumeric || isText(a) && isText(b)
    }
}

/// The values of a feature.
enum FeatureValues {
    case column(DataColumn)
    /// By row, which of its parts is 1, the others being 0; -1 is none.
    case places([Int32])
    /// The same with what stands there instead of 1.
    case weighted([Int32], [Double])
    /// All of its parts, row by row; NaN is null.
    case dense([Double])
    /// Several of its parts, the others being 0.
    case sparse(SparseRows<Double>)
}
