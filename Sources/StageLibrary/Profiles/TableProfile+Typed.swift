import ArrowIPC
import CanonicalJSON
import Charts
import DataFrames
import Parquet
import PipelineLanguage
import TableTypes

extension TableProfile {
    static func parquet(_ path: String, _ progress: Progress) throws -> TableProfile {
        do throws(ParquetError) {
            var reader = try ParquetReader(path)
            var made = TableProfile(reader.tableType.columns, reader.roles)
            while let frame = try reader.next() {
                made.take(frame)
                progress(made.rows, Double(made.rows) / Double(max(1, reader.rows)))
            }
            return made
        } catch {
            throw StageError(error.message, fix: error.fix)
        }
    }

    static func arrow(_ path: String) throws -> TableProfile {
        do throws(ArrowError) {
            let table = try ArrowFile.read(path)
            var made = TableProfile(table.tableType.columns, table.roles)
            made.take(table.frame)
            return made
        } catch {
            throw StageError(error.message, fix: error.fix)
        }
    }

    private init(_ types: [TableTypes.Column], _ roles: [String: ColumnRole]) {
        self.init(.columns)
        columns = types.map {
            Column(
                name: $0.name, profile: ColumnProfile(missing: nil), declared: $0.type, role: roles[$0.name])
        }
    }

    private mutating func take(_ frame: DataFrame) {
        for (place, column) in frame.columns.enumerated() {
            columns[place].profile.take(column, after: rows)
        }
        rows += frame.count
    }
}

extension ColumnProfile {
    /// Takes the rows of a column that has a type.
    ///
    /// - Parameter before: Rows that were taken already.
    mutating func take(_ column: DataColumn, after before: Int) {
        for row in 0..<column.count where column.isValid(row) {
            let number = before + row + 1
            switch column.storage {
            case .boolean(let all): take(boolean: all[row], row: number)
            case .int64(let all): take(integer: all[row], String(all[row]), row: number)
            case .float64(let all):
                take(number: all[row], NumberText.shortest(all[row]), row: number)
            case .date32(let all):
                take(days: all[row], FieldText.text(days: all[row]) ?? "day \(all[row])", row: number)
            case .timestamp(let all):
                take(
                    microseconds: all[row], FieldText.text(microseconds: all[row]) ?? "\(all[row]) µs",
                    row: number)
            case .utf8(let all):
                if column.type == .json {
                    take(nested: all[row].hasPrefix("["), all[row], row: number)
                } else {
                    take(string: all[row], number)
                }
            case .binary(let all): take(string: Base64.encode(all[row]), number)
            case .dictionary(let all, let levels): take(string: levels[Int(all[row])], number)
            }
        }
    }

    private mutating func take(string: String, _ row: Int) {
        var string = string
        string.withUTF8 { take(string: $0, row: row) }
    }
}
