import DataFrames
import PipelineLanguage
import TableTypes

/// The Table Schema of a table that has none.
enum SchemaInference {
    /// Of a source, so many rows from its start are looked at.
    static let rows = 10_000

    /// The texts that mean null: the empty one, and of what programs write for
    /// "no value" that which must mean it: in some column whose other texts are
    /// all booleans, numbers, dates or times. So `NA` in a column of
    /// measurements is null, and then in every column; `NA` among country codes
    /// is Namibia.
    static func missing(of records: CSVRecords, rows: Int = rows) -> [String] {
        let known = Set(SchemaMarkers.texts)
        var found: Set<String> = []
        for index in records.columns.indices {
            let texts = records.columns[index]
            let head = (0..<min(texts.count, rows)).map { texts[$0] }
            let here = known.intersection(head)
            if here.isEmpty { continue }
            let others = records.column(index, missing: known.union([""]))
            let type = others.inferredType(rows: rows)
            if type != .text && type != .category { found.formUnion(here) }
        }
        return [""] + SchemaMarkers.texts.filter(found.contains)
    }

    static func schema(of columns: [TextColumn], missing: [String], rows: Int = rows) -> TableSchema {
        TableSchema(
            columns.map { TableSchema.Field($0.name, fieldType($0.inferredType(rows: rows))) },
            missingValues: missing)
    }

    static func fieldType(_ type: ColumnType) -> TableSchema.FieldType {
        switch type {
        case .boolean: .boolean
        case .integer: .integer
        case .number: .number
        case .category: .category
        case .date: .date
        case .timestamp: .datetime
        case .json: .any
        case .text, .image, .audio, .series, .vector: .string
        }
    }
}
