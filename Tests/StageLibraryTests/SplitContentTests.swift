import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform
import StageLibrary
import Synchronization
import TableTypes
import Testing

@Suite struct SplitContentTests {
    let split: KindHarness
    init() throws { split = try KindHarness("split.rows") }

    /// Every fifth text comes again, spelt otherwise.
    private func reviews(_ count: Int) throws -> ArrowTable {
        let texts = (0..<count).map { row -> String? in
            if row % 50 == 7 { return nil }
            if row % 50 == 8 { return " \n" }
            return row % 5 == 4
                ? " TEXT\u{3000}\(row / 10)  Über \n" : row % 5 == 3 ? "text \(row / 10) über" : "only \(row)"
        }
        return try table(
            ["id": .id], .integers("n", (0..<count).map { Int64($0) }), .texts("text", texts),
            .texts("id", (0..<count).map { "same \($0 % 2)" }))
    }

    /// Of each part what its texts are but for case and white space.
    private func contents(_ outcome: Outcome, _ port: String) throws -> [String] {
        let column = try outcome.table(port).frame["text"]
        return (0..<(column?.count ?? 0)).compactMap { column?.string($0) }.map { text in
            text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }.filter { !$0.isEmpty }
    }

    private func numbers(_ outcome: Outcome, _ port: String) throws -> [Double] {
        try outcome.table(port).frame["n"]?.numbers ?? []
    }

    @Test func `rows of one content lie on one side, and no content keeps rows apart`() throws {
        let rows = try reviews(1000)
        for seed in 0..<4 as Range<UInt64> {
            let outcome = try split.run(
                ["test": 0.2, "validation": 0.1, "group_by": "content"], tables: ["in": rows], seed: seed)
            let parts = try ["train", "validation", "test"].map { try contents(outcome, $0) }
            for (one, other) in [(0, 1), (0, 2), (1, 2)] {
                #expect(Set(parts[one]).isDisjoint(with: parts[other]))
            }
            let sizes = try ["train", "validation", "test"].map { try numbers(outcome, $0).count }
            for (size, share) in zip(sizes, [700, 100, 200]) { #expect(abs(size - share) <= 4, "\(sizes)") }
            // Rows without a text are in all parts: they are no group of their own.
            for port in ["train", "test"] {
                #expect(try numbers(outcome, port).contains { Int($0) % 50 == 7 || Int($0) % 50 == 8 })
            }
            #expect(outcome.logs.isEmpty && outcome.facts["test.repeated"] == nil)
        }
    }

    @Test func `a plain split says how many rows of a part have a content of train`() throws {
        let rows = try reviews(1000)
        let outcome = try split.run(["test": 0.2, "validation": 0.1], tables: ["in": rows])
        let train = Set(try contents(outcome, "train"))
        for port in ["test", "validation"] {
            let repeated = try contents(outcome, port).count(where: train.contains)
            #expect(repeated > 10)
            #expect(outcome.facts["\(port).repeated"] == .integer(Int64(repeated)))
            let size = try numbers(outcome, port).count
            #expect(
                outcome.logs.contains(
                    "\(repeated) of \(size) rows of \(port) have a content that train has too; write group_by: content to keep such rows together"
                ))
        }
        // One column that is named is looked at, whatever its role; without texts there is nothing to tell.
        let named = try split.run(["content": ["id"]], tables: ["in": rows])
        #expect(named.facts["test.repeated"] == 200)
        let none = try split.run(tables: ["in": try table([:], .integers("n", Array(0..<50)))])
        #expect(none.logs.isEmpty)
        let folds = try KindHarness("split.folds").run(["fold": 0], tables: ["in": rows])
        #expect(folds.facts["test.repeated"]?.integer ?? 0 > 10)
        let whole = try KindHarness("split.folds").run(
            ["fold": 0, "group_by": "content"], tables: ["in": rows])
        #expect(Set(try contents(whole, "train")).isDisjoint(with: try contents(whole, "test")))
    }

