import DataFrames
import Estimators
import PipelineLanguage

/// Numbers of several columns of all rows, for what cannot be learned while they pass. NaN is missing.
struct HeldRows {
    let columns: [String]
    /// Of each row its number in the table, ascending.
    private(set) var numbers: [Int] = []
    /// Row by row.
    private(set) var values: [Double] = []

    /// - Parameters:
    ///   - copies: How many times as much the estimator takes for a while.
    ///   - advice: What to do where that is more than there is.
    /// - Throws: `StageError` where the rows will not fit.
    init(
        _ columns: [String], _ scope: LearningScope, copies: Int, _ run: StageRun, _ operation: String,
        advice: String
    ) throws(StageError) {
        self.columns = columns
        let bytes = Int64(scope.rows) * Int64(columns.count * copies * MemoryLayout<Double>.stride)
        guard let memory = run.memory, bytes > memory / 4 * 3 else { return }
        throw StageError(
            MemoryFinding.beyond(
                holder: "\(operation) holds \(scope.rows) rows of \(columns.count) columns", rows: nil,
                used: bytes, limit: memory, advice: advice))
    }

    mutating func take(_ rows: CleanedRows) throws(StageLibraryFinding) {
        var columns: [[Double]] = []
        for name in self.columns { columns.append(try rows.column(name).numbers ?? []) }
        numbers += rows.numbers
        values.reserveCapacity(values.count + rows.numbers.count * columns.count)
        for row in rows.numbers.indices { for column in columns { values.append(column[row]) } }
    }

    /// - Throws: What the estimator says, in words of the stage.
    func refused(_ error: EstimatorError, _ operation: String) -> StageLibraryFinding {
        switch error {
        case .notFinite(_, let column) where columns.indices.contains(column):
            .infiniteColumn(column: columns[column], operation: operation)
        case .tooLarge: .infiniteColumn(column: columns.joined(separator: "', '"), operation: operation)
        default:
            .notLearned(
                column: columns.joined(separator: "', '"), operation: operation, problem: error.description)
        }
    }
}
