import DataFrames
import Glibc
import Parquet
import Platform
import TableTypes
import Testing

/// A folder of its own for a test, removed with it.
final class Scratch {
    let path: String
    init() throws {
        var template = Array("/tmp/sluice-parquet-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }
    deinit { try? Files.remove(path) }
}

/// The folder of this file.
let here = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined()

/// Files of other writers; `Goldens/make.py` made them.
let goldens = here + "/Goldens"

/// A line a column: name, type and values.
func lines(_ frame: DataFrame) -> [String] {
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
