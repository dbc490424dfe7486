import ArrowIPC
import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import Platform
import TableTypes
import Testing

@testable import StageLibrary

/// What `clean.table` does besides one value for all gaps and Tukey's fences.
@Suite struct CleanStepsTests {
    let clean: KindHarness
    init() throws { clean = try KindHarness("clean.table") }

    private func changes(_ outcome: Outcome) throws -> [String] {
        let log = try outcome.table("changes").frame
        return (0..<log.count).map { row in
            let texts = ["column", "before", "after", "rule"].map { log[$0]?.string(row) ?? "-" }
            return "\(Int(log["row"]?.numbers?[row] ?? 0)) " + texts.joined(separator: " ")
        }
    }

    // MARK: Missing values

    @Test func `the last value before is carried forward, of each entity its own`() throws {
        let rows = try table(
            [:], .texts("who", ["a", "b", nil, "a", "e\u{301}", "\u{E9}", "b", nil]),
            .integers("i", [1, nil, 7, nil, 4, nil, 6, nil]))
        let all = try clean.run(
            ["missing": [["columns": ["i"], "strategy": "forward_fill"]]], tables: ["in": rows])
        #expect(try all.table("table").frame["i"] == .integers("i", [1, 1, 7, 7, 4, 4, 6, 6]))
        let own = try clean.run(
            ["missing": [["columns": ["i"], "strategy": "forward_fill", "by": "who"]]], tables: ["in": rows])
        // b has none before, é of one character is another than é of two, and no entity has none.
        #expect(try own.table("table").frame["i"] == .integers("i", [1, nil, 7, 1, 4, nil, 6, nil]))
        #expect(try changes(own) == ["4 i - 1 missing: forward_fill"])
    }

