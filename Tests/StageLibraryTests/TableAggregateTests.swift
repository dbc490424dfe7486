import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import StageLibrary
import TableTypes
import Testing

@Suite struct TableAggregateTests {
    let aggregate: KindHarness
    let rows: ArrowTable

    init() throws {
        aggregate = try KindHarness("table.aggregate")
        rows = try table(
            ["shop": .group, "amount": .weight],
            .categories("shop", ["b", "a", nil, "b"], levels: ["a", "b"]),
            .numbers("amount", [5, nil, 0.5, 10]), .integers("n", [1, 2, 3, 4]))
    }

    @Test func `a row for each group, in the order they come, null among them`() throws {
        let made = try aggregate.run(
            [
                "by": ["shop"],
                "metrics": ["total": "sum(amount)", "rows": "count()", "share": "sum(n > 1) / count()"],
            ],
            tables: ["in": rows]
        ).table("table")
        #expect(
            try made.frame
                == frame(
                    .categories("shop", ["b", "a", nil], levels: ["a", "b"]), .integers("rows", [2, 1, 1]),
                    .numbers("share", [0.5, 1, 1]), .numbers("total", [15, nil, 0.5])))
        #expect(made.roles == ["shop": .group])
    }

    @Test func `without keys there is one row, of an empty table too`() throws {
        let all: JSONValue = ["metrics": ["rows": "count()", "most": "max(amount)"]]
        let made = try aggregate.run(all, tables: ["in": rows]).table("table")
        #expect(try made.frame == frame(.numbers("most", [10]), .integers("rows", [4])))
        let empty = try aggregate.run(all, tables: ["in": rows.gather([])]).table("table")
        #expect(try empty.frame == frame(.numbers("most", [nil]), .integers("rows", [0])))
        let none = try aggregate.run(
            ["by": ["shop"], "metrics": ["rows": "count()"]], tables: ["in": rows.gather([])]
        ).table("table")
        #expect(none.frame.count == 0 && none.frame.names == ["shop", "rows"])
    }

    @Test func `check finds what is wrong, and the types of the result`() throws {
        let with = "{ by: [shop, shop], metrics: { shop: count(), x: amount + sum(n), y: sum(nn) } }"
        let (text, _) = try aggregate.check(with, ["in": .table(rows.tableType)])
        #expect(
            text == """
                p.yaml:2:22: error: two columns of the result would be called 'shop'
                  with: \(with)
                                     ^~~~
                p.yaml:2:46: error: 'shop' is a column already
                  with: \(with)
                                                             ^~~~~~~
                  fix: give the new column another name
                p.yaml:2:58: error: column 'amount' has many values in a group and stands outside an aggregate
                  with: \(with)
                                                                         ^~~~~~
                  grouped by: shop, shop
                  fix: write first(amount), or add it to 'by'
                p.yaml:2:82: error: there is no column 'nn'
                  with: \(with)
                                                                                                 ^~
                  columns: shop, amount, n
                  fix: did you mean 'n'?

                """)
        #expect(
            try aggregate.check("{ metrics: {} }", ["in": .table(rows.tableType)]).text.contains(
                "error: 'metrics' is empty"))
        let fine = try aggregate.check(
            "{ by: [shop], metrics: { t: sum(n), m: mean(n), c: count() } }", ["in": .table(rows.tableType)])
        #expect(fine.text.isEmpty)
        #expect(
            fine.outputs["table"]
                == .table(
                    TableType([
                        Column("shop", .category, role: .group, levels: ["a", "b"]),
                        Column("c", .integer, isNullable: false), Column("m", .number), Column("t", .integer),
                    ])))
    }

    @Test func `a failure names the metric`() throws {
        let rows = try table([:], .integers("n", [.max, 1]))
        #expect(
            aggregate.failure(["metrics": ["a": "count()", "t": "sum(n)"]], tables: ["in": rows]) == """
                metrics: t: row 2: the sum of its group is no 64-bit integer from here on
                  in: sum(n)
                """)
        #expect(
            aggregate.failure(["metrics": ["t": "max(n) + 1"]], tables: ["in": rows]) == """
                metrics: t: group 1: 9223372036854775807 + 1 is no 64-bit integer
                  in: max(n) + 1
                """)
    }

    @Test func `bytes of outputs are pinned`() throws {
        let credit = ArrowTable(frame: try germanCredit(), roles: ["creditability": .target])
        var metrics: [String: JSONValue] = ["rows": "count()"]
        for function in [
            "sum", "mean", "min", "max", "first", "last", "n_unique", "std", "var", "median", "mode",
        ] {
            metrics[function] = .string("\(function)(credit_amount)")
        }
        metrics["q90"] = "quantile(credit_amount, 0.9)"
        func digest(_ by: [String]) throws -> String {
            try aggregate.run(["by": .strings(by), "metrics": .object(metrics)], tables: ["in": credit])
                .digest(["table"])
        }
        try expectGoldens(
            "table.aggregate",
            [
                ("all", try digest([])), ("by one", try digest(["purpose"])),
                ("by two", try digest(["housing", "age_in_years"])),
            ])
    }
}
