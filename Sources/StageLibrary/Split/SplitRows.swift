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
            Parameter(
                "method",
                .choice([
                    .init("random", "Each row by itself."),
                    .init("stratified", "At random within each level of `stratify`."),
                    .init("time", "By the order of `time`."),
                    .init("group", "At random, groups of `group` whole."),
                ]), .optional,
                "How rows are chosen; without it the method of the column given below, else random."),
            Parameter(
                "stratify", .column(port: "in"), .optional,
                "The column whose levels keep their shares: boolean, integer, category or text."),
            Parameter(
                "time", .column(port: "in"), .optional,
                "The column that orders the rows: date, timestamp, integer or number."),
            Parameter(
                "group", .column(port: "in"), .optional, "The column that tells which rows belong together."),
        ],
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
        do {
            let method = try SplitMethod(check.parameters)
            if let name = method.column, let column = table[name] {
                do throws(SplitFinding) {
                    try method.check(column.type)
                } catch {
                    check.report(error, at: [method.word.parameter ?? ""])
                }
            }
        } catch {
            let place = if case .twoMethods(_, let second) = error { second } else { "method" }
            check.report(error, at: [place])
        }
    }

    private static func run(_ run: StageRun) throws {
        let split: RowSplit
        do {
            split = try Self.split(run)
        } catch let finding as SplitFinding {
            throw StageError(finding)
        }
        var input = try run.reader("in")
        let outputs = ["train", "test", "validation"].map { name in
            (part: split.names.firstIndex(of: name), writer: TableWriter(run, name, roles: input.roles))
        }
        try input.eachBatch { frame, first in
            for (part, writer) in outputs {
                let rows = part.map { part in
                    (0..<frame.count).filter { split.partOfRow[first + $0] == part }
                }
                try writer.append(frame.gather(rows ?? []))
            }
        }
        for (_, writer) in outputs { try writer.finish() }
    }

    /// Which row goes into which part. Of the table only the column is read that decides it.
    private static func split(_ run: StageRun) throws -> RowSplit {
        let test = run.parameters["test"]?.number ?? 0.2
        let validation = run.parameters["validation"]?.number
        var parts = [RowSplit.Part("train", 1 - test - (validation ?? 0))]
        if let validation { parts.append(.init("validation", validation)) }
        parts.append(.init("test", test))
        let method = try SplitMethod(run.parameters)
        let all = try run.reader("in")
        if let name = method.column, all.type[name] == nil {
            throw StageError(
                StageLibraryFinding.unknownColumn(
                    name, table: run.input("in")?.basename, known: all.type.names))
        }
        guard all.rows > 0 else { throw SplitFinding.emptyPart("train", rows: 0) }
        var codes = SplitCodes(method, try run.reader("in", columns: method.column.map { [$0] } ?? []))
        let budget = MemoryBudget(run, "which rows belong together is held in memory")
        let (rule, levels) = try codes.rule(budget)
        do throws(RowSplitError) {
            return try RowSplit(rows: all.rows, parts: parts, method: rule, seed: run.seed)
        } catch {
            throw finding(error, method.column ?? "", levels)
        }
    }

    /// A refusal in the words of the table: levels for codes.
    private static func finding(
        _ error: RowSplitError, _ column: String, _ levels: [String]
    ) -> any Error {
        switch error {
        case .classTooSmall(let code, let rows, let parts):
            SplitFinding.levelTooSmall(
                column: column, level: shortened(levels.indices.contains(code) ? levels[code] : "\(code)"),
                rows: rows, parts: parts)
        case .emptyPart(let part, let rows): SplitFinding.emptyPart(part, rows: rows)
        case .tooFewGroups(let groups, let parts):
            SplitFinding.tooFewGroups(column: column, groups: groups, parts: parts)
        default: StageError("\(error)")
        }
    }
}
