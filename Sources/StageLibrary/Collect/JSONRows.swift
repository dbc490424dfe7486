import DataFrames
import JSONTables
import PipelineLanguage
import TableTypes

/// What `collect.jsonl` and `collect.json` make of rows that were read.
extension CollectedRows {
    /// - Parameter schema: The one the rows were read with.
    /// - Throws: `StageError` for a constraint that is none.
    init(_ table: JSONTable, _ schema: TableSchema) throws {
        var rules: [String: FieldRules] = [:]
        let fields = Dictionary(schema.fields.map { ($0.name, $0) }) { first, _ in first }
        let misfits = try table.misfits.map { misfit in
            guard let field = fields[misfit.column], misfit.problem != .unknownKey else {
                return SchemaReading.Misfit(
                    row: misfit.row, column: misfit.column, reason: "the key is no field of the schema")
            }
            if field.columnType == .json {
                return SchemaReading.Misfit(
                    row: misfit.row, column: misfit.column,
                    reason: "'\(shortened(misfit.value))' is not of type \(field.type.rawValue)")
            }
            let known: FieldRules
            if let rule = rules[field.name] {
                known = rule
            } else {
                do throws(TableFinding) {
                    known = try FieldRules(field, isRequired: false)
                } catch {
                    throw StageError(error)
                }
                rules[field.name] = known
            }
            // A 1 in quotes is no number, though it reads as one.
            let isQuoted =
                misfit.problem == .text && [.integer, .number, .boolean].contains(field.type)
            return SchemaReading.Misfit(
                row: misfit.row, column: misfit.column,
                reason: (isQuoted ? "the text " : "") + known.misfit(misfit.value))
        }
        self.init(
            columns: table.columns.map { .typed($0) }, misfits: misfits,
            faults: table.faults.map {
                RejectedRows.Row(file: $0.file, row: $0.number, column: nil, reason: Self.reason($0.fault))
            },
            place: table.place(ofRow:))
    }

    /// Bytes count from 1, as an editor counts them.
    static func reason(_ fault: JSONFault) -> String {
        if case .expected(.object) = fault.problem { return "it is no JSON object" }
        return "not valid JSON at byte \(fault.offset + 1): \(fault)"
    }
}
