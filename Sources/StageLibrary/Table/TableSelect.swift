import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableOperations
import TableTypes

/// `table.select`: rows and columns chosen, new columns computed.
enum TableSelect {
    static let kind = StageKind(
        "table.select",
        versions: [.init(1, "first")],
        summary: "Chooses rows and columns, and computes new columns.",
        documentation: """
            The order is fixed: `where`, `derive`, `rename`, `columns` or `drop`, `sort`. Expressions read the columns as they come in, so a derived
            column cannot read another one; one that bears the name of a column takes its place. New columns come last, in the order of their names.

            Expressions are those of SQL: numbers, 'texts', true, false, null, date '2024-01-31', timestamp '2024-01-31T12:00:00Z'; + - * / %, = != <
            <= > >=, and, or, not, in (...), between ... and ..., is null; if(condition, value, otherwise), coalesce, min, max, abs, round, floor,
            ceil, sqrt, length, lower, upper, trim, contains, starts_with, ends_with, replace, substring, concat, year, month, day, weekday (Monday
            is 1), hour, minute, days_between, seconds_between, cast(x as integer | number | text | date | timestamp), try_cast. A column whose name
            is no word stands in `backquotes`.

            Null gives null, except as SQL has it for and, or and is null; a row stays only if `where` is true. Division by zero, the remainder by
            zero and the root of a negative number are null. A whole number beyond 64 bits and a cast that fails end the run and name the row
            (try_cast gives null). / always gives a number. Texts are compared by their bytes; NaN equals NaN and is above all numbers.

            Roles of columns stay with them under a new name; a derived column has none.
            """,
        example: """
            adults:
              uses: table.select
              in: applications
              with:
                where: age_in_years >= 18
                derive:
                  monthly_rate: credit_amount / duration_in_month
                  is_large: credit_amount > 5000
                drop: [telephone]
            """,
        inputs: [InputPort("in", .table, "The rows.")],
        outputs: [OutputPort("table", .table, "The rows and columns that were asked for.")],
        parameters: [
            Parameter("where", .expression, .optional, "A condition; rows of which it is true stay."),
            Parameter(
                "derive", .map(.expression), .optional, "New columns, each with the expression it holds."),
            Parameter("rename", .map(.text), .optional, "New names of columns, by the old ones."),
            Parameter(
                "columns", .list(.text), .optional,
                "The columns that stay, in this order, by their new names; without it all."),
            Parameter("drop", .list(.text), .optional, "Columns that go, by their new names."),
            Parameter(
                "sort",
                .list(
                    .either([
                        .text,
                        .record([
                            Parameter("column", .text, .required, "The column to sort by."),
                            Parameter(
                                "order",
                                .choice([
                                    .init("ascending", "The least first."),
                                    .init("descending", "The greatest first."),
                                ]), .defaulted("ascending"), "Which way; nulls come last either way."),
                        ]),
                    ])), .optional,
                "Columns to sort the rows by, the first counting most; equal rows keep their order."),
        ],
        libraries: ["expression": 1], check: check, run: run)

    // MARK: Check

    private static func check(_ check: inout StageCheck) {
        let table = check.table("in")
        if let text = check.parameters["where"]?.expressionText {
            check.report(RowExpression.condition(text, over: table).findings, at: ["where"], in: text)
        }
        var columns = table.columns
        var isKnown = true
        for (name, text) in check.parameters["derive"]?.expressions ?? [] {
            let (expression, findings) = RowExpression.compile(text, over: table)
            check.report(findings, at: ["derive", name], in: text)
            guard let expression else {
                isKnown = false
                columns.removeAll { $0.name == name }
                continue
            }
            place(expression.column(name), in: &columns)
        }
        // What cannot be typed is known to be there, and of which type is not.
        let isOpen = table.isOpen || !isKnown
        let shape = Shape(check.parameters, names: columns.map(\.name), isOpen: isOpen)
        for (problem, path) in shape.problems { check.report(problem, at: path) }
        guard shape.problems.isEmpty else { return }
        let named = Dictionary(uniqueKeysWithValues: columns.map { ($0.name, $0) })
        let result = shape.columns.compactMap { old, new -> Column? in
            var column = named[old]
            column?.name = new
            return column
        }
        check.outputs["table"] = .table(
            TableType(result, isOpen: isOpen && (shape.keepsAll || result.count < shape.columns.count)))
    }

    private static func place(_ column: Column, in columns: inout [Column]) {
        if let index = columns.firstIndex(where: { $0.name == column.name }) {
            columns[index] = column
        } else {
            columns.append(column)
        }
    }

    private static func run(_ run: StageRun) throws {
        var input = try run.reader("in")
        let selection = try Selection(run.parameters, input.type)
        let output = TableWriter(run, "table", roles: selection.roles)
        if selection.sorts {
            var rows = DataFrameBuilder()
            // Sorted rows are copies.
            let budget = MemoryBudget(
                run, "sorting holds all rows in memory", share: 0.5, advice: "leave 'sort' out")
            try input.eachBatch { frame, first in
                let chosen = try selection.renamed(frame, first: first)
                rows.append(chosen, 0..<chosen.count)
                try budget.check(rows: first + frame.count)
            }
            try output.append(selection.sorted(rows.take()))
        } else {
            try input.eachBatch { frame, first in
                try output.append(selection.chosen(selection.renamed(frame, first: first)))
            }
        }
        try output.finish()
    }
}
