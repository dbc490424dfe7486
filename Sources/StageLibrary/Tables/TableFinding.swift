import DataFrames
import Diagnostics
import PipelineLanguage
import TableTypes

/// Why data and a Table Schema do not go together.
enum TableFinding: Finding, Error, Hashable {
    case fieldWithoutColumn(String, columns: [String])
    case columnWithoutField(String, fields: [String])
    case badConstraint(field: String, constraint: String, expected: String)
    /// A schema says in a way how texts are values that is none.
    case form(field: String, format: String, FieldForm.Problem)
    case foreignKeys
    case otherType(column: String, type: ColumnType, declared: ColumnType)
    case misfit(file: String, row: Int, column: String?, reason: String, others: Int, limit: Int?)

    var severity: Diagnostic.Severity { self == .foreignKeys ? .warning : .error }

    var message: String {
        switch self {
        case .fieldWithoutColumn(let name, _): "the schema's field '\(name)' is no column of the data"
        case .columnWithoutField(let name, _): "column '\(name)' is no field of the schema"
        case .badConstraint(let field, let constraint, let expected):
            "the schema's field '\(field)': \(constraint): expected \(expected)"
        case .form(let field, let format, .pattern(let problem)):
            "the schema's field '\(field)': the format '\(format)' is no pattern of dates: \(problem)"
        case .form(let field, let format, .format):
            "the schema's field '\(field)': there is no format '\(format)' of its type"
        case .form(let field, _, .property(let property, let expected)):
            "the schema's field '\(field)': \(property): expected \(expected)"
        case .foreignKeys: "the schema has foreignKeys, which are not checked"
        case .otherType(let column, let type, let declared):
            "column '\(column)' is of type \(type.rawValue); the schema says \(declared.rawValue)"
        case .misfit(let file, let row, let column, let reason, let others, _):
            "'\(file)': row \(row)\(column.map { ", column '\($0)'" } ?? ""): \(reason)"
                + (others == 0 ? "" : "; \(others) more \(others == 1 ? "row does" : "rows do") not fit")
        }
    }

    var notes: [Diagnostic.Note] {
        switch self {
        case .fieldWithoutColumn(_, let columns): [Diagnostic.Note("columns", listing(columns))]
        case .columnWithoutField(_, let fields): [Diagnostic.Note("fields", listing(fields))]
        case .form(_, _, .format(let known)): [Diagnostic.Note("formats", listing(known))]
        default: []
        }
    }

    var fix: String? {
        switch self {
        case .fieldWithoutColumn(let name, let columns):
            didYouMean(name, among: columns) ?? "take the field out of the schema, or correct the data"
        case .columnWithoutField(let name, let fields):
            didYouMean(name, among: fields)
                ?? "add the field to the schema, with role: ignore if it is of no use"
        case .form(_, _, .pattern): "write one such as %d/%m/%Y, or any for dates whose order is plain"
        case .form: nil
        case .foreignKeys: "join.tables with how: anti gives the rows whose key the other table lacks"
        case .misfit(_, _, _, _, let others, let limit?):
            "correct the data or the schema, or write max_rejects: \(max(limit, others + 1)) to keep such rows apart"
        case .misfit: "correct the data or the schema"
        case .otherType: "correct the schema, or write the column in the type it says"
        case .badConstraint: nil
        }
    }

    /// What the runner makes an advice of where nobody wrote the schema.
    var ofInferredSchema: StageError.Misfit? {
        switch self {
        // A row that was cut wrong fits no schema.
        case .misfit(_, _, nil, _, _, _), .form, .foreignKeys, .badConstraint: nil
        case .misfit(_, _, let column?, _, let others, let limit):
            StageError.Misfit(
                column: column,
                fix: "correct the data"
                    + (limit.map { ", or write max_rejects: \(max($0, others + 1)) to keep such rows apart" }
                        ?? ""))
        case .fieldWithoutColumn, .columnWithoutField: StageError.Misfit(column: nil, fix: "correct the data")
        case .otherType(let column, _, _): StageError.Misfit(column: column, fix: "correct the data")
        }
    }
}
