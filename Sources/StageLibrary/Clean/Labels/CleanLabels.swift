import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import TableTypes

/// `clean.labels`: rows whose label is likely wrong, found by confident learning.
enum CleanLabels {
    static let kind = StageKind(
        "clean.labels",
        versions: [.init(1, "first")],
        summary: "Finds rows whose label is likely wrong, and drops them, sets them apart or marks them.",
        documentation: """
            Confident learning (Northcutt, Jiang and Chuang, 2021): a logistic regression gives each row the probabilities of all classes, trained on
            the other folds only; a class's threshold is the mean probability that its own rows have of it; from the rows that pass one is
            estimated how many of each label are of each other class, and so many are chosen. The counts are cleanlab's: find_label_issues with
            prune_by_noise_rate (the largest margins of each pair of classes), prune_by_class (the least probability of the given label) or both.

            Features are the columns named, else all of type boolean, integer, number and category that have no role and are not the label: numbers are scaled to mean
            0 and deviation 1 with nulls at the mean, categories become one column of 0 and 1 a level. Texts, images and what else must be numbers first.

            A row that is hard to tell looks like one whose label is wrong: look at `issues`, the least certain first, before you drop. Every class needs
            a row for each fold, and every row a label.
            """,
        example: """
            labels:
              uses: clean.labels
              in: applications
              with: { label: creditability, action: quarantine }
            """,
        inputs: [InputPort("in", .table, use: .fit, "The labelled rows.")],
        outputs: [
            OutputPort(
                "table", .table,
                "The rows in the order they had; without those found, or with action: flag all of them and the column label_issue."
            ),
            OutputPort(
                "quarantine", .table, "With action: quarantine the rows found, with the column reason."),
            OutputPort(
                "changes", .table, "What was done: row (of the input, from 1), column, before, after, rule."),
            OutputPort(
                "issues", .table,
                "The rows found, the least certain label first: row, given, suggested, self_confidence (the probability of the given label), margin."
            ),
        ],
        parameters: [
            Parameter(
                "label", .column(port: "in"), .optional,
                "The column of labels; without it the one whose role in the schema is target."),
            Parameter(
                "features", .selector(port: "in"), .optional,
                "The columns to learn from; without it all that can be."),
            Parameter(
                "method",
                .choice([
                    .init("noise_rate", "Of each label and other class the rows with the largest margin."),
                    .init("self_confidence", "Of each label the rows with the least probability of it."),
                    .init("both", "The rows that both choose."),
                ]), .defaulted(.string(LabelIssues.Method.noiseRate.rawValue)), "How rows are chosen."),
            Parameter(
                "action",
                .choice([
                    .init("drop", "Leaves the row out."),
                    .init("quarantine", "Moves the row to the output quarantine."),
                    .init("flag", "Keeps the row; the column label_issue says true."),
                ]), .defaulted("quarantine"), "What to do with a row whose label is likely wrong."),
            Parameter(
                "folds", .integer(.within(2...20)), .defaulted(5),
                "Parts of the rows; a model is trained for each."),
            Parameter(
                "c", .number(.above(0)), .defaulted(1),
                "How little the model's penalty of large coefficients counts."),
        ],
        isRandom: true, libraries: ["estimators": 3, "labels": 1, "split": 1], check: check, run: run)

    static let flag = "label_issue"

    /// Columns of `issues`.
    static let issuesType = TableType([
        Column("row", .integer, isNullable: false), Column("given", .text, isNullable: false),
        Column("suggested", .text, isNullable: false), Column("self_confidence", .number, isNullable: false),
        Column("margin", .number, isNullable: false),
    ])

    private static func check(_ check: inout StageCheck) {
        check.outputs["changes"] = .table(CleanTable.changesType)
        check.outputs["issues"] = .table(issuesType)
        let type = check.table("in")
        do {
            _ = try LabelFeatures(check.parameters, type)
        } catch {
            switch error {
            case .noLabel, .noFeatures: check.report(error, at: [])
            case .labelType, .labelIsFeature: check.report(error, at: ["label"])
            default: check.report(error, at: ["features"])
            }
        }
        var (table, quarantine) = (type, type)
        switch check.parameters["action"]?.string {
        case "flag":
            if type[flag] == nil {
                table.columns.append(Column(flag, .boolean, isNullable: false))
            } else {
                check.report(StageLibraryFinding.duplicateOutput(flag), at: ["action"])
            }
        case "quarantine":
            if type[CleanTable.reason] != nil {
                check.report(StageLibraryFinding.duplicateOutput(CleanTable.reason), at: ["action"])
            }
        default: break
        }
        if type[CleanTable.reason] == nil {
            quarantine.columns.append(Column(CleanTable.reason, .text, isNullable: false))
        }
        check.outputs["table"] = .table(table)
        check.outputs["quarantine"] = .table(quarantine)
    }

    private static func run(_ run: StageRun) throws {
        do {
            try LabelCleaning(run).write()
        } catch let finding as LabelFinding {
            throw StageError(finding)
        } catch let finding as ModelFinding {
            throw StageError(finding)
        } catch let finding as StageLibraryFinding {
            throw StageError(finding)
        }
    }
}
