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
        let (left, right) = (try run.table("left"), try run.table("right"))
        let plan = JoinPlan(
            run.parameters, left: left.tableType, right: right.tableType,
            rightName: run.input("right")?.basename)
        if let (problem, _) = plan.problems.first { throw StageError(problem) }
        func column(_ name: String, _ table: ArrowTable, _ port: String) throws(StageError) -> DataColumn {
            guard let column = table.frame[name] else {
                throw StageError(
                    StageLibraryFinding.unknownColumn(
                        name, table: run.input(port)?.basename, known: table.frame.names))
            }
            return column
        }
        let leftKeys = try plan.keys.map { try column($0.left, left, "left") }
        let rightKeys = try plan.keys.map { try column($0.right, right, "right") }
        let pairs: Joining.Pairs
        if let time = plan.time {
            pairs = AsOfJoin(direction: plan.direction, tolerance: plan.tolerance).pairs(
                times: (try column(time.left, left, "left"), try column(time.right, right, "right")),
                keys: (leftKeys, rightKeys))
        } else {
            do {
                pairs = try Joining.pairs(
                    leftKeys, rightKeys, kind: Joining.Kind(rawValue: plan.how.rawValue) ?? .inner,
                    validation: plan.validation)
            } catch let error as Joining.DuplicateKey {
                let port = error.isLeft ? "left" : "right"
                throw StageError(
                    JoinFinding.repeatedKey(
                        table: run.input(port)?.basename ?? port,
                        columns: plan.keys.map { error.isLeft ? $0.left : $0.right },
                        rows: [error.first + 1, error.second + 1], validate: plan.validation.rawValue))
            } catch let error as Joining.TooManyRows {
                throw StageError(JoinFinding.tooManyRows(error.rows))
            }
        }
        var roles: [String: ColumnRole] = [:]
        var sides: (left: [(DataColumn, String)], right: [(DataColumn, String)]) = ([], [])
        for output in plan.outputs {
            let table = output.isLeft ? left : right
            roles[output.new] = table.roles[output.old]
            let source = try column(output.old, table, output.isLeft ? "left" : "right")
            if output.isLeft {
                sides.left.append((source, output.new))
            } else {
                sides.right.append((source, output.new))
            }
        }
        let columns = Joining.columns(sides.left, sides.right, by: pairs)
        try run.write(ArrowTable(frame: DataFrame(checked: columns), roles: roles), to: "table")
    }
}
