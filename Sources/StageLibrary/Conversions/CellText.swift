import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes

/// The text of a value that has one form everywhere; nil for null, and for
/// text itself.
struct CellText {
    let column: DataColumn

    /// - Parameter number: Of the row in the table, from 0, where the column is a part of one; for the error.
    /// - Throws: `StageError` for a date that no text of the form can hold.
    func text(_ row: Int, number: Int? = nil) throws -> String? {
        guard column.isValid(row) else { return nil }
        switch column.storage {
        case .boolean(let values): return values[row] ? "true" : "false"
        case .int64(let values): return String(values[row])
        case .float64(let values):
            let value = values[row]
            return value.isNaN ? nil : value.isFinite ? "\(value)" : value > 0 ? "INF" : "-INF"
        case .utf8, .dictionary: return column.string(row)
        case .binary(let values): return Base64.encode(values[row])
        case .date32(let values): return try dated(FieldText.text(days: values[row]), number ?? row)
        case .timestamp(let values):
            return try dated(FieldText.text(microseconds: values[row]), number ?? row)
        }
    }

    private func dated(_ text: String?, _ row: Int) throws -> String {
        guard let text else { throw Self.outside(column, row) }
        return text
    }

    /// Of a date that no text of the form can hold.
    ///
    /// - Parameter row: Of the table, from 0.
    static func outside(_ column: DataColumn, _ row: Int) -> StageError {
        StageError(
            "row \(row + 1), column '\(column.name)': the \(column.type.rawValue) lies outside the years 1 to 9999"
        )
    }
}
