import DataFrames
import TableTypes

/// Files whose columns have types of their own: Arrow and Parquet.
enum TableFile {
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
