import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableOperations
import TableTypes

/// `table.window`: what each row's entity did in the time before it.
enum TableWindow {
    static let kind = StageKind(
        "table.window",
        versions: [.init(1, "first")],
        summary: "Computes metrics of each row's entity over the time before the row.",
        documentation: """
            Every row stays, in its place, and gets a column for each window, in the order of their names: an expression over aggregates (see
            table.aggregate; median, quantile and mode are not kept over windows) of the rows of the same entity in the time that `last` says, such as
            the sum and the number of a card's payments in the seven days before this one. Outside an aggregate stand the row's own columns, as in
            amount / mean(amount).

            A row never sees its own future, and by itself neither itself nor another row at its time: those may not have been known. `sees: self` lets
            it see itself besides, `sees: instant` every row at its time. A row exactly `last` ago is seen. Along a date or a timestamp `last` is a
            length such as 7d, 12h, 30m, 90s; along integers a number.

            Rows without an entity or a time are seen by none and see none: their counts are 0 and all else is null. Numbers are added up in the order
            of time, rows at one time in the order of the table; in long windows in stretches of 64 rows counted from the entity's first.
            """,
        example: """
            habits:
              uses: table.window
              in: applications
              with:
                entity: [card]
                time: paid_at
                windows:
                  paid_7d: { value: sum(amount), last: 7d }
                  payments_7d: { value: count(), last: 7d }
                  unusual: { value: amount / mean(amount), last: 30d }
            """,
        inputs: [InputPort("in", .table, "The rows.")],
        outputs: [OutputPort("table", .table, "The rows, with a column for each window.")],
        parameters: [
            Parameter(
                "entity", .list(.column(port: "in")), .optional,
                "The columns that tell whose row it is; without it all rows are one entity's."),
            Parameter(
                "time", .column(port: "in"), .required, "When the row happened: date, timestamp or integer."),
            Parameter(
                "windows",
                .map(
                    .record([
                        Parameter("value", .expression, .required, "An expression over aggregates."),
                        Parameter(
                            "last", .either([.text, .integer(.atLeast(0))]), .required,
                            "How far back the window reaches."),
                        Parameter(
                            "sees",
                            .choice([
                                .init("before", "Rows before this one's time."),
                                .init("self", "Those and the row itself."),
                                .init("instant", "Rows up to this one's time, itself included."),
                            ]), .defaulted("before"), "What of the row's own time is in the window."),
                    ])), .required, "New columns, each a window over time."),
        ],
        libraries: ["expression": 1, "aggregate": 1, "window": 1], check: check, run: run)

    /// One entry of `windows`.
    private struct Window {
        var name: String
        var text: String
        var last: String
        var sight: TimeWindows.Sight
    }

    private static func windows(_ parameters: JSONValue) -> [Window] {
        (parameters["windows"]?.object ?? [:])
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { name, entry in
                Window(
                    name: name, text: entry["value"]?.expressionText ?? "",
                    last: entry["last"]?.expressionText ?? "",
                    sight: entry["sees"]?.string.flatMap(TimeWindows.Sight.init) ?? .before)
            }
    }

    private static func check(_ check: inout StageCheck) {
        let table = check.table("in")
        let time = check.parameters["time"]?.string.flatMap { table[$0] }
        if let time, !TimeLength.takes.contains(time.type) {
            check.report(misfit(time.name, time.type), at: ["time"])
        }
        let windows = windows(check.parameters)
        if windows.isEmpty { check.report(ShapeFinding.noMetrics("windows"), at: ["windows"]) }
        var result = table
        for window in windows {
            let path = ["windows", window.name]
            if table[window.name] != nil {
                check.report(ShapeFinding.metricIsKey(window.name), at: path)
            }
            let (expression, findings) = AggregateExpression.compile(window.text, over: table, in: .window)
            check.report(findings, at: path + ["value"], in: window.text)
            if let expression {
                result.columns.append(expression.column(window.name))
            } else {
                result.isOpen = true
            }
            if let time, TimeLength.takes.contains(time.type) {
                do throws(ShapeFinding) {
                    _ = try TimeLength(window.last, over: time.name, time.type)
                } catch {
                    check.report(error, at: path + ["last"])
                }
            }
        }
        check.outputs["table"] = .table(result)
    }

    private static func misfit(_ column: String, _ type: ColumnType) -> StageLibraryFinding {
        .columnType(column: column, type: type, operation: "a window in time", takes: TimeLength.takes)
    }

    /// Of the table only the columns are held that windows are made of; all of it passes by once more to be written.
    private static func run(_ run: StageRun) throws {
        var input = try run.reader("in")
        let type = input.type
        func column(_ name: String) throws(StageError) -> Column {
            guard let column = type[name] else {
                throw StageError(
                    StageLibraryFinding.unknownColumn(
                        name, table: run.input("in")?.basename, known: type.names))
            }
            return column
        }
        let time = try column(run.parameters["time"]?.string ?? "")
        guard TimeLength.takes.contains(time.type) else { throw StageError(misfit(time.name, time.type)) }
        let entity = try (run.parameters["entity"]?.array ?? []).compactMap(\.string).map {
            try column($0).name
        }
        let asked = try windows(run.parameters).map { try compiled($0, over: type, time) }
        let needed = asked.reduce(into: Set(entity + [time.name])) { $0.formUnion($1.expression.columns) }
        func budget(_ share: Double) -> MemoryBudget {
            MemoryBudget(run, "the columns that windows are made of are held in memory", share: share)
        }
        var reader = try run.reader("in", columns: type.names.filter(needed.contains))
        // Beside them there are the order of the rows, and what the windows give.
        let frame = try reader.all(budget(0.5))
        let held = Dictionary(uniqueKeysWithValues: frame.columns.map { ($0.name, $0) })
        let order = TimeWindows(frame, entity: entity.compactMap { held[$0] }, time: held[time.name]!)
        var values: [DataColumn] = []
        for (window, expression, length) in asked {
            do throws(RowFailure) {
                values.append(
                    try order.evaluate(expression, last: length, sight: window.sight, as: window.name))
            } catch {
                throw StageError(error, in: window.text, of: "windows: \(window.name)")
            }
            try budget(0.875).check(rows: frame.count)
        }
        let made = DataFrame(checked: values)
        let output = TableWriter(run, "table", roles: input.roles)
        try input.eachBatch { frame, first in
            var part = DataFrameBuilder()
            part.append(made, first..<(first + frame.count))
            try output.append(DataFrame(checked: frame.columns + part.take().columns))
        }
        try output.finish()
    }

    private static func compiled(
        _ window: Window, over type: TableType, _ time: Column
    ) throws(StageError) -> (window: Window, expression: AggregateExpression, length: Int64) {
        guard type[window.name] == nil else { throw StageError(ShapeFinding.metricIsKey(window.name)) }
        let expression = try AggregateExpression.compiled(
            window.text, over: type, in: .window, for: "windows: \(window.name)")
        do throws(ShapeFinding) {
            return (window, expression, try TimeLength(window.last, over: time.name, time.type).units)
        } catch {
            throw StageError(error)
        }
    }
}
