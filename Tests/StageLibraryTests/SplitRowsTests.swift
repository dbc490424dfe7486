import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import StageLibrary
import TableTypes
import Testing

@Suite struct SplitRowsTests {
    let split: KindHarness
    init() throws { split = try KindHarness("split.rows") }

    private func numbered(_ rows: Int) throws -> ArrowTable {
        try table([:], .integers("n", (0..<rows).map { Int64($0) }))
    }

    private func rows(_ outcome: Outcome, _ port: String, _ column: String = "n") throws -> [Double] {
        try outcome.table(port).frame[column]?.numbers ?? []
    }

    @Test func `parts are disjoint, cover the rows and keep their order`() throws {
        let outcome = try split.run(["test": 0.25, "validation": 0.15], tables: ["in": numbered(101)])
        let parts = try ["train", "validation", "test"].map { try rows(outcome, $0) }
        #expect(parts.map(\.count) == [61, 15, 25])
        #expect(parts.joined().sorted() == (0..<101).map(Double.init))
        for part in parts { #expect(part == part.sorted()) }
        #expect(outcome.facts["train.rows"] == 61 && outcome.facts["test.columns"] == 1)
        let again = try split.run(["test": 0.25, "validation": 0.15], tables: ["in": numbered(101)])
        #expect(try rows(again, "test") == parts[2])
        let other = try split.run(["test": 0.25, "validation": 0.15], tables: ["in": numbered(101)], seed: 8)
        #expect(try rows(other, "test") != parts[2])
    }

    @Test func `without validation that part has the columns and no rows`() throws {
        let outcome = try split.run(tables: ["in": numbered(10)])
        #expect(try rows(outcome, "train").count == 8)
        #expect(try outcome.table("validation").frame.names == ["n"])
        #expect(outcome.facts["validation.rows"] == 0)
    }

    @Test func `german credit stratified keeps 30 percent bad in both parts`() throws {
        let credit = ArrowTable(frame: try germanCredit(), roles: ["creditability": .target])
        let outcome = try split.run(["test": 0.2, "stratify": "creditability"], tables: ["in": credit])
        for (port, good, bad) in [("train", 560, 240), ("test", 140, 60)] {
            let part = try outcome.table(port)
            let levels = (0..<part.frame.count).map { part.frame["creditability"]?.string($0) }
            #expect(levels.filter { $0 == "good" }.count == good)
            #expect(levels.filter { $0 == "bad" }.count == bad)
            #expect(part.roles == ["creditability": .target])
        }
    }

    @Test func `the order of declared levels and the storage of texts decide nothing`() throws {
        let values: [String?] = (0..<40).map { ["b", "a", "c"][$0 % 3] }
        func part(_ column: DataColumn) throws -> [Double] {
            let rows = try table([:], column, .integers("n", (0..<40).map { Int64($0) }))
            return try self.rows(try split.run(["stratify": "k"], tables: ["in": rows]), "test")
        }
        let first = try part(.categories("k", values, levels: ["a", "b", "c"]))
        #expect(try part(.categories("k", values, levels: ["c", "z", "b", "a"])) == first)
        #expect(try part(.texts("k", values)) == first)
    }

    @Test func `groups stay whole and time is in order`() throws {
        let groups = try table(
            [:], .integers("g", (0..<60).map { Int64($0 / 6) }), .integers("n", (0..<60).map { Int64($0) }))
        let outcome = try split.run(["test": 0.3, "group": "g"], tables: ["in": groups])
        let test = Set(try rows(outcome, "test", "g"))
        #expect(test.isDisjoint(with: try rows(outcome, "train", "g")))
        #expect(test.count == 3)
        let days = try table(
            [:], DataColumn("d", .date, .date32([5, 1, 4, 2, 3])), .integers("n", [0, 1, 2, 3, 4]))
        let byTime = try split.run(["test": 0.4, "time": "d"], tables: ["in": days])
        #expect(try rows(byTime, "train") == [1, 3, 4])
        #expect(try rows(byTime, "test") == [0, 2])
        let times = try table(
            [:], .numbers("d", [0.5, -1, 0.25, .infinity, 0]), .integers("n", [0, 1, 2, 3, 4]))
        #expect(try rows(split.run(["test": 0.2, "time": "d"], tables: ["in": times]), "test") == [3])
    }

    @Test func `what cannot be split says so`() throws {
        let gap = try table([:], .texts("k", ["a", nil, "b"]), .numbers("t", [1, .nan, 2]))
        #expect(
            split.failure(["stratify": "k"], tables: ["in": gap]) == """
                row 2 has no value in column 'k', so it cannot be split: to stratify needs one
                  fix: drop such rows, or fill the column, in a clean.table stage before
                """)
        #expect(
            split.failure(["time": "t"], tables: ["in": gap]) == """
                row 2 has no value in column 't', so it cannot be split: to split in time needs one
                  fix: drop such rows, or fill the column, in a clean.table stage before
                """)
        #expect(
            split.failure(tables: ["in": try numbered(0)]) == """
                'train' would be empty: 0 rows are too few for its fraction
                  fix: take a larger fraction, or more rows
                """)
        #expect(
            split.failure(tables: ["in": try numbered(1)]) == """
                'test' would be empty: 1 row is too few for its fraction
                  fix: take a larger fraction, or more rows
                """)
        let rare = try table([:], .texts("k", ["a", "a", "a", "b"]), .integers("g", [1, 1, 1, 1]))
        #expect(
            split.failure(["stratify": "k"], tables: ["in": rare]) == """
                'b' in column 'k' has 1 row, fewer than the 2 parts
                  fix: merge rare levels, or split at random
                """)
        #expect(
            split.failure(["group": "g"], tables: ["in": rare]) == """
                1 group in column 'g' cannot fill 2 parts
                  fix: take fewer parts, or split at random
                """)
    }

    @Test func `check finds parameters that contradict each other and columns of the wrong type`() throws {
        let input: [String: StaticType] = [
            "in": .table(TableType([Column("x", .number), Column("y", .category), Column("t", .text)]))
        ]
        func text(_ with: String) throws -> String { try split.check(with, input).text }
        #expect(
            try text("{ stratify: x }") == """
                p.yaml:2:21: error: cannot stratify by column 'x' of type number
                  with: { stratify: x }
                                    ^
                  expected: boolean, integer, category, text

                """)
        #expect(
            try text("{ stratify: y, group: t }") == """
                p.yaml:2:31: error: both 'stratify' and 'group' are given; rows are split by one of them
                  with: { stratify: y, group: t }
                                              ^
                  fix: take one of them away

                """)
        #expect(
            try text("{ method: time }") == """
                p.yaml:2:19: error: a time split needs 'time', the column to split by
                  with: { method: time }
                                  ^~~~
                  fix: write time: COLUMN

                """)
        #expect(
            try text("{ method: random, stratify: y }") == """
                p.yaml:2:19: error: 'stratify' is given, but the method is random
                  with: { method: random, stratify: y }
                                  ^~~~~~
                  fix: take one of them away

                """)
        #expect(
            try text("{ test: 0.5, validation: 0.5 }") == """
                p.yaml:2:34: error: test 0.5 and validation 0.5 leave no rows to train on
                  with: { test: 0.5, validation: 0.5 }
                                                 ^~~
                  fix: test and validation together must be less than 1

                """)
        let (clean, outputs) = try split.check("{ test: 0.2, stratify: y }", input)
        #expect(clean.isEmpty)
        for part in ["train", "test", "validation"] { #expect(outputs[part] == input["in"]) }
    }

    @Test func `bytes of outputs are pinned`() throws {
        let credit = ArrowTable(frame: try germanCredit().gather(Array(0..<120)))
        func digest(_ parameters: JSONValue) throws -> String {
            try split.run(parameters, tables: ["in": credit]).digest(["train", "test", "validation"])
        }
        try expectGoldens(
            "split.rows",
            [
                ("method random", digest(["method": "random"])),
                ("method stratified", digest(["method": "stratified", "stratify": "creditability"])),
                ("method group", digest(["method": "group", "group": "purpose"])),
                ("method time", digest(["method": "time", "time": "credit_amount"])),
                ("validation", digest(["test": 0.3, "validation": 0.2, "stratify": "housing"])),
                ("group_by content", digest(["group_by": "content", "content": ["purpose", "housing"]])),
            ])
    }
}
