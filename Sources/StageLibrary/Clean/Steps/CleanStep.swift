import DataFrames
import Estimators
import PipelineLanguage

/// One thing that is done to rows, some of them at a time. What is to be learned of all rows is learned before.
protocol CleanStep {
    /// The columns whose rows are needed before any row can be treated.
    var unlearned: [String] { get }
    /// Those that are looked at; nil is all.
    var columns: [String]? { get }
    /// Whether what comes behind it may have fewer rows.
    var leavesRowsOut: Bool { get }

    /// What it makes of the columns, and what types tell against it.
    func check(_ check: inout CleanCheck)

    /// What learns of all rows, as the steps before have made them; nil for a step that knows all it has to.
    ///
    /// - Parameter shape: The columns, without rows or with some.
    /// - Throws: Where the step cannot take a column, or the rows it has to hold do not fit.
    mutating func learner(
        _ shape: CleanedRows, _ scope: LearningScope, _ run: StageRun
    ) throws -> (any CleanLearner)?

    /// - Parameter changes: What is done is told; nil where it was or will be.
    /// - Precondition: What is to be learned has been. Rows come in order, from the first.
    func apply(to rows: inout CleanedRows, _ changes: ChangeLog?) throws

    /// All rows have passed; the next that come are the first again.
    func endPass()
}

extension CleanStep {
    var unlearned: [String] { [] }
    var leavesRowsOut: Bool { false }
    mutating func learner(
        _ shape: CleanedRows, _ scope: LearningScope, _ run: StageRun
    ) throws -> (any CleanLearner)? { nil }
    func endPass() {}

    /// Null or NaN.
    static func isNull(_ column: DataColumn, _ row: Int) -> Bool {
        if case .float64(let values) = column.storage, values[row].isNaN { return true }
        return !column.isValid(row)
    }
}

/// A step of cleaning while it learns of all rows.
protocol CleanLearner: AnyObject {
    /// Takes more rows, in order.
    func take(_ rows: CleanedRows) throws

    /// All rows have passed.
    ///
    /// - Returns: The step with what was learned; nil if they are to pass once more.
    func endPass() throws -> (any CleanStep)?
}

/// What is done to what is wrong.
enum CleanAction: String, CaseIterable {
    case drop, clip, null, quarantine

    /// Whether it is done to the whole row.
    var isOfRows: Bool { self == .drop || self == .quarantine }
}
