import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import StageLibrary
import TableTypes
import Testing

@Suite struct CleanTableTests {
    let clean: KindHarness
    init() throws { clean = try KindHarness("clean.table") }

    private func changes(_ outcome: Outcome) throws -> [String] {
        let log = try outcome.table("changes").frame
        return (0..<log.count).map { row in
            let texts = ["column", "before", "after", "rule"].map { log[$0]?.string(row) ?? "-" }
            return "\(Int(log["row"]?.numbers?[row] ?? 0)) " + texts.joined(separator: " ")
        }
    }

    private func fill(_ columns: [String], _ strategy: String, _ value: JSONValue? = nil) -> JSONValue {
        var entry: JSONValue = ["columns": .strings(columns), "strategy": .string(strategy)]
        entry["value"] = value
        return ["missing": [entry]]
    }

    /// Counts and fences as numpy.quantile gives them (linear).
    @Test func `german credit loses 72 rows to quarantine by the design's example`() throws {
        let credit = ArrowTable(frame: try germanCredit(), roles: ["creditability": .target])
        let outcome = try clean.run(
            [
                "duplicates": "drop",
                "outliers": [
                    "method": "iqr", "factor": 1.5, "columns": ["credit_amount"], "action": "quarantine",
                ],
            ], tables: ["in": credit])
        #expect(try outcome.table("table").frame.count == 928)
        #expect(try outcome.table("table").roles == ["creditability": .target])
        let quarantine = try outcome.table("quarantine")
        #expect(quarantine.frame.count == 72)
        #expect(quarantine.frame.names == credit.frame.names + ["reason"])
        #expect(quarantine.roles == ["creditability": .target])
        #expect(
            quarantine.frame["reason"]?.string(0)
                == "credit_amount 9055 lies outside [-2544.625, 7882.375]")
        #expect(try changes(outcome).first == "6 - - - outliers: iqr, quarantine")
        #expect(outcome.facts["quarantine.rows"] == 72 && outcome.facts["changes.rows"] == 72)
    }

    @Test func `of equal rows the first stays, null equals null`() throws {
        let rows = try table(
            [:], .integers("a", [1, 1, nil, nil, 1]), .texts("b", ["x", "x", nil, nil, ""]))
        let outcome = try clean.run(["duplicates": "drop"], tables: ["in": rows])
        #expect(
            try outcome.table("table").frame
                == frame(.integers("a", [1, nil, 1]), .texts("b", ["x", nil, ""])))
        #expect(try changes(outcome) == ["2 - - - duplicates: drop", "4 - - - duplicates: drop"])
        let kept = try clean.run(tables: ["in": rows])
        #expect(try kept.table("table") == rows)
        #expect(try kept.table("changes").frame.count == 0)
    }

    @Test func `missing values are filled or their rows left out, each on record`() throws {
        let rows = try table(
            [:], .integers("i", [3, nil, 5, 4]), .numbers("n", [0.5, .nan, 0.25, nil]),
            .categories("c", ["b", nil, "a", "b"], levels: ["a", "b"]))
        let filled = try clean.run(
            [
                "missing": [
                    ["columns": ["i"], "strategy": "median"], ["columns": ["n"], "strategy": "mean"],
                    ["columns": ["c"], "strategy": "most_frequent"],
                ]
            ], tables: ["in": rows])
        #expect(
            try filled.table("table").frame
                == frame(
                    .numbers("i", [3, 4, 5, 4]), .numbers("n", [0.5, 0.375, 0.25, 0.375]),
                    .categories("c", ["b", "b", "a", "b"], levels: ["a", "b"])))
        #expect(
            try changes(filled) == [
                "2 i - 4.0 missing: median", "2 n - 0.375 missing: mean", "4 n - 0.375 missing: mean",
                "2 c - b missing: most_frequent",
            ])
        let dropped = try clean.run(fill(["n", "c"], "drop"), tables: ["in": rows])
        #expect(try dropped.table("table").frame["i"] == .integers("i", [3, 5]))
        #expect(
            try changes(dropped) == [
                "2 - - - missing: drop, no value in 'n'", "4 - - - missing: drop, no value in 'n'",
            ])
        let constant = try clean.run(fill(["c"], "constant", "none"), tables: ["in": rows])
        #expect(
            try constant.table("table").frame["c"]
                == .categories("c", ["b", "none", "a", "b"], levels: ["a", "b", "none"]))
    }

    @Test func `outliers are dropped, clipped, taken away or quarantined`() throws {
        let rows = try table(
            [:], .integers("i", [1, 2, 3, 4, 100]), .numbers("n", [1, 2, nil, 3, -50]))
        func treated(_ column: String, _ action: String) throws -> Outcome {
            try clean.run(
                ["outliers": ["columns": [.string(column)], "action": .string(action)]],
                tables: ["in": rows])
        }
        // Quartiles of i are 2 and 4; of n -11.75 and 2.25 (numpy).
        #expect(try treated("i", "drop").table("table").frame["i"] == .integers("i", [1, 2, 3, 4]))
        #expect(try treated("i", "clip").table("table").frame["i"] == .integers("i", [1, 2, 3, 4, 7]))
        #expect(try changes(treated("i", "clip")) == ["5 i 100 7 outliers: iqr, clip"])
        #expect(try treated("n", "clip").table("table").frame["n"] == .numbers("n", [1, 2, nil, 3, -32.75]))
        #expect(try treated("i", "null").table("table").frame["i"] == .integers("i", [1, 2, 3, 4, nil]))
        #expect(try changes(treated("i", "null")) == ["5 i 100 - outliers: iqr, null"])
        let both = try clean.run(
            ["outliers": ["columns": ["i", "n"], "action": "quarantine", "factor": 0]],
            tables: ["in": rows])
        let quarantine = try both.table("quarantine").frame
        #expect(quarantine["i"]?.numbers == [1, 4, 100])
        #expect(
            quarantine["reason"]?.string(2)
                == "i 100 lies outside [2.0, 4.0]; n -50.0 lies outside [-11.75, 2.25]")
    }

    @Test func `steps see what those before have made`() throws {
        let rows = try table([:], .integers("i", [1, 1, nil, 2, 3, 900]))
        let outcome = try clean.run(
            [
                "duplicates": "drop", "missing": [["columns": ["i"], "strategy": "constant", "value": 800]],
                "outliers": ["columns": ["i"], "action": "null"],
            ], tables: ["in": rows])
        // 1, 800, 2, 3, 900: quartiles 2 and 800.
        #expect(try outcome.table("table").frame["i"] == .integers("i", [1, 800, 2, 3, 900]))
        #expect(try changes(outcome) == ["2 - - - duplicates: drop", "3 i - 800 missing: constant"])
    }

    @Test func `rows keep the input's numbers however many went before`() throws {
        let rows = try table([:], .integers("i", [1, 1, nil, 2, nil, 3, 3, 4, 90]))
        let outcome = try clean.run(
            [
                "duplicates": "drop", "missing": [["columns": ["i"], "strategy": "drop"]],
                "outliers": ["columns": ["i"], "action": "clip"],
            ], tables: ["in": rows])
        #expect(
            try changes(outcome) == [
                "2 - - - duplicates: drop", "5 - - - duplicates: drop", "7 - - - duplicates: drop",
                "3 - - - missing: drop, no value in 'i'", "9 i 90 7 outliers: iqr, clip",
            ])
    }

    @Test func `a column that is named twice is looked at once`() throws {
        let rows = try table([:], .integers("i", [1, nil, 2, 3, 90]), .numbers("n", [1, 2, nil, 3, 4]))
        func steps(_ columns: [String]) -> JSONValue {
            [
                "missing": [
                    ["columns": .strings(columns), "strategy": "median"],
                    ["columns": .strings(columns), "strategy": "drop"],
                ],
                "outliers": ["columns": .strings(columns), "action": "quarantine"],
            ]
        }
        let ports = ["table", "quarantine", "changes"]
        let twice = try clean.run(steps(["i", "n", "i", "n", "n"]), tables: ["in": rows])
        let once = try clean.run(steps(["i", "n"]), tables: ["in": rows])
        #expect(try twice.digest(ports) == once.digest(ports))
        #expect(once.facts["quarantine.rows"] == 1)
    }

    @Test func `no rows, one row and equal values have no outliers`() throws {
        let all: JSONValue = [
            "duplicates": "drop", "missing": [["columns": ["i"], "strategy": "median"]],
            "outliers": ["columns": ["i", "n"], "action": "drop"],
        ]
        for count in [0, 1] {
            let rows = try table(
                [:], .integers("i", [Int64?](repeating: 3, count: count)),
                .numbers("n", [Double?](repeating: nil, count: count)))
            let outcome = try clean.run(all, tables: ["in": rows])
            #expect(try outcome.table("table").frame.count == count)
            #expect(try outcome.table("table").frame["i"]?.type == .number)
            #expect(try outcome.table("quarantine").frame["i"]?.type == .number)
        }
        let equal = try table([:], .integers("i", [3, 3, 3]), .numbers("n", [1, .infinity, .infinity]))
        let outcome = try clean.run(
            ["outliers": ["columns": ["i", "n"], "action": "drop"]], tables: ["in": equal])
        #expect(try outcome.table("table").frame.count == 3)
    }

    @Test func `what cannot be cleaned says which column and why`() throws {
        let rows = try table(
            [:], .texts("t", ["a", nil]), .numbers("void", [nil, nil]), .texts("reason", ["", ""]))
        #expect(
            clean.failure(fill(["t"], "mean"), tables: ["in": rows]) == """
                impute by mean cannot take column 't' of type text
                  expected: integer, number
                  fix: leave 't' out, or encode it
                """)
        #expect(
            clean.failure(fill(["void"], "median"), tables: ["in": rows]) == """
                impute by median: column 'void' has no value to learn from
                  fix: leave the column out, or impute it with a constant first
                """)
        #expect(
            clean.failure(fill(["tt"], "drop"), tables: ["in": rows]) == """
                the table has no column 'tt'
                  columns: t, void, reason
                  fix: did you mean 't'?
                """)
    }

    @Test func `check judges types and gives those of the outputs`() throws {
        let type = TableType([
            Column("i", .integer, role: .weight), Column("t", .text), Column("c", .category, levels: ["a"]),
            Column("reason", .text, isNullable: false),
        ])
        let input: [String: StaticType] = ["in": .table(type)]
        let with =
            "{ missing: [{ columns: [i, t], strategy: mean }], outliers: { columns: [t], action: quarantine } }"
        let text = try clean.check(with, input).text
        #expect(
            text == """
                p.yaml:2:36: error: impute by mean cannot take column 't' of type text
                  with: \(with)
                                                   ^
                  expected: integer, number
                  fix: leave 't' out, or encode it
                p.yaml:2:81: error: outliers by iqr cannot take column 't' of type text
                  with: \(with)
                                                                                                ^
                  expected: integer, number
                  fix: leave 't' out, or encode it
                p.yaml:2:93: error: two columns of the result would be called 'reason'
                  with: \(with)
                                                                                                            ^~~~~~~~~~

                """)
        let constant =
            "{ missing: [{ columns: [i], strategy: constant, value: x }, { columns: [t], strategy: constant }] }"
        #expect(
            try clean.check(constant, input).text.contains(
                "error: the constant \"x\" does not fit column 'i' of type integer"))
        #expect(try clean.check(constant, input).text.contains("error: impute by constant needs 'value'"))
        let fine = try clean.check(
            "{ missing: [{ columns: [i], strategy: mean }, { columns: [c], strategy: constant, value: b }], outliers: { columns: [i], action: null } }",
            input)
        #expect(fine.text.isEmpty)
    }

    @Test func `a design's stage has closed output types`() throws {
        let type = TableType([
            Column("credit_amount", .integer), Column("y", .category, role: .target, levels: ["n"]),
        ])
        let (text, outputs) = try clean.check(
            "{ duplicates: drop, missing: [{ columns: [credit_amount], strategy: median }], outliers: { columns: [credit_amount], action: 'null' } }",
            ["in": .table(type)])
        #expect(text.isEmpty)
        let clean = [Column("credit_amount", .number), type.columns[1]]
        #expect(outputs["table"] == .table(TableType(clean)))
        #expect(
            outputs["quarantine"]
                == .table(TableType(clean + [Column("reason", .text, isNullable: false)])))
        guard case .table(let changes)? = outputs["changes"] else {
            Issue.record("changes is a table")
            return
        }
        #expect(changes.names == ["row", "column", "before", "after", "rule"] && !changes.isOpen)
    }

    @Test func `bytes of outputs are pinned`() throws {
        var columns = try germanCredit().gather(Array(0..<80)).columns
        columns = columns.map { column in
            guard ["duration_in_month", "housing"].contains(column.name) else { return column }
            return DataColumn(
                column.name, column.type, column.storage,
                validity: ValidityBitmap((0..<80).map { $0 % 7 != 3 }))
        }
        let rows = ArrowTable(frame: try DataFrame(columns).gather(Array(0..<80) + [5, 5]))
        func digest(_ parameters: JSONValue) throws -> String {
            try clean.run(parameters, tables: ["in": rows]).digest(["table", "quarantine", "changes"])
        }
        var cases: [(String, String)] = [
            ("duplicates keep", try digest([:])), ("duplicates drop", try digest(["duplicates": "drop"])),
        ]
        for strategy in ["drop", "median", "mean", "most_frequent"] {
            cases.append(("missing \(strategy)", try digest(fill(["duration_in_month"], strategy))))
        }
        cases.append(("missing constant", try digest(fill(["housing"], "constant", "tent"))))
        for action in ["drop", "clip", "null", "quarantine"] {
            let rule: JSONValue = ["columns": ["credit_amount", "age_in_years"], "action": .string(action)]
            cases.append(("outliers iqr \(action)", try digest(["outliers": rule])))
        }
        cases.append(
            (
                "outliers factor",
                try digest(["outliers": ["columns": ["credit_amount"], "action": "drop", "factor": 0.5]])
            ))
        for keep in ["first", "last"] {
            let key: JSONValue = ["by": ["housing", "duration_in_month"], "keep": .string(keep)]
            cases.append(("duplicates by keep \(keep)", try digest(["duplicates": key])))
        }
        for action in ["drop", "clip", "null", "quarantine"] {
            let range: JSONValue = [
                "column": "credit_amount", "minimum": 1000, "maximum": 4000, "action": .string(action),
            ]
            cases.append(("ranges \(action)", try digest(["ranges": [range]])))
        }
        func models(_ entry: JSONValue) throws -> String {
            var entry = entry
            entry["columns"] = ["duration_in_month", "credit_amount", "age_in_years"]
            return try digest(["missing": [entry]])
        }
        cases += [
            ("missing forward_fill", try models(["strategy": "forward_fill"])),
            ("missing forward_fill by", try models(["strategy": "forward_fill", "by": "housing"])),
            ("missing knn", try models(["strategy": "knn"])),
            ("missing knn uniform", try models(["strategy": "knn", "k": 3, "weights": "uniform"])),
            ("missing knn distance", try models(["strategy": "knn", "k": 3, "weights": "distance"])),
            ("missing iterative", try models(["strategy": "iterative"])),
            ("missing iterative rounds", try models(["strategy": "iterative", "rounds": 2])),
            ("rare", try digest(["rare": [["columns": ["housing"], "share": 0.3, "to": "rest"]]])),
        ]
        func outliers(_ rule: JSONValue) throws -> String {
            var rule = rule
            rule["columns"] = ["credit_amount", "age_in_years"]
            return try digest(["outliers": [rule]])
        }
        for action in ["drop", "clip", "null", "quarantine"] {
            let rule: JSONValue = ["method": "z_score", "threshold": 1.5, "action": .string(action)]
            cases.append(("outliers z_score \(action)", try outliers(rule)))
        }
        for action in ["drop", "quarantine"] {
            let rule: JSONValue = ["method": "isolation_forest", "action": .string(action)]
            cases.append(("outliers isolation_forest \(action)", try outliers(rule)))
        }
        cases += [
            (
                "outliers isolation_forest auto",
                try outliers(
                    [
                        "method": "isolation_forest", "contamination": "auto", "trees": 20, "sample": 32,
                        "action": "drop",
                    ])
            ),
            (
                "outliers isolation_forest contamination",
                try outliers(
                    ["method": "isolation_forest", "contamination": 0.1, "seed": 3, "action": "drop"])
            ),
        ]
        try expectGoldens("clean.table", cases)
    }
}
