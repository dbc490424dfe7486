import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import TableTypes

/// `clean.text`: texts made uniform, with every change on record.
enum CleanText {
    static let kind = StageKind(
        "clean.text",
        versions: [.init(1, "first")],
        summary: "Makes texts uniform: Unicode forms, white space, markup, emoji, control characters.",
        documentation: """
            The order is fixed: markup, emoji, control characters, the form of characters, white space. Each step sees what those before it have made
            of the text. Whatever was changed stands in `changes`, one line a text, with the steps that changed it.

            `form: nfkc` is normalization form KC of Unicode: full-width and half-width forms, ligatures, circled and raised figures become plain
            characters, and a letter with its marks becomes one. `form: width` touches full-width and half-width forms alone, so that x² stays what it is.

            A null stays null and is no empty text; rows without a value are for clean.table. Nothing is learned of other rows, so the stage may stand before or after a split.
            """,
        example: """
            tidy:
              uses: clean.text
              in: applications
              with: { columns: text, markup: remove, emoji: remove, empty: null }
            """,
        inputs: [InputPort("in", .table, "The rows.")],
        outputs: [
            OutputPort("table", .table, "The rows with clean texts, in the order they had."),
            OutputPort(
                "changes", .table,
                "What was done: row (of the input, from 1), column, before, after, rule; no column for a row left out."
            ),
        ],
        parameters: [
            Parameter("columns", .selector(port: "in"), .required, "The texts to clean."),
            Parameter(
                "form",
                .choice([
                    .init("nfkc", "Characters that differ in form alone become one (Unicode's form KC)."),
                    .init(
                        "width",
                        "Full-width letters, digits and signs become ASCII, half-width Katakana and Hangul the usual ones."
                    ),
                    .init("keep", "Characters stay as they are."),
                ]), .defaulted(.string(TextCleaning.Form.nfkc.rawValue)), "The form of characters."),
            Parameter(
                "space",
                .choice([
                    .init("fold", "White space of any kind and length becomes one space, none at the ends."),
                    .init("lines", "As fold, but lines stay lines; empty ones go."),
                    .init("keep", "White space stays as it is."),
                ]), .defaulted(.string(TextCleaning.Space.fold.rawValue)), "What becomes of white space."),
            Parameter(
                "markup",
                .choice([
                    .init(
                        "remove",
                        "Tags, comments, scripts and styles go; references such as &amp; become what they stand for."
                    ),
                    .init("keep", "Markup stays."),
                ]), .defaulted("keep"), "What becomes of HTML."),
            Parameter(
                "emoji",
                .choice([
                    .init("remove", "Emoji go, with all that makes up their sequences."),
                    .init("keep", "Emoji stay."),
                ]), .defaulted("keep"), "What becomes of emoji."),
            Parameter(
                "controls",
                .choice([
                    .init(
                        "remove",
                        "Control characters but for white space go, and marks that nobody sees, such as soft hyphens."
                    ),
                    .init("keep", "They stay."),
                ]), .defaulted("remove"), "What becomes of control characters."),
            Parameter(
                "empty",
                .choice([
                    .init("keep", "It stays an empty text."), .init("null", "It becomes a null."),
                    .init("drop", "The row is left out."),
                ]), .defaulted(.string(EmptyText.keep.rawValue)),
                "What becomes of a text that is empty, or is so once it is clean."),
        ],
        libraries: ["texts": 1], check: check, run: run)

    /// What becomes of a text of which nothing is left.
    enum EmptyText: String, Sendable {
        case keep, null, drop
    }

    static let takes: [ColumnType] = [.text]

    private static func check(_ check: inout StageCheck) {
        check.outputs["changes"] = .table(CleanTable.changesType)
        var type = check.table("in")
        for name in check.parameters["columns"].flatMap(columnNames) ?? [] {
            guard let column = type.columns.firstIndex(where: { $0.name == name }) else { continue }
            if let misfit = misfit(type.columns[column]) {
                check.report(misfit, at: ["columns", name])
            }
            if check.parameters["empty"]?.string == EmptyText.null.rawValue {
                type.columns[column].isNullable = true
            }
        }
        check.outputs["table"] = .table(type)
    }

    static func misfit(_ column: Column) -> StageLibraryFinding? {
        takes.contains(column.type)
            ? nil
            : .columnType(
                column: column.name, type: column.type, operation: "cleaning of texts", takes: takes)
    }

    private static func run(_ run: StageRun) throws {
        guard let cleaning = TextPass(run) else {
            throw StageError("the parameters are not of the form that clean.text declares")
        }
        do {
            try cleaning.write()
        } catch let finding as StageLibraryFinding {
            throw StageError(finding)
        }
    }
}
