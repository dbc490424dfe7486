import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import StageLibrary
import TableTypes
import Testing

@Suite struct TableSelectTests {
    let select: KindHarness
    let rows: ArrowTable

    init() throws {
        select = try KindHarness("table.select")
        rows = try table(
            ["id": .id, "kind": .target], .integers("id", [1, 2, 3, 4]),
            .numbers("amount", [5, nil, 0.5, 10]),
            .categories("kind", ["b", "a", nil, "a"], levels: ["a", "b"]))
    }

    private func result(_ parameters: JSONValue) throws -> ArrowTable {
        try select.run(parameters, tables: ["in": rows]).table("table")
    }

    @Test func `rows stay of which the condition is true`() throws {
        #expect(try result(["where": "amount > 1"]) == rows.gather([0, 3]))
        #expect(try result(["where": "amount > 1 or kind = 'a'"]) == rows.gather([0, 1, 3]))
        #expect(try result(["where": true]) == rows)
        #expect(try result(["where": "id > 9"]).frame.count == 0)
    }

    @Test func `derived columns come last, by name, or in the place of one`() throws {
        let made = try result(["derive": ["z": "id * 2", "amount": "coalesce(amount, 0)", "b": 1]])
        #expect(
            try made.frame
                == frame(
                    .integers("id", [1, 2, 3, 4]), .numbers("amount", [5, 0, 0.5, 10]),
                    rows.frame.columns[2], .integers("b", [1, 1, 1, 1]), .integers("z", [2, 4, 6, 8])))
        #expect(made.roles == rows.roles)
        #expect(try result(["derive": ["id": "id + 1"]]).roles == ["kind": .target])
    }

    @Test func `columns are renamed, chosen, dropped, and rows sorted by one that goes`() throws {
        let made = try result([
            "rename": ["kind": "label", "id": "kind"], "columns": ["label", "kind"],
            "sort": [["column": "amount", "order": "descending"]],
        ])
        #expect(
            try made.frame
                == frame(
                    .categories("label", ["a", "b", nil, "a"], levels: ["a", "b"]),
                    .integers("kind", [4, 1, 3, 2])))
        #expect(made.roles == ["label": .target, "kind": .id])
        #expect(
            try result(["drop": ["amount"], "sort": ["kind", "id"]]).frame["id"]
                == .integers("id", [2, 4, 1, 3]))
    }

    @Test func `what a row has no value for names the row`() throws {
        #expect(
            select.failure(["derive": ["x": "id * 4611686018427387904"]], tables: ["in": rows]) == """
                derive: x: row 2: 2 * 4611686018427387904 is no 64-bit integer
                  in: id * 4611686018427387904
                """)
        #expect(
            select.failure(["where": "cast(kind as integer) > 1"], tables: ["in": rows]) == """
                where: row 1: 'b' is no integer
                  in: cast(kind as integer) > 1
                  fix: write try_cast(...), which gives null there
                """)
        // Of an open table only the run sees that a column is not there.
        #expect(
            select.failure(["where": "amonut > 1"], tables: ["in": rows]) == """
                where: there is no column 'amonut'
                  in: amonut > 1
                  columns: id, amount, kind
                  fix: did you mean 'amount'?
                """)
    }

    @Test func `findings stand under the word that is wrong`() throws {
        let type = rows.tableType
        let (text, _) = try select.check(
            """
            { where: amonut > 1 and kind, derive: { x: "lower(amount)", y: 'kind = ''a'' + 1' },
                rename: { nmae: b }, columns: [id, id], drop: [c], sort: [d, { column: e }] }
            """, ["in": .table(type)])
        #expect(
            text == #"""
                p.yaml:2:18: error: there is no column 'amonut'
                  with: { where: amonut > 1 and kind, derive: { x: "lower(amount)", y: 'kind = ''a'' + 1' },
                                 ^~~~~~
                  columns: id, amount, kind
                  fix: did you mean 'amount'?
                p.yaml:2:33: error: 'and' cannot take a value of type text
                  with: { where: amonut > 1 and kind, derive: { x: "lower(amount)", y: 'kind = ''a'' + 1' },
                                                ^~~~
                  expected: boolean
                p.yaml:2:59: error: lower cannot take a value of type number
                  with: { where: amonut > 1 and kind, derive: { x: "lower(amount)", y: 'kind = ''a'' + 1' },
                                                                          ^~~~~~
                  expected: text
                p.yaml:2:81: error: '+' cannot take a value of type text
                  with: { where: amonut > 1 and kind, derive: { x: "lower(amount)", y: 'kind = ''a'' + 1' },
                                                                                                ^~~
                  expected: integer, number
                  fix: join texts by concat(a, b)
                p.yaml:3:40: error: two columns of the result would be called 'id'
                    rename: { nmae: b }, columns: [id, id], drop: [c], sort: [d, { column: e }] }
                                                       ^~

                """#)
    }

    @Test func `names that are not there, or there twice, are found`() throws {
        let (text, _) = try select.check(
            "{ rename: { nmae: b, amount: id }, columns: [id], drop: [c], sort: [d, { column: e }] }",
            ["in": .table(rows.tableType)])
        #expect(text.contains("p.yaml:2:27: error: the table has no column 'nmae'"))
        #expect(text.contains("p.yaml:2:38: error: two columns of the result would be called 'id'"))
        let (more, _) = try select.check(
            "{ columns: [id, id, x], drop: [c], sort: [d, { column: kidn }] }", ["in": .table(rows.tableType)]
        )
        for place in [
            "p.yaml:2:25: error: two columns of the result would be called 'id'",
            "p.yaml:2:29: error: the table has no column 'x'",
            "p.yaml:2:40: error: the table has no column 'c'",
            "p.yaml:2:51: error: the table has no column 'd'",
            "p.yaml:2:64: error: the table has no column 'kidn'",
        ] {
            #expect(more.contains(place), "\(place) not in \(more)")
        }
    }

    @Test func `an expression over several lines has its caret on the right one`() throws {
        let (text, _) = try select.check(
            """

                where: >-
                  amount > 1
                  and
                    kidn = 'a'
            """, ["in": .table(rows.tableType)])
        #expect(
            text == """
                p.yaml:6:9: error: there is no column 'kidn'
                        kidn = 'a'
                        ^~~~
                  columns: id, amount, kind
                  fix: did you mean 'kind'?

                """)
    }

    @Test func `types of the result are known before the run`() throws {
        let type = rows.tableType
        let (text, outputs) = try select.check(
            "{ derive: { r: amount / id, k: kind, n: length(kind) is null }, rename: { id: key }, drop: [amount] }",
            ["in": .table(type)])
        #expect(text.isEmpty)
        #expect(
            outputs["table"]
                == .table(
                    TableType([
                        Column("key", .integer, role: .id, isNullable: false),
                        Column("kind", .category, role: .target, levels: ["a", "b"]),
                        Column("k", .category, levels: ["a", "b"]), Column("n", .boolean, isNullable: false),
                        Column("r", .number),
                    ])))
        let open = TableType(type.columns, isOpen: true)
        let some = try select.check("{ columns: [id, other] }", ["in": .table(open)])
        #expect(some.text.isEmpty)
        #expect(
            some.outputs["table"]
                == .table(TableType([Column("id", .integer, role: .id, isNullable: false)], isOpen: true)))
        #expect(
            try select.check("{ where: other > 1, drop: [more] }", ["in": .table(open)]).text.isEmpty)
    }

    @Test func `bytes of outputs are pinned`() throws {
        let credit = ArrowTable(
            frame: try germanCredit().gather(Array(0..<80)), roles: ["creditability": .target])
        func digest(_ parameters: JSONValue) throws -> String {
            try select.run(parameters, tables: ["in": credit]).digest(["table"])
        }
        try expectGoldens(
            "table.select",
            [
                ("where", try digest(["where": "age_in_years >= 30 and housing != 'own'"])),
                (
                    "derive",
                    try digest([
                        "derive": [
                            "rate": "credit_amount / duration_in_month",
                            "band": "if(age_in_years < 30, 'young', 'old')",
                            "root": "round(sqrt(credit_amount), 2)",
                            "upper": "upper(substring(housing, 1, 3))",
                        ]
                    ])
                ),
                (
                    "rename columns drop",
                    try digest([
                        "rename": ["housing": "home"], "columns": ["home", "age_in_years"],
                        "drop": ["age_in_years"],
                    ])
                ),
                (
                    "sort ascending descending",
                    try digest([
                        "sort": [
                            ["column": "housing", "order": "descending"],
                            ["column": "credit_amount", "order": "ascending"],
                        ]
                    ])
                ),
            ])
    }
}
