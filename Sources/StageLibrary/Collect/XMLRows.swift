import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes
import XMLTables

/// What `collect.xml` makes of elements that were read.
struct XMLRows {
    let table: XMLTable

    /// The types of columns that have none told: of texts by the rules of CSV,
    /// the empty text being null; a list where a row has several values.
    func schema(rows: Int = SchemaInference.rows) -> TableSchema {
        TableSchema(
            table.columns.map { column in
                column.hasSeveral
                    ? TableSchema.Field(column.name, .array)
                    : TableSchema.Field(
                        column.name, SchemaInference.fieldType(texts(column, [""]).inferredType(rows: rows)))
            })
    }

    /// - Parameter schema: Where it says array, values are a JSON list of texts,
    ///   null where there is none; elsewhere several values do not fit.
    func collected(_ schema: TableSchema) -> CollectedRows {
        var columns: [SchemaReading.Source] = []
        var misfits: [SchemaReading.Misfit] = []
        for column in table.columns {
            let field = schema.fields.first { $0.name == column.name }
            if let field, field.columnType == .json {
                columns.append(.typed(lists(column)))
                continue
            }
            let missing = field.map { schema.missing($0) } ?? Set(schema.missingValues)
            columns.append(.texts(texts(column, missing)))
            for row in 0..<table.count where column.range(ofRow: row).count > 1 {
                misfits.append(
                    .init(
                        row: row, column: column.name,
                        reason: "there are \(column.range(ofRow: row).count) values where one is expected"))
            }
        }
        return CollectedRows(columns: columns, misfits: misfits, place: table.place(ofRow:))
    }

    /// The first value of each row.
    private func texts(_ column: XMLTable.Column, _ missing: Set<String>) -> TextColumn {
        var texts = StringStorage()
        var validity = ValidityBitmap()
        for row in 0..<table.count {
            let value = column.range(ofRow: row).first.map { column.values[$0] }
            texts.append((value ?? "").utf8)
            validity.append(value.map { !missing.contains($0) } ?? false)
        }
        return TextColumn(column.name, texts, validity: validity)
    }

    private func lists(_ column: XMLTable.Column) -> DataColumn {
        var texts = StringStorage()
        var validity = ValidityBitmap()
        for row in 0..<table.count {
            let range = column.range(ofRow: row)
            validity.append(!range.isEmpty)
            texts.append(
                range.isEmpty ? [] : JSONValue.strings(range.map { column.values[$0] }).canonicalBytes)
        }
        return DataColumn(column.name, .json, .utf8(texts), validity: validity)
    }
}
