import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes

/// `clean.table`: rows and values put right, with every change on record.
enum CleanTable {
    static let kind = StageKind(
        "clean.table",
        versions: [.init(1, "first"), .init(2, "texts are told apart by their bytes")],
        summary: "Drops duplicates, fills or drops missing values, merges rare levels, treats outliers.",
        documentation: """
            The order is fixed: duplicates, then ranges, then missing values in the order they are listed, then rare levels, then outliers. Each step
            sees what those before it have made of the table. Whatever was changed stands in `changes`, one line a value or a row left out.

            Fills and fences are learned from all rows that go in, so a stage that is followed by a split learns a little of the test rows; what must
            be learned from training rows only belongs in features.fit. A median or mean makes a column of integers one of numbers.

            A value is an outlier below q1 - factor (q3 - q1) or above q3 + factor (q3 - q1), quartiles by linear interpolation as in numpy, polars and
            pandas (Tukey, 1977); by z_score further from the mean than `threshold` standard deviations of the population. Nulls and NaN are none. A column
            without values, or with an infinite quartile, has no outliers. isolation_forest finds rows, by all its columns together.

            knn fills in the mean of the k rows that are nearest in the columns of its entry, iterative predicts each of them from the others, both as in
            scikit-learn. Distances count the columns as they are: one of large numbers counts most. These and isolation_forest hold the numbers of
            their columns in memory; everything else passes. forward_fill takes the last value before, so what is missing first stays so, and with `by`
            also where the entity is missing. Equal keys of duplicates are told as equal rows are: null equals null.

            A level is rare that has less than `share` of the rows that have one.
            """,
        example: """
            clean:
              uses: clean.table
              in: applications
              with:
                duplicates: drop
                outliers: { method: iqr, factor: 1.5, columns: [credit_amount], action: quarantine }
            """,
        inputs: [InputPort("in", .table, "The rows.")],
        outputs: [
            OutputPort("table", .table, "The clean rows, in the order they had."),
            OutputPort(
                "quarantine", .table,
                "Rows that ranges and outliers with action: quarantine took out, with the column reason."),
            OutputPort(
                "changes", .table,
                "What was done: row (of the input, from 1), column, before, after, rule; no column for a row left out."
            ),
        ],
        parameters: CleanWords.parameters,
        libraries: ["quantile": 1], check: check, run: run)

    /// Columns of `changes`.
    static let changesType = TableType([
        Column("row", .integer, isNullable: false), Column("column", .text), Column("before", .text),
        Column("after", .text), Column("rule", .text, isNullable: false),
    ])
    static let reason = "reason"

    private static func check(_ check: inout StageCheck) {
        check.outputs["changes"] = .table(changesType)
        guard let steps = CleanSteps(check.parameters) else { return }
        for (finding, path) in CleanWords.misplaced(check.parameters) { check.report(finding, at: path) }
        var types = CleanCheck(check.table("in"))
        for step in steps.list { step.check(&types) }
        for (finding, path) in types.findings { check.report(finding, at: path) }
        check.outputs["table"] = .table(types.type)
        check.outputs["quarantine"] = .table(types.quarantine)
    }

    private static func run(_ run: StageRun) throws {
        guard let steps = CleanSteps(run.parameters) else {
            throw StageError("the parameters are not of the form that clean.table declares")
        }
        var cleaning = Cleaning(run, steps)
        do {
            try cleaning.learn()
            try cleaning.write()
        } catch let finding as StageLibraryFinding {
            throw StageError(finding)
        }
    }
}
