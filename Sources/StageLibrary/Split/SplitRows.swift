import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import TableTypes

/// `split.rows`: rows into parts that share none.
enum SplitRows {
    static let kind = StageKind(
        "split.rows",
        versions: [.init(1, "first")],
        summary: "Splits rows into train, test and, where asked for, validation.",
        documentation: """
            Every row lies in exactly one part, and each part keeps the order of the table. Sizes are exact shares rounded by largest remainder: each
            is within one row of its share. A part that was asked for and would be empty is an error; without `validation` that part has no rows.

            `stratify` keeps the share of each level of a column in every part, `group` keeps rows of one group together, and `time` gives the
            earliest rows to train, then to validation, the latest to test; the seed has no part in it. A row without a value in that column is an
            error. The same rows, parameters and seed give the same parts on every machine.

            \(SplitMethod.contentDocumentation)
            """,
        example: """
            split:
              uses: split.rows
              in: clean
              with: { test: 0.2, stratify: creditability }
            """,
        inputs: [InputPort("in", .table, "The rows.")],
        outputs: [
            OutputPort("train", .table, isPart: true, "Rows to learn from."),
            OutputPort("test", .table, isPart: true, "Rows to judge on."),
            OutputPort(
                "validation", .table, isPart: true, "Rows to choose by; none without `validation`."),
        ],
        parameters: [
            Parameter("test", .number(.between(0, 1)), .defaulted(0.2), "The test part's share of the rows."),
            Parameter(
                "validation", .number(.between(0, 1)), .optional,
                "The validation part's share; without it there is no such part."),
        ] + SplitMethod.parameters,
        isRandom: true, libraries: ["split": 1], check: check, run: run)

    private static func check(_ check: inout StageCheck) {
        let table = check.table("in")
        for part in ["train", "test", "validation"] { check.outputs[part] = .table(table) }
        let test = check.parameters["test"]?.number ?? 0.2
        if let validation = check.parameters["validation"]?.number, test + validation >= 1 {
            check.report(
                SplitFinding.fractions(
                    test: JSONValue.number(test).canonicalText,
                    validation: JSONValue.number(validation).canonicalText), at: ["validation"])
        }
        SplitMethod.check(&check)
    }

    private static func run(_ run: StageRun) throws {
        let rule = try SplitRule(run)
        let split = try rule.findings { () throws(RowSplitError) in
            try RowSplit(
                rows: rule.rows, parts: parts(run.parameters), method: rule.method, seed: run.seed)
        }
        let ports = ["train", "test", "validation"]
        let places = split.names.map { ports.firstIndex(of: $0) }
        try SplitParts(run, ports).write(content: rule.lookedAt) { places[Int(split.partOfRow[$0])] }
    }

    private static func parts(_ parameters: JSONValue) -> [RowSplit.Part] {
        let test = parameters["test"]?.number ?? 0.2
        let validation = parameters["validation"]?.number
        var parts = [RowSplit.Part("train", 1 - test - (validation ?? 0))]
        if let validation { parts.append(.init("validation", validation)) }
        parts.append(.init("test", test))
        return parts
    }
}
