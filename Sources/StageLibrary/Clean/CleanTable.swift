import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes

/// `clean.table`: rows and values put right, with every change on record.
enum CleanTable {
    static let kind = StageKind(
        "clean.table",
        versions: [.init(1, "first"), .init(2, "texts are told apart by their bytes")],
        summary: "Drops duplicates, fills or drops missing values, treats outliers.",
        documentation: """
            The order is fixed: duplicates, then missing values in the order they are listed, then outliers. Each step sees what those before it have
            made of the table. Whatever was changed stands in `changes`, one line a value or a row left out.

            Fills and fences are learned from all rows that go in, so a stage that is followed by a split learns a little of the test rows; what must
            be learned from training rows only belongs in features.fit. A median or mean makes a column of integers one of numbers.

            A value is an outlier below q1 - factor (q3 - q1) or above q3 + factor (q3 - q1), quartiles by linear interpolation as in numpy, polars and
            pandas (Tukey, 1977). Nulls and NaN are none. A column without values, or with an infinite quartile, has no outliers.
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
                "Rows that outliers with action: quarantine took out, with the column reason."),
            OutputPort(
                "changes", .table,
                "What was done: row (of the input, from 1), column, before, after, rule; no column for a row left out."
            ),
        ],
        parameters: [
            Parameter(
                "duplicates",
                .choice([
                    .init("keep", "Rows may repeat."), .init("drop", "Of equal rows only the first stays."),
                ]), .defaulted("keep"), "What to do with a row equal to one before it in every column."),
            Parameter(
                "missing",
                .list(
                    .record([
                        Parameter("columns", .selector(port: "in"), .required, "Where values are missing."),
                        Parameter(
                            "strategy",
                            .choice([
                                .init(CleanSteps.drop, "Leaves the row out."),
                                .init("median", "Fills in the median."), .init("mean", "Fills in the mean."),
                                .init("most_frequent", "Fills in the value that comes most often."),
                                .init("constant", "Fills in `value`."),
                            ]), .required, "What to do with a missing value."),
                        Parameter(
                            "value", .either([.boolean, .number(.all), .text]), .optional,
                            "What strategy: constant fills in."),
                    ])), .optional, "What to do where values are missing; without it they stay missing."),
            Parameter(
                "outliers",
                .record([
                    Parameter(
                        "method", .choice([.init("iqr", "Tukey's fences, by quartiles.")]), .defaulted("iqr"),
                        "What makes an outlier."),
                    Parameter(
                        "factor", .number(.atLeast(0)), .defaulted(.number(CleanSteps.defaultFactor)),
                        "How many times the distance of the quartiles is too far."),
                    Parameter(
                        "columns", .selector(port: "in"), .required, "Where to look; integers or numbers."),
                    Parameter(
                        "action",
                        .choice([
                            .init("drop", "Leaves the row out."),
                            .init("clip", "Moves the value to the fence; an integer to the next beyond it."),
                            .init("null", "Takes the value away."),
                            .init("quarantine", "Moves the row to the output quarantine."),
                        ]), .required, "What to do with an outlier."),
                ]), .optional, "What to do with values far from the others; without it they stay."),
        ],
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
        var type = check.table("in")
        for (index, step) in steps.missing.enumerated() {
            for name in step.columns {
                guard let column = type.columns.firstIndex(where: { $0.name == name }) else { continue }
                do throws(StageLibraryFinding) {
                    try apply(step, to: &type.columns[column])
                } catch {
                    check.report(
                        error,
                        at: ["missing", String(index)]
                            + (error.isAboutConstant ? ["value"] : ["columns", name]))
                }
            }
        }
        if let rule = steps.outliers {
            for name in rule.columns {
                guard let column = type.columns.firstIndex(where: { $0.name == name }) else { continue }
                if !type.columns[column].type.isNumeric {
                    check.report(misfit(type.columns[column]), at: ["outliers", "columns", name])
                }
                if rule.action == .null { type.columns[column].isNullable = true }
            }
            if rule.action == .quarantine, type[reason] != nil {
                check.report(StageLibraryFinding.duplicateOutput(reason), at: ["outliers", "action"])
            }
        }
        check.outputs["table"] = .table(type)
        var quarantine = type
        if type[reason] == nil { quarantine.columns.append(Column(reason, .text, isNullable: false)) }
        check.outputs["quarantine"] = .table(quarantine)
    }

    private static func apply(
        _ step: CleanSteps.Missing, to column: inout Column
    ) throws(StageLibraryFinding) {
        switch step {
        case .drop: column.isNullable = false
        case .fill(let step, _): column = try step.outputs(of: [column])[0]
        }
    }

    static func misfit(_ column: Column) -> StageLibraryFinding {
        .columnType(
            column: column.name, type: column.type, operation: CleanSteps.OutlierRule.operation,
            takes: CleanSteps.OutlierRule.takes)
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
