import ArrowIPC
import DataFrames
import Parquet
import PipelineLanguage
import TableTypes

/// Files whose columns have types of their own: Arrow and Parquet.
enum TableFile {
    /// - Parameter name: What messages call the file.
    /// - Throws: `StageError`.
    static func readArrow(_ path: String, name: String) throws -> ArrowTable {
        do {
            return try ArrowFile.read(path)
        } catch {
            throw StageError("'\(name)': \(error.message)", fix: error.fix)
        }
    }

    /// - Parameter name: What messages call the file.
    /// - Throws: `StageError`.
    static func readParquet(_ path: String, name: String) throws -> ArrowTable {
        do {
            return try ParquetFile.read(path)
        } catch {
            throw StageError("'\(name)': \(error.message)", fix: error.fix)
        }
    }

    /// Text and categories are read as texts, so that a schema may make one
    /// of the other and its levels are held to.
    static func source(_ column: DataColumn) -> SchemaReading.Source {
        switch column.storage {
        case .utf8(let texts):
            let texts = TextColumn(column.name, texts, validity: column.validity)
            return column.type == .json ? .json(texts) : .texts(texts)
        case .dictionary:
            return .texts(
                TextColumn(
                    column.name, StringStorage((0..<column.count).lazy.map { column.string($0) ?? "" }),
                    validity: column.validity))
        default: return .typed(column)
        }
    }

    /// What a Table Schema can say of the types a file has.
    static func schema(of type: TableType) -> TableSchema {
        TableSchema(
            type.columns.map {
                TableSchema.Field($0.name, SchemaInference.fieldType($0.type), role: $0.role)
            })
    }
}