    @Test func `what is carried passes from batch to batch`() throws {
        let count = 140_000
        let input = try ByBatch.rows(count)
        let names = ["key", "text", "level", "x", "day"]
        let outcome = try clean.run(
            [
                "missing": [["columns": .strings(names), "strategy": "forward_fill"]],
                // A pass before the last: carrying begins anew with each.
                "outliers": ["columns": ["x"], "action": "clip"],
            ], tables: ["in": input])
        let filled = input.frame.columns.map { column in
            var last: Int?
            return column.gather(
                (0..<count).map { row in
                    if column.isValid(row) { last = row }
                    return last ?? row
                })
        }
        #expect(
            try Files.read(outcome.path("table"))
                == ByBatch.bytes(ArrowTable(frame: DataFrame(filled), roles: input.roles)))
    }

    @Test(arguments: ["knn", "iterative"])
    func `a model fills a table of several batches as the whole`(strategy: String) throws {
        let count = 70_000
        var (a, b): ([Double?], [Double?]) = ([], [])
        for row in 0..<count {
            let value = row * 7919 % 1009
            a.append(row % 9001 == 13 ? nil : Double(value))
            b.append(row % 8009 == 5 ? nil : Double(value * 3 + row % 17))
        }
        let input = try table(
            [:], .numbers("a", a), .texts("t", [String?](repeating: "t", count: count)), .numbers("b", b))
        let outcome = try clean.run(
            ["missing": [["columns": ["a", "b"], "strategy": .string(strategy)]]], tables: ["in": input])
        var matrix: [Double] = []
        for row in 0..<count { matrix += [a[row] ?? .nan, b[row] ?? .nan] }
        let whole =
            strategy == "knn"
            ? try NeighborImputer(fitting: matrix, columns: 2)(matrix, threads: 3)
            : try IterativeImputer(fitting: matrix, columns: 2)(matrix)
        let filled = try outcome.table("table").frame
        #expect(filled["a"]?.numbers == (0..<count).map { whole[2 * $0] })
        #expect(filled["b"]?.numbers == (0..<count).map { whole[2 * $0 + 1] })
        let gaps = a.count { $0 == nil } + b.count { $0 == nil }
        #expect(try outcome.table("changes").frame.count == gaps && gaps > 10)
    }

    /// One in eleven of the values that are there is taken away and told again, errors in deviations of the column.
    @Test func `neighbours and regressions tell masked values of cars better than the median`() throws {
        let text = String(
            decoding: try Files.read(projectRoot + "/pipelines/data/autos.csv"), as: UTF8.self)
        let lines = text.split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        let names = ["wheel-base", "length", "width", "curb-weight", "engine-size", "horsepower", "price"]
        let truth = try names.map { name -> [Double?] in
            let place = try #require(lines[0].firstIndex { $0 == name })
            return lines.dropFirst().map { Double(String($0[place])) }
        }
        func isMasked(_ row: Int, _ column: Int) -> Bool {
            (row * 7 + column * 5) % 11 == 3 && truth[column][row] != nil
        }
        let columns = names.indices.map { column in
            DataColumn.numbers(
                names[column], truth[column].enumerated().map { isMasked($0, column) ? nil : $1 })
        }
        let input = ArrowTable(frame: try DataFrame(columns), roles: [:])
        func error(_ entry: JSONValue) throws -> Double {
            var entry = entry
            entry["columns"] = .strings(names)
            let filled = try clean.run(["missing": [entry]], tables: ["in": input]).table("table").frame
            var sum = 0.0
            var count = 0.0
            for (column, name) in names.enumerated() {
                let present = truth[column].compactMap { $0 }
                let rule = try DeviationRule(fitting: present)
                let numbers = try #require(filled[name]?.numbers)
                for (row, value) in truth[column].enumerated() where isMasked(row, column) {
                    let miss = (numbers[row] - (value ?? 0)) / rule.deviation
                    sum += miss * miss
                    count += 1
                }
            }
            #expect(count > 100)
            return (sum / count).squareRoot()
        }
        let median = try error(["strategy": "median"])
        for entry in [
            ["strategy": "knn"], ["strategy": "knn", "weights": "distance", "k": 3],
            ["strategy": "iterative"],
        ] as [JSONValue] {
            let own = try error(entry)
            #expect(own < 0.7 * median, "\(entry.canonicalText): \(own), the median \(median)")
        }
    }

    @Test func `a model needs a value in each column, and no infinite one`() throws {
        let void = try table([:], .numbers("a", [1, 2]), .numbers("void", [nil, nil]))
        let far = try table([:], .numbers("a", [1, .infinity]), .numbers("void", [nil, 1]))
        for strategy in ["knn", "iterative"] {
            let with: JSONValue = [
                "missing": [["columns": ["a", "void"], "strategy": .string(strategy)]]
            ]
            #expect(
                clean.failure(with, tables: ["in": void]) == """
                    impute by \(strategy): column 'void' has no value to learn from
                      fix: leave the column out, or impute it with a constant first
                    """)
            #expect(
                clean.failure(with, tables: ["in": far])
                    == "impute by \(strategy): the values of column 'a' are infinite or too large")
            let none = try table([:], .integers("a", []), .numbers("void", []))
            #expect(try clean.run(with, tables: ["in": none]).table("table").frame["a"]?.type == .number)
        }
    }

    @Test func `rows that will not fit are an error before they are read`() throws {
        let run = StageRun(parameters: [:], memory: 1 << 20, inputs: [], outputs: [:])
        let scope = LearningScope(rows: 100_000, most: 1 << 12)
        let error = #expect(throws: StageError.self) {
            try HeldRows(["a", "b"], scope, copies: 4, run, "impute by knn", advice: "use less")
        }
        #expect(error?.message.hasPrefix("impute by knn holds 100000 rows of 2 columns: ") == true)
    }

    // MARK: Outliers

    /// 10,000 rows, of which every hundredth has a value ten ranges of the quartiles beyond them.
    private func planted() throws -> (table: ArrowTable, rows: Set<Int>) {
        let rows = 0..<10_000
        func wave(_ step: Int) -> [Double] {
            var values: [Double] = []
            for row in rows {
                var sum = 0
                for part in 0..<6 { sum += (row * step + part * 7919) * (row + part * 104_729) % 1009 }
                values.append(Double(sum))
            }
            return values
        }
        var columns = [wave(31), wave(57), wave(83)]
        let out = Set(rows.filter { $0 % 100 == 37 })
        for (place, row) in out.sorted().enumerated() {
            let fence = try #require(Outliers(iqrOf: columns[place % 3], factor: 10))
            columns[place % 3][row] = place % 2 == 0 ? fence.upper + 1 : fence.lower - 1
        }
        return (
            try table(
                [:], .numbers("a", columns[0]), .numbers("b", columns[1]), .numbers("c", columns[2])), out
        )
    }

    @Test(arguments: ["iqr", "z_score", "isolation_forest"])
    func `planted outliers are found`(method: String) throws {
        let (input, planted) = try planted()
        var rule: JSONValue = [
            "method": .string(method), "columns": ["a", "b", "c"], "action": "quarantine",
        ]
        if method == "isolation_forest" {
            rule["contamination"] = 0.03
        }
        let outcome = try clean.run(["outliers": rule], tables: ["in": input])
        let log = try outcome.table("changes").frame
        let found = Set(try #require(log["row"]?.numbers).map { Int($0) - 1 })
        #expect(Double(found.intersection(planted).count) >= 0.99 * Double(planted.count))
        #expect(try outcome.table("quarantine").frame.count == found.count && found.count < 500)
        #expect(try outcome.table("table").frame.count == 10_000 - found.count)
    }

    @Test func `rules follow each other, and what was set apart stands in the order of the table`() throws {
        let rows = try table(
            [:], .integers("id", [1, 2, 3, 4, 5, 6, 7]), .integers("age", [30, nil, 31, 29, 30, -1, 30]),
            .numbers("pay", [5, 5, 900, 6, 4, 5, 6]))
        let outcome = try clean.run(
            [
                "ranges": [["column": "age", "minimum": 0, "action": "quarantine"]],
                "missing": [["columns": ["age"], "strategy": "median"]],
                "outliers": [
                    ["columns": ["pay"], "action": "quarantine"],
                    ["method": "z_score", "columns": ["pay"], "threshold": 1, "action": "clip"],
                ],
            ], tables: ["in": rows])
        #expect(try outcome.table("table").frame["id"]?.numbers == [1, 2, 4, 5, 7])
        #expect(
            try outcome.table("quarantine").frame
                == frame(
                    .integers("id", [3, 6]), .numbers("age", [31, -1]), .numbers("pay", [900, 5]),
                    .texts(
                        "reason", ["pay 900.0 lies outside [3.5, 7.5]", "age -1 lies below 0.0"])))
        // Of 5, 5, 6, 4, 6: mean 5.2, deviation 0.748 (numpy).
        #expect(
            try changes(outcome).map { $0.prefix(40) }
                == [
                    "6 - - - ranges: quarantine", "2 age - 30.0 missing: median",
                    "3 - - - outliers: iqr, quarantine",
                    "4 pay 6.0 5.948331477354788 outliers: z_score, clip",
                    "5 pay 4.0 4.451668522645212 outliers: z_score, clip",
                    "7 pay 6.0 5.948331477354788 outliers: z_score, clip",
                ].map { $0.prefix(40) })
    }

    @Test func `values beyond a range are dropped, moved into it or taken away`() throws {
        let rows = try table(
            [:], .integers("i", [-5, 0, nil, 9, 12]), .numbers("n", [-1, 0, 1, .nan, .infinity]))
        func treated(_ entry: JSONValue) throws -> DataFrame {
            try clean.run(["ranges": [entry]], tables: ["in": rows]).table("table").frame
        }
        #expect(
            try treated(["column": "i", "minimum": -0.5, "maximum": 9.5, "action": "clip"])["i"]
                == .integers("i", [0, 0, nil, 9, 9]))
        #expect(
            try treated(["column": "i", "maximum": 9, "action": "null"])["i"]
                == .integers("i", [-5, 0, nil, 9, nil]))
        #expect(
            try treated(["column": "n", "minimum": 0, "maximum": 1, "action": "drop"])["i"]
                == .integers("i", [0, nil, 9]))
    }

    // MARK: Rows and levels

    @Test func `of rows with one key the first or the last stays, in all batches`() throws {
        let (count, different) = (140_000, 100_003)
        let ids = (0..<count).map { $0 % 5 == 0 ? nil : Int64($0 % different) }
        let n = (0..<count).map { Double($0) }
        let input = try table([:], .integers("id", ids), .numbers("n", n))
        var first: [Int64?: Int] = [:]
        var last: [Int64?: Int] = [:]
        for (row, id) in ids.enumerated() {
            if first[id] == nil { first[id] = row }
            last[id] = row
        }
        for (keep, rows) in [("first", first), ("last", last)] {
            let outcome = try clean.run(
                ["duplicates": ["by": ["id"], "keep": .string(keep)]], tables: ["in": input])
            let kept = rows.values.sorted()
            #expect(try outcome.table("table").frame["n"]?.numbers == kept.map { n[$0] })
            let log = try outcome.table("changes").frame
            #expect(log.count == count - kept.count)
            #expect(log["rule"]?.string(0) == "duplicates: by id, keep \(keep)")
        }
    }

    @Test func `rare levels become one, of categories and of texts`() throws {
        let count = 140_000
        var texts: [String?] = []
        for row in 0..<count {
            texts.append(row % 1000 == 7 ? "r\(row % 3)" : row % 6 == 0 ? nil : "often")
        }
        let levels = ["often", "r0", "r1", "r2", "other"]
        let input = try table(
            [:], .categories("c", texts, levels: Array(levels.prefix(4))), .texts("t", texts))
        let outcome = try clean.run(["rare": [["columns": ["c", "t"]]]], tables: ["in": input])
        let merged = texts.map { $0.map { $0 == "often" ? $0 : "other" } }
        let whole = try table([:], .categories("c", merged, levels: levels), .texts("t", merged))
        #expect(try Files.read(outcome.path("table")) == ByBatch.bytes(whole))
        let log = try changes(outcome)
        #expect(log.count == 280)
        #expect(log.first == "8 c r1 other rare: share below 0.01")
        // Not below the share.
        let kept = try clean.run(
            ["rare": [["columns": ["t"], "share": 0.5, "to": "x"]]],
            tables: ["in": table([:], .texts("t", ["a", "a", "b", "x", nil]))])
        #expect(try kept.table("table").frame["t"] == .texts("t", ["a", "a", "x", "x", nil]))
    }

    @Test func `a rule that drops rows is done before the next one learns`() throws {
        let rows = try table(
            [:], .integers("i", [1, 2, 3, 4, 100]), .numbers("n", [1, 2, 3, 4, 1000]))
        let outcome = try clean.run(
            [
                "outliers": [
                    ["columns": ["i"], "action": "drop"],
                    ["method": "z_score", "threshold": 1.2, "columns": ["n"], "action": "null"],
                ]
            ], tables: ["in": rows])
        // Of 1 to 4: mean 2.5, deviation 1.118.
        #expect(try outcome.table("table").frame["n"] == .numbers("n", [nil, 2, 3, nil]))
    }

    @Test func `changes are summed up by rule and column`() throws {
        let rows = try table(
            [:], .integers("i", [1, nil, 3, nil, 100]), .numbers("n", [1, nil, 3, 4, 5]))
        let outcome = try clean.run(
            [
                "missing": [["columns": ["i", "n"], "strategy": "median"]],
                "outliers": ["columns": ["i"], "action": "drop"],
            ], tables: ["in": rows])
        let lines = try #require(try ChangesSummary(ofTable: outcome.path("changes"))).lines
        #expect(
            lines.map { "\($0.count) \($0.rule) \($0.column ?? "-")" } == [
                "2 missing: median i", "1 missing: median n", "2 outliers: iqr, drop -",
            ])
        #expect(try ChangesSummary(ofTable: outcome.path("table"))?.lines == nil)
    }

    // MARK: Check

    @Test func `words that do not go together are found before the run`() throws {
        let type = TableType([
            Column("i", .integer), Column("n", .number), Column("c", .category, levels: ["a"]),
        ])
        func findings(_ with: String) throws -> [String] {
            try clean.check(with, ["in": .table(type)]).text.split(separator: "\n").filter {
                $0.contains("error:") || $0.contains("fix:")
            }.map { String($0.drop { $0 != " " }.dropFirst()) }
        }
        #expect(
            try findings("{ missing: [{ columns: [i], strategy: median, k: 3 }] }") == [
                "error: 'k' says nothing beside strategy: median",
                " fix: leave 'k' out, or write strategy: knn",
            ])
        #expect(
            try findings(
                "{ outliers: [{ columns: [i], method: isolation_forest, action: clip, threshold: 2 }] }") == [
                    "error: isolation_forest finds rows, not values: action: clip has nothing to change",
                    " fix: write action: drop or quarantine, or method: iqr or z_score",
                    "error: 'threshold' says nothing beside method: isolation_forest",
                    " fix: leave 'threshold' out, or write method: z_score",
                ])
        #expect(
            try findings(
                "{ ranges: [{ column: i, action: drop }, { column: i, minimum: 0.2, maximum: 0.8, action: drop }, { column: c, minimum: 0, action: drop }] }"
            ) == [
                "error: the range of column 'i' has neither 'minimum' nor 'maximum'",
                " fix: write minimum: 0, or whatever the least possible value is",
                "error: no integer of column 'i' lies in [0.2, 0.8]",
                " fix: make 'maximum' at least 'minimum'",
                "error: a range cannot take column 'c' of type category",
                " fix: leave 'c' out, or encode it",
            ])
        #expect(
            try findings("{ missing: [{ columns: [i, c], strategy: knn }], rare: [{ columns: [n] }] }") == [
                "error: impute by knn cannot take column 'c' of type category",
                " fix: leave 'c' out, or encode it",
                "error: merging of rare levels cannot take column 'n' of type number",
            ])
        let (text, outputs) = try clean.check(
            "{ ranges: [{ column: n, minimum: 0, action: quarantine }], missing: [{ columns: [i, n], strategy: iterative }], rare: [{ columns: [c], to: b }] }",
            ["in": .table(type)])
        #expect(text.isEmpty)
        let made = [
            Column("i", .number, isNullable: false), Column("n", .number, isNullable: false),
            Column("c", .category, levels: ["a", "b"]),
        ]
        #expect(outputs["table"] == .table(TableType(made)))
        // A row that was set apart before it was filled may have gaps.
        #expect(
            outputs["quarantine"]
                == .table(
                    TableType([
                        Column("i", .number), Column("n", .number), made[2],
                        Column("reason", .text, isNullable: false),
                    ])))
    }
}