    @Test func `the parts of a plain split are the same whether or not it looks at contents`() throws {
        let rows = try reviews(300)
        let plain = try table([:], .integers("n", (0..<300).map { Int64($0) }))
        #expect(
            try numbers(split.run(tables: ["in": rows]), "test")
                == numbers(split.run(tables: ["in": plain]), "test"))
    }

    @Test func `the order of rows does not decide which contents are tested`() throws {
        let rows = try table([:], .texts("text", (0..<200).map { "text \($0)" }))
        let turned = ArrowTable(frame: rows.frame.gather((0..<200).reversed()))
        let parts = try [rows, turned].map { table in
            Set(try contents(split.run(["group_by": "content"], tables: ["in": table]), "test"))
        }
        #expect(parts[0] == parts[1] && parts[0].count == 40)
    }

    @Test func `several columns are one content, and files are compared by their bytes`() throws {
        let rows = try table(
            [:], .texts("a", ["x", "x", "y", "xy", nil, "x"]), .texts("b", ["y", "Z", "y", "", "xy", "Y"]),
            DataColumn(
                "file", .image,
                .binary(
                    BinaryStorage(offsets: Offsets([0, 1, 2, 3, 4, 5, 6]), bytes: [65, 65, 65, 97, 97, 97]))))
        func together(_ content: JSONValue) throws -> Set<Set<Int>> {
            // Which rows never part, over many seeds.
            var apart: Set<[Int]> = []
            for seed in 0..<40 as Range<UInt64> {
                let outcome = try split.run(
                    ["test": 0.5, "group_by": "content", "content": content], tables: ["in": numbered(rows)],
                    seed: seed)
                let test = Set(try numbers(outcome, "test").map { Int($0) })
                for a in 0..<6 {
                    for b in 0..<6 where test.contains(a) != test.contains(b) { apart.insert([a, b]) }
                }
            }
            return Set((0..<6).map { a in Set((0..<6).filter { !apart.contains([a, $0]) }) })
        }
        #expect(try together(["a", "b"]) == [[0, 5], [1], [2], [3], [4]])
        #expect(try together(["file"]) == [[0, 1, 2], [3, 4, 5]])
        #expect(try together(["a"]) == [[0, 1, 5], [2], [3], [4]])
    }

    private func numbered(_ table: ArrowTable) throws -> ArrowTable {
        let numbers = DataColumn.integers("n", (0..<table.frame.count).map { Int64($0) })
        return ArrowTable(frame: try DataFrame([numbers] + table.frame.columns))
    }

    @Test func `contents of several batches lie on one side each`() throws {
        let rows = try ByBatch.rows(150_000)
        let whole = try split.run(["group_by": "content"], tables: ["in": rows])
        let (train, test) = try (contents(whole, "train"), contents(whole, "test"))
        #expect(Set(train).isDisjoint(with: test))
        #expect(Set(train).count + Set(test).count == 1009)
        #expect(try whole.table("train").frame.count + whole.table("test").frame.count == 150_000)
        let plain = try split.run(["test": 0.2], tables: ["in": rows])
        let texts = try contents(plain, "test").count
        #expect(
            plain.facts["test.repeated"] == .integer(Int64(texts)), "150 rows of each text, so train has all")
    }

    @Test func `the reviews are flagged where they are split plainly, and not where contents stay together`()
        throws
    {
        let reviews = try CSVRecords(
            scanning: Files.read(projectRoot + "/pipelines/data/reviews.csv"), CSVFormat()
        ).dataFrame()
        #expect(reviews.count == 200)
        let rows = ArrowTable(frame: reviews)
        let plain = try split.run(["test": 0.25, "content": ["text"]], tables: ["in": rows], seed: 5)
        #expect(plain.facts["test.repeated"]?.integer ?? 0 > 0 && plain.logs.count == 1)
        let whole = try split.run(
            ["test": 0.25, "group_by": "content", "content": ["text"]], tables: ["in": rows], seed: 5)
        #expect(Set(try contents(whole, "train")).isDisjoint(with: try contents(whole, "test")))
        #expect(try whole.table("test").frame.count == 50)
    }

    @Test func `contents are not looked at where that would take memory a split does not need`() throws {
        let folder = try scratchFolder()
        let rows = try reviews(1000)
        try ArrowFile.write(rows.frame, roles: rows.roles, to: folder + "/in")
        let logs = Mutex<[String]>([])
        try split.kind.run(
            StageRun(
                parameters: ["test": 0.2], memory: 60_000,
                inputs: [.init(port: "in", type: .table, path: folder + "/in", basename: "in")],
                outputs: ["train", "test", "validation"].reduce(into: [:]) { $0[$1] = "\(folder)/\($1)" }
            ) { event in
                if case .log(let line) = event { logs.withLock { $0.append(line) } }
            })
        let told = logs.withLock { $0 }
        #expect(
            told == [
                "not looked for rows of one content in two parts: 1,000 rows are too many for the memory"
            ])
    }

    @Test func `what cannot be grouped says so`() throws {
        let same = try table([:], .integers("n", [1, 2]), .texts("t", ["a ", "A"]))
        #expect(
            split.failure(["group_by": "content"], tables: ["in": same]) == """
                1 different content cannot fill 2 parts
                  fix: take fewer parts, or split at random
                """)
        let input: [String: StaticType] = [
            "in": .table(
                TableType([Column("x", .number), Column("k", .category), Column("t", .text, role: .id)]))
        ]
        func text(_ with: String) throws -> String { try split.check(with, input).text }
        #expect(
            try text("{ group_by: content }") == """
                p.yaml:2:21: error: the table has no column of texts, images or audio to group by
                  with: { group_by: content }
                                    ^~~~~~~
                  fix: name what is compared: content: [COLUMN]

                """)
        #expect(
            try text("{ group_by: content, content: [t, x] }") == """
                p.yaml:2:43: error: cannot compare content by column 'x' of type number
                  with: { group_by: content, content: [t, x] }
                                                          ^
                  expected: text, category, image, audio

                """)
        #expect(
            try text("{ group: k, content: [t] }") == """
                p.yaml:2:30: error: 'content' is given, but the method is group
                  with: { group: k, content: [t] }
                                             ^~~
                  fix: take one of them away

                """)
        #expect(
            try text("{ stratify: k, group_by: content }") == """
                p.yaml:2:34: error: both 'stratify' and 'group_by' are given; rows are split by one of them
                  with: { stratify: k, group_by: content }
                                                 ^~~~~~~
                  fix: take one of them away

                """)
        #expect(try text("{ method: group, group_by: content, content: [k, t] }").isEmpty)
        #expect(try text("{ content: [k, t] }").isEmpty)
    }
}
