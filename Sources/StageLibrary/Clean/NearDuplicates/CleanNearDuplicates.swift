import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import TableTypes

/// `clean.near_duplicates`: rows whose text nearly repeats that of a row before them.
enum CleanNearDuplicates {
    static let kind = StageKind(
        "clean.near_duplicates",
        versions: [.init(1, "first")],
        summary:
            "Finds rows whose text nearly repeats that of a row before, and drops them, sets them apart or marks them.",
        documentation: """
            Two texts are nearly the same where the shingles that they have in common are at least `threshold` of those that either has (Jaccard). A shingle is a
            run of characters or of words. Candidates are found by MinHash signatures in bands (Broder, 1997), which find 98 of 100 pairs at the
            threshold and more above it; each is then compared by its shingles, so no pair is told that is below. Equal texts are always found.

            Texts that are nearly the same as another of a group belong to the group; its first row stays. So the similarity that `pairs` tells, which is that to the
            first, may be below the threshold where two texts are of one group by way of others.

            Characters suit every script. Words are runs of letters and digits: for Chinese, Japanese and Thai, which put no space between them, take characters.
            Case and the number of spaces make no difference; what else should make none is for clean.text before. A null or an empty text is like no other.

            Rows are compared with each other, so put the stage before a split, lest two parts have one text. The shingles of all texts are held in memory: 8 bytes a character, or word.
            """,
        example: """
            once:
              uses: clean.near_duplicates
              in: applications
              with: { column: text, threshold: 0.9, action: drop }
            """,
        inputs: [InputPort("in", .table, "The rows.")],
        outputs: [
            OutputPort(
                "table", .table,
                "The rows in the order they had; without those found, or with action: flag all of them and the column repeats."
            ),
            OutputPort(
                "quarantine", .table, "With action: quarantine the rows found, with the column reason."),
            OutputPort(
                "changes", .table, "What was done: row (of the input, from 1), column, before, after, rule."),
            OutputPort(
                "pairs", .table,
                "The rows found: row, of (the row of the input that it repeats), similarity (from 0 to 1)."),
        ],
        parameters: [
            Parameter("column", .column(port: "in"), .required, "The texts to compare."),
            Parameter(
                "threshold", .number(Interval(.open(0), .closed(1))), .defaulted(.number(0.8)),
                "The share of shingles in common from which on two texts are nearly the same."),
            Parameter(
                "shingles",
                .choice([
                    .init("characters", "Runs of characters."), .init("words", "Runs of words."),
                ]), .defaulted(.string(Shingles.characters.rawValue)), "What texts are compared by."),
            Parameter(
                "length", .integer(.within(1...32)), .optional,
                "Characters or words of a shingle; without it 5 characters, or 3 words."),
            Parameter(
                "action",
                .choice([
                    .init("drop", "Leaves the row out."),
                    .init("quarantine", "Moves the row to the output quarantine."),
                    .init("flag", "Keeps the row; the column repeats has the number of the row it repeats."),
                ]), .defaulted(.string(Action.quarantine.rawValue)),
                "What to do with a row that repeats one before it."),
        ],
        libraries: ["texts": 1], check: check, run: run)

    enum Shingles: String, Sendable {
        case characters, words
    }

    enum Action: String, Sendable {
        case drop, quarantine, flag

        /// The column that it adds to a table.
        var column: String? {
            switch self {
            case .drop: nil
            case .quarantine: CleanTable.reason
            case .flag: "repeats"
            }
        }
    }

    static let takes: [ColumnType] = [.text, .category]

    /// Columns of `pairs`.
    static let pairsType = TableType([
        Column("row", .integer, isNullable: false), Column("of", .integer, isNullable: false),
        Column("similarity", .number, isNullable: false),
    ])

    private static func check(_ check: inout StageCheck) {
        check.outputs["changes"] = .table(CleanTable.changesType)
        check.outputs["pairs"] = .table(pairsType)
        let type = check.table("in")
        if let column = check.parameters["column"]?.string.flatMap({ type[$0] }),
            let misfit = misfit(column)
        {
            check.report(misfit, at: ["column"])
        }
        let action = check.parameters["action"]?.string.flatMap(Action.init) ?? .quarantine
        if let added = action.column, type[added] != nil {
            check.report(StageLibraryFinding.duplicateOutput(added), at: ["action"])
        }
        var (table, quarantine) = (type, type)
        if action == .flag, let added = action.column, type[added] == nil {
            table.columns.append(Column(added, .integer))
        }
        if type[CleanTable.reason] == nil {
            quarantine.columns.append(Column(CleanTable.reason, .text, isNullable: false))
        }
        check.outputs["table"] = .table(table)
        check.outputs["quarantine"] = .table(quarantine)
    }

    static func misfit(_ column: Column) -> StageLibraryFinding? {
        takes.contains(column.type)
            ? nil
            : .columnType(
                column: column.name, type: column.type, operation: "a search for near duplicates",
                takes: takes)
    }

    private static func run(_ run: StageRun) throws {
        guard let cleaning = NearDuplicateRows(run) else {
            throw StageError("the parameters are not of the form that clean.near_duplicates declares")
        }
        do {
            try cleaning.write()
        } catch let finding as StageLibraryFinding {
            throw StageError(finding)
        }
    }
}
