import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes

/// A preparation with all it has learned from the rows it was fitted on: what `features.fit` gives, and what
/// `features.apply`, training and serving do to a table before a model sees it.
///
/// The features are the columns that a step names, and those of type boolean, integer or number that none does; never
/// the target, nor a column with a role. They stand in the order of the table that was fitted on; what a step makes of
/// them that has a name of its own stands behind them.
public struct FittedTransform: Hashable, Sendable {
    /// The column that is learned; not a feature.
    public let target: String?
    let inputs: [FeatureShape]
    let steps: [Step]
    /// What the steps make of the inputs.
    let outputs: [FeatureShape]

    struct Step: Sendable {
        /// Of its kind.
        let name: String
        let columns: [String]
        let step: any FittedStep
    }

    /// Nil where a step cannot take what those before it make.
    init?(inputs: [FeatureShape], steps: [Step], target: String?) {
        self.inputs = inputs
        self.steps = steps
        self.target = target
        var items = FeatureItems(inputs)
        for step in steps {
            guard let columns = items.items(step.columns), columns.allSatisfy({ $0.parts == nil }),
                let outputs = step.step.outputs(of: columns)
            else { return nil }
            items.replace(step.columns, by: outputs)
        }
        outputs = items.all
    }

    public static func == (one: FittedTransform, other: FittedTransform) -> Bool {
        one.json.canonicalBytes == other.json.canonicalBytes
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(json.canonicalBytes) }

    /// Learns the steps one after the other, each from what those before it have made of the table. Nulls and NaN are
    /// not learned from.
    ///
    /// - Parameters:
    ///   - steps: The decoded parameter of `features.fit`: a list of
    ///     `{"impute": {"columns": ["a"], "strategy": "median"}}` and so on, columns by name.
    ///   - roles: Of the table's columns, as its file tells them.
    /// - Throws: `StageError`.
    /// - Complexity: O(steps × rows).
    public static func fit(
        steps: JSONValue, target: String?, roles: [String: ColumnRole] = [:], on frame: DataFrame,
        threads: Int = 1
    ) throws -> FittedTransform {
        let type = ArrowTable(frame: frame, roles: roles).tableType
        return try fit(steps: steps, target: target, type, rows: frame.count, memory: nil, threads: threads) {
            columns, body in
            try body(DataFrame(checked: columns.map { frame[$0]! }), 0)
        }
    }

    /// The same on rows that pass some at a time.
    static func fit(
        steps: JSONValue, target: String?, _ table: TableType, rows: Int, memory: Int64?,
        threads: Int, _ pass: FeatureFitting.Pass
    ) throws -> FittedTransform {
        guard let steps = DeclaredStep.list(steps) else {
            throw StageError("the steps are not of the form that features.fit declares")
        }
        do {
            var fitting = try FeatureFitting(steps, table, target: target, rows: rows, memory: memory)
            return try fitting.fit(threads: threads, pass)
        } catch let finding as StageLibraryFinding {
            throw StageError(finding)
        }
    }

    /// So many that what steps make of them stays in the cache.
    static let rowsAtOnce = 8192

    /// Whether a column that no step names is a feature as it is.
    static func isFeature(_ type: ColumnType) -> Bool { type == .boolean || type.isNumeric }

    /// Columns a table must have to be transformed, in the order of the table that was fitted on.
    public var inputColumns: [String] { inputs.map(\.name) }

    /// The same with the types it was fitted on.
    public var inputType: TableType { TableType(inputs.map { Column($0.name, $0.type) }) }

    /// Names of the matrix's columns: a feature's own, or `feature=level` for each level of one that is encoded. A text
    /// that no step encodes has no number and is left out.
    public var outputNames: [String] { outputs.filter(\.isNumeric).flatMap(\.outputNames) }
}
