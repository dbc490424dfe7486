import DataFrames
import TableTypes

/// A line a column: name, type and values.
public func lines(_ frame: DataFrame) -> [String] {
    frame.columns.map { column in
        let values = (0..<column.count).map { row -> String in
            guard column.isValid(row) else { return "null" }
            return switch column.storage {
            case .boolean(let values): "\(values[row])"
            case .int64(let values), .timestamp(let values): "\(values[row])"
            case .float64(let values): "\(values[row])"
            case .date32(let values): "\(values[row])"
            case .utf8, .dictionary: column.string(row) ?? "?"
            case .binary(let values): "\(Array(values[row]))"
            }
        }
        return "\(column.name) \(column.type.rawValue): \(values.joined(separator: ", "))"
    }
}
