import CanonicalJSON
import Estimators
import PipelineLanguage
import TableTypes

/// `split.folds`: rows into folds for cross-validation, one fold a stage.
enum SplitFolds {
    static let kind = StageKind(
        "split.folds",
        versions: [.init(1, "first")],
        summary: "Splits rows for cross-validation: one of several folds to test, the others to train.",
        documentation: """
            A matrix over `fold` gives a split for each: every row is tested once over all folds, and a model of one fold that is judged on another
            fold's test is found by `check`. Stages with the same rows, `folds`, method and seed cut the same folds.

            Sizes are scikit-learn's. Folds of random (KFold) and stratified rows (StratifiedKFold) have sizes within one row of each other, and of each
            level too; a level needs a row for each fold. Groups (GroupKFold) go to the fold with the fewest rows, the largest first. With `time`
            (TimeSeriesSplit) the window expands: rows in order of time are cut into one stretch more than there are folds, and fold 0 tests the second
            stretch; a fold trains on all before its test, and what comes later is left out. A row without a value in a column to split by is an error.

            \(SplitMethod.contentDocumentation)
            """,
        example: """
            folds:
              uses: split.folds
              in: clean
              matrix: { fold: [0, 1, 2, 3, 4] }
              with: { folds: 5, fold: "${matrix.fold}", stratify: creditability }
            """,
        inputs: [InputPort("in", .table, "The rows.")],
        outputs: [
            OutputPort(
                "train", .table, isPart: true, "Rows of the other folds; in time those before the test."),
            OutputPort("test", .table, isPart: true, "Rows of the fold."),
        ],
        parameters: [
            Parameter(
                "folds",
                .integer(.within(Int64(RowFolds.range.lowerBound)...Int64(RowFolds.range.upperBound))),
                .defaulted(5), "Into how many folds rows are cut."),
            Parameter("fold", .integer(.atLeast(0)), .required, "Which fold to test, from 0."),
        ] + SplitMethod.parameters,
        isRandom: true, libraries: ["split": 1], check: check, run: run)

    private static func check(_ check: inout StageCheck) {
        let table = check.table("in")
        for part in ["train", "test"] { check.outputs[part] = .table(table) }
        if let finding = noFold(check.parameters) { check.report(finding, at: ["fold"]) }
        SplitMethod.check(&check)
    }

    private static func folds(_ parameters: JSONValue) -> (folds: Int, fold: Int) {
        (Int(parameters["folds"]?.integer ?? 5), Int(parameters["fold"]?.integer ?? 0))
    }

    private static func noFold(_ parameters: JSONValue) -> SplitFinding? {
        let (folds, fold) = folds(parameters)
        return fold < folds ? nil : .noFold(fold, folds: folds)
    }

    private static func run(_ run: StageRun) throws {
        if let finding = noFold(run.parameters) { throw StageError(finding) }
        let (folds, fold) = folds(run.parameters)
        let rule = try SplitRule(run)
        let split = try rule.findings(folds: folds) { () throws(RowSplitError) in
            try RowFolds(rows: rule.rows, folds: folds, method: rule.method, seed: run.seed)
        }
        try SplitParts(run, ["train", "test"]).write(content: rule.lookedAt) { row in
            switch split.side(row, fold: fold) {
            case .train: 0
            case .test: 1
            case .neither: nil
            }
        }
    }
}
