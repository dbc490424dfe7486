import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import StageLibrary
import TableTypes
import Testing

@Suite struct SplitFoldsTests {
    let split: KindHarness
    init() throws { split = try KindHarness("split.folds") }

    private func rows(_ outcome: Outcome, _ port: String) throws -> [Double] {
        try outcome.table(port).frame["n"]?.numbers ?? []
    }

    private func sample() throws -> ArrowTable {
        try table(
            ["k": .target], .integers("n", (0..<103).map { Int64($0) }),
            .texts("k", (0..<103).map { $0 % 3 == 0 ? "a" : "b" }),
            .integers("g", (0..<103).map { Int64($0 / 4) }),
            .integers("t", (0..<103).map { Int64($0 * 5 % 103) }))
    }

    @Test(arguments: [[:], ["stratify": "k"], ["group": "g"]] as [JSONValue])
    func `over all folds every row is tested once, and train is the rest in order`(
        method: JSONValue
    ) throws {
        var tested: [Double] = []
        for fold in 0..<4 {
            var parameters = method
            parameters["folds"] = 4
            parameters["fold"] = .integer(Int64(fold))
            let outcome = try split.run(parameters, tables: ["in": sample()])
            let (train, test) = try (rows(outcome, "train"), rows(outcome, "test"))
            #expect(train == train.sorted() && test == test.sorted())
            #expect((train + test).sorted() == (0..<103).map(Double.init))
            #expect(outcome.facts["test.rows"] == .integer(Int64(test.count)))
            #expect(try outcome.table("test").roles == ["k": .target])
            tested += test
        }
        #expect(tested.sorted() == (0..<103).map(Double.init))
    }

    @Test func `in time a fold learns from all before its test and from nothing behind`() throws {
        for fold in 0..<4 {
            let outcome = try split.run(
                ["folds": 4, "fold": .integer(Int64(fold)), "time": "t"], tables: ["in": sample()])
            func times(_ port: String) throws -> [Double] {
                (try outcome.table(port).frame["t"]?.numbers ?? []).sorted()
            }
            let start = 23 + 20 * fold
            #expect(try times("train") == (0..<start).map(Double.init))
            #expect(try times("test") == (start..<(start + 20)).map(Double.init))
        }
    }

    @Test func `a table of several batches is split as one`() throws {
        let whole = try ByBatch.rows(150_000)
        let outcome = try split.run(
            ["folds": 4, "fold": 1, "group": "level"], tables: ["in": gapless(whole)])
        let parts = try ["train", "test"].map { try outcome.table($0).frame.count }
        #expect(parts.reduce(0, +) == whole.frame.count - gaps(whole))
        #expect(parts.allSatisfy { $0 > 0 })
    }

    private func gaps(_ table: ArrowTable) -> Int { table.frame["level"]?.nullCount ?? 0 }

    /// Without the rows that have no level.
    private func gapless(_ table: ArrowTable) -> ArrowTable {
        let level = table.frame["level"]
        let kept = (0..<table.frame.count).filter { level?.isValid($0) == true }
        return ArrowTable(frame: table.frame.gather(kept), roles: table.roles)
    }

    @Test func `what cannot be cut says so`() throws {
        let few = try table([:], .integers("n", [1, 2, 3]), .texts("k", ["a", "b", "b"]))
        #expect(
            split.failure(["folds": 4, "fold": 0], tables: ["in": few]) == """
                3 rows cannot fill 4 parts
                  fix: take fewer folds, or more rows
                """)
        #expect(
            split.failure(["folds": 3, "fold": 0, "time": "n"], tables: ["in": few]) == """
                3 rows cannot fill 4 parts
                  fix: take fewer folds, or more rows
                """)
        #expect(
            split.failure(["folds": 2, "fold": 2], tables: ["in": few]) == """
                there is no fold 2: the 2 folds are numbered from 0 to 1
                  fix: write a fold below 2, or more folds
                """)
        #expect(
            split.failure(["folds": 2, "fold": 0, "stratify": "k"], tables: ["in": few]) == """
                'a' in column 'k' has 1 row, fewer than the 2 parts
                  fix: merge rare levels, or split at random
                """)
        #expect(
            split.failure(["fold": 0], tables: ["in": try table([:], .integers("n", []))]) == """
                0 rows cannot fill 5 parts
                  fix: take fewer folds, or more rows
                """)
    }

    @Test func `check finds a fold that is not there`() throws {
        let input: [String: StaticType] = ["in": .table(TableType([Column("n", .integer)]))]
        #expect(
            try split.check("{ folds: 5, fold: 5 }", input).text == """
                p.yaml:2:27: error: there is no fold 5: the 5 folds are numbered from 0 to 4
                  with: { folds: 5, fold: 5 }
                                          ^
                  fix: write a fold below 5, or more folds

                """)
        let (clean, outputs) = try split.check("{ fold: 4 }", input)
        #expect(clean.isEmpty)
        for part in ["train", "test"] { #expect(outputs[part] == input["in"]) }
    }

    @Test func `bytes of outputs are pinned`() throws {
        let credit = ArrowTable(frame: try germanCredit().gather(Array(0..<120)))
        func digest(_ parameters: JSONValue) throws -> String {
            try split.run(parameters, tables: ["in": credit]).digest(["train", "test"])
        }
        try expectGoldens(
            "split.folds",
            [
                ("method random", digest(["fold": 0])),
                ("method stratified", digest(["folds": 3, "fold": 2, "stratify": "creditability"])),
                ("method group", digest(["folds": 3, "fold": 1, "group": "purpose"])),
                ("method time", digest(["folds": 4, "fold": 3, "time": "credit_amount"])),
                (
                    "group_by content",
                    digest(["folds": 3, "fold": 1, "group_by": "content", "content": ["purpose", "housing"]])
                ),
            ])
    }
}
