import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import StageLibrary
import TableTypes
import Testing

@Suite struct TableWindowTests {
    let window: KindHarness
    let rows: ArrowTable

    init() throws {
        window = try KindHarness("table.window")
        let day: Int64 = 86_400_000_000
        rows = try table(
            ["amount": .target], .texts("card", ["x", "y", "x", "x", nil, "x"]),
            DataColumn("at", .timestamp, .timestamp([0, 1, 7 * day, 3 * day, 4, 7 * day])),
            .integers("amount", [10, 20, 30, 40, 50, 60]))
    }

    @Test func `seven days of a card, without what lies ahead`() throws {
        func values(_ sees: String) throws -> [Double] {
            let made = try window.run(
                [
                    "entity": ["card"], "time": "at",
                    "windows": ["n": ["value": "count()", "last": "7d", "sees": .string(sees)]],
                ], tables: ["in": rows]
            ).table("table")
            #expect(made.frame.names == ["card", "at", "amount", "n"] && made.roles == rows.roles)
            return made.frame["n"]?.numbers ?? []
        }
        // Row 3 and row 6 are at one time; exactly seven days after row 1.
        #expect(try values("before") == [0, 0, 2, 1, 0, 2])
        #expect(try values("self") == [1, 1, 3, 2, 0, 3])
        #expect(try values("instant") == [1, 1, 4, 2, 0, 4])
    }

    @Test func `a row may be held against its own past`() throws {
        let made = try window.run(
            [
                "entity": ["card"], "time": "at",
                "windows": [
                    "ratio": ["value": "amount / mean(amount)", "last": "1w"],
                    "last": ["value": "last(amount)", "last": "200h"],
                ],
            ], tables: ["in": rows]
        ).table("table")
        #expect(made.frame["ratio"] == .numbers("ratio", [nil, nil, 1.2, 4, nil, 2.4]))
        #expect(made.frame["last"] == .integers("last", [nil, nil, 40, 10, nil, 40]))
    }

    @Test func `check finds what is wrong, and the types of the result`() throws {
        let type = TableType([
            Column("card", .text), Column("day", .date), Column("k", .integer), Column("amount", .number),
        ])
        func said(_ with: String) throws -> String { try window.check(with, ["in": .table(type)]).text }
        #expect(
            try said("{ time: day, windows: { a: { value: sum(amuont), last: 12h } } }") == """
                p.yaml:2:49: error: there is no column 'amuont'
                  with: { time: day, windows: { a: { value: sum(amuont), last: 12h } } }
                                                                ^~~~~~
                  columns: card, day, k, amount
                  fix: did you mean 'amount'?
                p.yaml:2:64: error: '12h' cannot be measured along column 'day' of type date
                  with: { time: day, windows: { a: { value: sum(amuont), last: 12h } } }
                                                                               ^~~
                  expected: whole days, such as 7d

                """)
        #expect(
            try said("{ time: card, windows: { a: { value: median(amount), last: 7d } } }").contains(
                "a window in time cannot take column 'card' of type text"))
        #expect(
            try said("{ time: day, windows: { k: { value: median(amount), last: 7x } } }").contains(
                "error: '7x' is no length of time"))
        #expect(
            try said("{ time: day, windows: { k: { value: count(), last: 7d } } }").contains(
                "error: 'k' is a column already"))
        #expect(
            try said("{ time: k, windows: { a: { value: count(), last: 7d } } }").contains(
                "'7d' cannot be measured along column 'k' of type integer"))
        #expect(try said("{ time: k, windows: {} }").contains("error: 'windows' is empty"))
        let fine = try window.check(
            "{ time: k, windows: { b: { value: mean(amount), last: 7 }, a: { value: count(), last: 3 } } }",
            ["in": .table(type)])
        #expect(fine.text.isEmpty)
        #expect(
            fine.outputs["table"]
                == .table(
                    TableType(
                        type.columns + [Column("a", .integer, isNullable: false), Column("b", .number)])))
    }

    @Test func `what only the run sees is said in the same words`() throws {
        func failure(_ time: String, _ value: String, _ last: String) -> String? {
            window.failure(
                ["time": .string(time), "windows": ["w": ["value": .string(value), "last": .string(last)]]],
                tables: ["in": rows])
        }
        #expect(
            failure("when", "count()", "7d")?.hasPrefix("the table has no column 'when'") == true
                || failure("when", "count()", "7d")?.contains("has no column 'when'") == true)
        #expect(
            failure("card", "count()", "7d")?.hasPrefix("a window in time cannot take column 'card'") == true)
        #expect(
            failure("at", "sum(card)", "7d")?.hasPrefix("windows: w: sum cannot take a value of type text")
                == true)
        #expect(failure("at", "count()", "7y")?.hasPrefix("'7y' is no length of time") == true)
        #expect(
            failure("at", "amount * 1000000000000000000", "7d") == """
                windows: w: row 1: 10 * 1000000000000000000 is no 64-bit integer
                  in: amount * 1000000000000000000
                """)
    }

    @Test func `bytes of outputs are pinned`() throws {
        let credit = ArrowTable(frame: try germanCredit().gather(Array(0..<300)), roles: [:])
        var cases: [(String, String)] = []
        for sees in ["before", "self", "instant"] {
            var windows: [String: JSONValue] = [:]
            for function in ["count", "sum", "mean", "min", "max", "first", "last", "n_unique", "std", "var"]
            {
                windows[function] = [
                    "value": .string("\(function)(credit_amount / 7)"), "last": 6, "sees": .string(sees),
                ]
            }
            let outcome = try window.run(
                ["entity": ["housing"], "time": "age_in_years", "windows": .object(windows)],
                tables: ["in": credit])
            cases.append((sees, try outcome.digest(["table"])))
        }
        try expectGoldens("table.window", cases)
    }
}
