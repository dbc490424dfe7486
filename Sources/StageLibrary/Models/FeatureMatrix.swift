import DataFrames
import PipelineLanguage

extension FittedTransform {
    /// The features of a table as numbers that a model can take.
    ///
    /// - Parameter limit: The largest magnitude the model's arithmetic holds.
    /// - Returns: Rows x `outputNames`, row after row; all finite.
    /// - Throws: `StageError`: as `matrix`, and the first column with a missing
    ///   or too large value.
    func finiteMatrix(_ frame: DataFrame, limit: Double = .greatestFiniteMagnitude) throws -> [Double] {
        let (columns, values) = try matrix(frame)
        if let finding = Self.fault(columns, values, rows: frame.count, limit) { throw StageError(finding) }
        return values
    }

    private static func fault(
        _ columns: [String], _ values: [Double], rows: Int, _ limit: Double
    ) -> ModelFinding? {
        // Nearly always there is none, and one pass tells.
        if values.allSatisfy({ $0.magnitude <= limit }) { return nil }
        for (place, column) in columns.enumerated() {
            let missing = (0..<rows).filter { values[$0 * columns.count + place].isNaN }
            if let first = missing.first {
                return .missingValue(column: column, row: first + 1, rows: missing.count)
            }
            if let row = (0..<rows).first(where: { values[$0 * columns.count + place].magnitude > limit }) {
                return .valueTooLarge(column: column, row: row + 1)
            }
        }
        return nil
    }
}
