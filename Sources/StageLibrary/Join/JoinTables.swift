import ArrowIPC
import CanonicalJSON
import DataFrames
import Diagnostics
import PipelineLanguage
import TableOperations
import TableTypes

/// `join.tables`: two tables side by side, by equal keys or by time.
enum JoinTables {
    static let kind = StageKind(
        "join.tables",
        versions: [.init(1, "first")],
        summary: "Joins two tables by equal keys, or by time.",
        documentation: """
            Rows come in the order of the left table, and those that one left row meets in the order of the right one. A row with a null among its
            keys meets nothing, as in SQL. Keys are of one type on both sides; a category may meet a text.

            All left columns come first, then the right ones without its keys, which equal the left ones. A name that both tables have gets the
            suffixes. Roles of columns stay with them.

            `how: asof` gives each left row the one right row that is nearest in time, among those with equal keys if `on` is given: a price list of
            that day, the last known state. `direction: backward` never looks into the future. Of right rows at one time backward takes the last and
            forward the first of the table; nearest takes the earlier of two that are equally far.

            `validate` checks what you know of the keys, and names two rows where they repeat.
            """,
        example: """
            labelled:
              uses: join.tables
              in: { left: applications, right: clean }
              with:
                on: [application_id]
                how: left
                validate: many_to_one
            """,
        inputs: [
            InputPort("left", .table, "The rows whose order stays."),
            InputPort("right", .table, use: .lookup, "The rows that are looked up."),
        ],
        outputs: [OutputPort("table", .table, "The joined rows.")],
        parameters: [
            Parameter(
                "on",
                .list(
                    .either([
                        .column(port: "left"),
                        .record([
                            Parameter(
                                "left", .column(port: "left"), .required, "A column of the left table."),
                            Parameter(
                                "right", .column(port: "right"), .required, "The one it equals on the right."),
                        ]),
                    ])), .optional, "Columns that must be equal, by one name or by two."),
            Parameter(
                "how",
                .choice([
                    .init("inner", "Rows that meet."),
                    .init("left", "These, and left rows that meet none, with nulls on the right."),
                    .init("anti", "Left rows that meet none, with their own columns."),
                    .init("asof", "Each left row with the right row nearest in time, or nulls."),
                ]), .defaulted("inner"), "Which rows come out."),
            Parameter(
                "time",
                .record([
                    Parameter(
                        "left", .column(port: "left"), .required, "The left time: date, timestamp or integer."
                    ),
                    Parameter(
                        "right", .column(port: "right"), .required, "The right time, of the same type."),
                ]), .optional, "When each row is, for how: asof."),
            Parameter(
                "direction",
                .choice([
                    .init("backward", "The latest right row at or before the left one."),
                    .init("forward", "The earliest right row at or after it."),
                    .init("nearest", "The nearer of both."),
                ]), .defaulted("backward"), "Where how: asof looks."),
            Parameter(
                "tolerance", .either([.text, .integer(.atLeast(0))]), .optional,
                "How far how: asof may look, such as 2h; without it any distance."),
            Parameter(
                "suffixes",
                .record([
                    Parameter("left", .text, .defaulted(""), "Of the left column."),
                    Parameter("right", .text, .defaulted("_right"), "Of the right column."),
                ]), .optional, "What is put behind names that both tables have; without it _right."),
            Parameter(
                "validate",
                .choice([
                    .init("many_to_many", "Keys may repeat."),
                    .init("one_to_many", "Left keys are unique."),
                    .init("many_to_one", "Right keys are unique."),
                    .init("one_to_one", "Both are."),
                ]), .defaulted("many_to_many"), "What keys must be; nulls are no keys."),
        ],
        libraries: ["join": 1], check: check, run: run)

    private static func check(_ check: inout StageCheck) {
        let (left, right) = (check.table("left"), check.table("right"))
        let plan = JoinPlan(check.parameters, left: left, right: right, rightName: check.name(of: "right"))
        for (problem, path) in plan.problems { check.report(problem, at: path) }
        check.outputs["table"] = .table(
            TableType(
                plan.columns(left, right), isOpen: left.isOpen || right.isOpen && plan.how != .anti))
    }

    private static func run(_ run: StageRun) throws {
        var left = try run.reader("left")
        let right = try run.reader("right")
        let plan = JoinPlan(
            run.parameters, left: left.type, right: right.type, rightName: run.input("right")?.basename)
        if let (problem, _) = plan.problems.first { throw StageError(problem) }
        for (port, names, type) in [
            ("left", plan.leftKeys, left.type), ("right", plan.rightKeys, right.type),
        ] {
            if let name = names.first(where: { type[$0] == nil }) {
                throw StageError(
                    StageLibraryFinding.unknownColumn(
                        name, table: run.input(port)?.basename, known: type.names))
            }
        }
        if plan.validation.isLeftUnique { try requireUniqueLeft(run, plan) }
        let join = try joinByRight(run, plan, right.type, leftRowBytes: left.rowBytes)
        let rows = try join.rows(of: left) { try run.reader("left", columns: $0) }
        guard rows < Int(Int32.max) else { throw StageError(JoinFinding.tooManyRows(rows)) }
        let output = TableWriter(run, "table", roles: plan.roles(left.roles, right.roles))
        let budget = rightBudget(run, share: 0.9375)
        try left.eachPiece(atMost: join.rowsAtOnce) { frame, _ in
            try join.each(of: frame) {
                try output.append($0)
                try budget.check(rows: right.rows)
            }
        }
        try output.finish()
    }

    /// All left keys are held, as long as they are compared.
    private static func requireUniqueLeft(_ run: StageRun, _ plan: JoinPlan) throws {
        let budget = MemoryBudget(
            run, "all left keys, which must not repeat, are held in memory", share: 0.5,
            advice: "leave 'validate' out")
        var reader = try run.reader("left", columns: plan.leftKeys)
        let keys = try reader.all(budget)
        do throws(Joining.DuplicateKey) {
            try Joining.requireUnique(plan.keys.compactMap { keys[$0.left] })
        } catch {
            throw repeated(error, run, "left", plan.keys.map(\.left), plan)
        }
    }

    /// The right table is held, of its columns those that are needed.
    private static func joinByRight(
        _ run: StageRun, _ plan: JoinPlan, _ right: TableType, leftRowBytes: Int
    ) throws -> TableJoin {
        let needed = plan.rightColumns
        var reader = try run.reader("right", columns: right.names.filter(needed.contains))
        // Beside the rows there are their keys.
        let rows = try reader.all(rightBudget(run, share: 0.625))
        let join: TableJoin
        do throws(Joining.DuplicateKey) {
            join = try TableJoin(plan, right: rows, leftRowBytes: leftRowBytes, memory: run.memory)
        } catch {
            throw repeated(error, run, "right", plan.keys.map(\.right), plan)
        }
        try rightBudget(run, share: 0.875).check(rows: rows.count)
        return join
    }

    private static func rightBudget(_ run: StageRun, share: Double) -> MemoryBudget {
        MemoryBudget(
            run, "'\(run.input("right")?.basename ?? "right")', the right table, is held in memory",
            share: share, advice: "choose fewer of its columns in a table.select before")
    }

    private static func repeated(
        _ key: Joining.DuplicateKey, _ run: StageRun, _ port: String, _ columns: [String], _ plan: JoinPlan
    ) -> StageError {
        StageError(
            JoinFinding.repeatedKey(
                table: run.input(port)?.basename ?? port, columns: columns,
                rows: [key.first + 1, key.second + 1], validate: plan.validation.rawValue))
    }
}
