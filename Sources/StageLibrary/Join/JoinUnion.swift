import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableOperations
import TableTypes

/// `join.union`: tables under one another.
enum JoinUnion {
    static let kind = StageKind(
        "join.union",
        versions: [.init(1, "first")],
        summary: "Puts the rows of several tables under one another.",
        documentation: """
            All rows of the first table come first, in their order, then those of the second, and so on. Columns are brought together by their names,
            in the order in which the tables first name them.

            Integers beside numbers become numbers, a category beside a text becomes a text, a date beside a timestamp its midnight in UTC; other types
            beside one another are an error. Categories get the levels of the first table, then those that each later table adds, in its order. A
            column's role is that of the first table that gives it one.

            Rows are not compared: equal ones stay, as in SQL's union all; clean.table drops duplicates.
            """,
        example: """
            all:
              uses: join.union
              in: [applications, clean]
              with: { missing: "null" }
            """,
        inputs: [InputPort("in", .list(.table), "The tables, in their order.")],
        outputs: [OutputPort("table", .table, "All rows.")],
        parameters: [
            Parameter(
                "missing",
                .choice([
                    .init("error", "Every table has every column."),
                    .init("null", "What a table lacks is null in its rows."),
                    .init("drop", "Only columns that every table has come out."),
                ]), .defaulted("error"), "What to do with a column that a table lacks.")
        ],
        libraries: ["union": 1], check: check, run: run)

    /// The columns that come out, and what is wrong with them.
    private struct Columns {
        var columns: [Column] = []
        var problems: [JoinFinding] = []

        init(_ tables: [TableType], missing: String) {
            var dropped: Set<String> = []
            for (number, table) in tables.enumerated() {
                for column in table.columns {
                    if let index = columns.firstIndex(where: { $0.name == column.name }) {
                        merge(column, at: index, table: number + 1)
                    } else {
                        columns.append(column)
                    }
                }
            }
            for index in columns.indices {
                let name = columns[index].name
                for (number, table) in tables.enumerated() where table[name] == nil && !table.isOpen {
                    switch missing {
                    case "null": columns[index].isNullable = true
                    case "drop": dropped.insert(name)
                    default: problems.append(.lackingColumn(name, table: number + 1))
                    }
                }
            }
            columns.removeAll { dropped.contains($0.name) }
        }

        private mutating func merge(_ other: Column, at index: Int, table: Int) {
            var column = columns[index]
            guard let type = Union.joined(column.type, other.type) else {
                problems.append(.unlikeColumns(column.name, column.type, other.type, table: table))
                return
            }
            column.type = type
            column.role = column.role ?? other.role
            column.isNullable = column.isNullable || other.isNullable
            if column.width != other.width { column.width = nil }
            let both = type == .category ? (column.levels, other.levels) : (nil, nil)
            if case (let a?, let b?) = both {
                column.levels = Union.levels(a, b)
            } else {
                column.levels = nil
            }
            columns[index] = column
        }
    }

    private static func check(_ check: inout StageCheck) {
        var tables: [TableType] = []
        if case .list(let members)? = check.type(of: "in") {
            for case .table(let table) in members { tables.append(table) }
        }
        let missing = check.parameters["missing"]?.string ?? "error"
        let union = Columns(tables, missing: missing)
        for problem in union.problems { check.report(problem, atInput: "in") }
        let isOpen = tables.isEmpty || tables.contains { $0.isOpen }
        check.outputs["table"] = .table(TableType(union.columns, isOpen: isOpen))
    }

    private static func run(_ run: StageRun) throws {
        let members = run.inputs.filter { $0.port == "in" }
        let readers = try members.map { try TableReader($0, memory: run.memory) }
        let union = Columns(readers.map(\.type), missing: run.parameters["missing"]?.string ?? "error")
        if let problem = union.problems.first { throw StageError(problem) }
        let rows = readers.reduce(0) { $0 + $1.rows }
        guard rows < Int(Int32.max) else { throw StageError(JoinFinding.tooManyRows(rows)) }
        var roles: [String: ColumnRole] = [:]
        for column in union.columns { roles[column.name] = column.role }
        let output = TableWriter(run, "table", roles: roles)
        if members.isEmpty { try output.append(DataFrame(checked: [])) }
        for var reader in readers {
            let member = Union.Member(reader.type, of: union.columns)
            try reader.eachBatch { frame, _ in try output.append(DataFrame(checked: member.rows(frame))) }
        }
        try output.finish()
    }
}
