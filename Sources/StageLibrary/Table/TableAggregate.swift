import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableOperations
import TableTypes

/// `table.aggregate`: one row for each group.
enum TableAggregate {
    static let kind = StageKind(
        "table.aggregate",
        versions: [.init(1, "first")],
        summary: "Groups rows and computes metrics of each group.",
        documentation: """
            One row comes out for each combination of values in `by`, in the order in which each first comes; without `by`, one row in all. Null is a
            value here: rows without one are a group of their own, and so are all NaN. The columns of `by` come first and keep their roles, then
            metrics in the order of their names.

            A metric is an expression (see table.select) over aggregates: count(), count(x), sum, mean, min, max, first, last, n_unique, std, var,
            median, quantile(x, 0.9), mode; what stands inside an aggregate is computed for each row, as in sum(if(paid, amount, 0)) / count().
            Outside an aggregate only columns of `by` may stand.

            Nulls are passed over, except by count(), first and last. A group without a value gives null, and a count of 0; std and var are those of a
            sample and need two values. min and max take NaN only where nothing else is, quantiles interpolate linearly and put NaN last. Of values
            that are equally frequent, mode takes the one that comes first. Numbers are added up in the order of the rows; a sum of integers beyond
            64 bits ends the run.
            """,
        example: """
            by_purpose:
              uses: table.aggregate
              in: applications
              with:
                by: [purpose]
                metrics:
                  applications: count()
                  mean_amount: mean(credit_amount)
                  share_large: sum(credit_amount > 5000) / count()
            """,
        inputs: [InputPort("in", .table, "The rows.")],
        outputs: [OutputPort("table", .table, "A row for each group.")],
        parameters: [
            Parameter(
                "by", .list(.column(port: "in")), .optional,
                "The columns to group by; without it all rows are one group."),
            Parameter(
                "metrics", .map(.expression), .required, "New columns, each with the expression it holds."),
        ],
        libraries: ["expression": 1, "aggregate": 1], check: check, run: run)

    private static func by(_ parameters: JSONValue) -> [String] {
        parameters["by"]?.array?.compactMap(\.string) ?? []
    }

    private static func check(_ check: inout StageCheck) {
        let table = check.table("in")
        let by = by(check.parameters)
        for (index, name) in by.enumerated() where by[..<index].contains(name) {
            check.report(StageLibraryFinding.duplicateOutput(name), at: ["by", String(index)])
        }
        let metrics = check.parameters["metrics"]?.expressions ?? []
        if metrics.isEmpty { check.report(ShapeFinding.noMetrics("metrics"), at: ["metrics"]) }
        var columns = by.compactMap { table[$0] }
        var isKnown = columns.count == by.count
        for (name, text) in metrics {
            if by.contains(name) { check.report(ShapeFinding.metricIsKey(name), at: ["metrics", name]) }
            let (expression, findings) = AggregateExpression.compile(
                text, over: table, in: .group(by: by))
            check.report(findings, at: ["metrics", name], in: text)
            if let expression { columns.append(expression.column(name)) } else { isKnown = false }
        }
        check.outputs["table"] = .table(TableType(columns, isOpen: !isKnown))
    }

    private static func run(_ run: StageRun) throws {
        let (type, roles) = try { ($0.type, $0.roles) }(run.reader("in"))
        let by = by(run.parameters)
        let texts = run.parameters["metrics"]?.expressions ?? []
        for name in by where type[name] == nil {
            throw StageError(
                StageLibraryFinding.unknownColumn(
                    name, table: run.input("in")?.basename, known: type.names))
        }
        let metrics = try texts.map { name, text in
            let what = "metrics: \(name)"
            return (
                name: name,
                value: try AggregateExpression.compiled(text, over: type, in: .group(by: by), for: what)
            )
        }
        do {
            let result = try aggregate(run, Grouping(by: by, metrics: metrics), type)
            let kept = roles.filter { by.contains($0.key) }
            try run.write(ArrowTable(frame: result, roles: kept), to: "table")
        } catch let error as MetricFailure {
            let (name, text) = texts[error.metric]
            throw StageError(error.failure, in: text, of: "metrics: \(name)")
        }
    }

    /// Of the table only the columns are read that are asked for, piece by piece.
    private static func aggregate(
        _ run: StageRun, _ grouping: consuming Grouping, _ type: TableType
    ) throws -> DataFrame {
        let read = grouping.columns
        var columns = type.names.filter(read.contains)
        // Rows are counted by some column.
        if columns.isEmpty { columns = Array(type.names.prefix(1)) }
        // Keys are put together anew with every piece.
        let budget = MemoryBudget(
            run, "the groups, and what is known of them, are held in memory", share: 0.625)
        for _ in 0..<grouping.passes {
            var input = try run.reader("in", columns: columns)
            let isAll = input.rows <= input.pieceRows
            try input.eachPiece { piece, first in
                try grouping.append(piece, isAll: isAll)
                try budget.check(rows: first + piece.count)
            }
            if isAll { break }
            grouping.endPass()
        }
        return try grouping.result()
    }
}

extension AggregateExpression {
    /// As `RowExpression.compiled`.
    static func compiled(
        _ text: String, over table: TableType, in place: Place, for what: String
    ) throws(StageError) -> AggregateExpression {
        let (expression, findings) = compile(text, over: table, in: place)
        guard let expression else {
            guard let first = findings.first else { preconditionFailure("a closed table hides nothing") }
            throw StageError(first, in: text, of: what)
        }
        return expression
    }
}
