import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform
import StageLibrary
import TableTypes
import Testing

@Suite struct CleanNearDuplicatesTests {
    let clean: KindHarness
    init() throws { clean = try KindHarness("clean.near_duplicates") }

    private static let ports = ["table", "quarantine", "changes", "pairs"]
    private static let first = "The quick brown fox jumps over the lazy dog near the river bank."
    /// Row 3 repeats row 1 but for its case and spaces, row 5 but for a word; row 6 is row 2.
    private static let texts = [
        first, "Something else entirely, of no relation.",
        "the QUICK brown fox  jumps over the lazy dog near the river bank.", nil,
        "The quick brown fox jumps over the lazy dog near the river bend.",
        "Something else entirely, of no relation.", "", "", nil,
    ]

    private func rows() throws -> ArrowTable {
        try table(
            ["id": .id], .integers("id", Self.texts.indices.map { Int64($0 + 1) }),
            .texts("text", Self.texts))
    }

    private func run(_ parameters: JSONValue, _ rows: ArrowTable, threads: Int = 1) throws -> Outcome {
        var parameters = parameters
        parameters["column"] = "text"
        return try clean.run(parameters, tables: ["in": rows], threads: threads)
    }

    private func numbers(_ outcome: Outcome, _ port: String, _ column: String) throws -> [Int] {
        try outcome.table(port).frame[column]?.numbers?.map { $0.isNaN ? 0 : Int($0) } ?? []
    }

    @Test func `rows that repeat one before are set apart with the reason`() throws {
        let outcome = try run([:], rows())
        #expect(try numbers(outcome, "table", "id") == [1, 2, 4, 7, 8, 9])
        #expect(try outcome.table("table").roles == ["id": .id])
        let quarantine = try outcome.table("quarantine")
        #expect(quarantine.roles == ["id": .id])
        #expect(try numbers(outcome, "quarantine", "id") == [3, 5, 6])
        let pairs = try outcome.table("pairs").frame
        #expect(pairs.names == ["row", "of", "similarity"])
        #expect(try numbers(outcome, "pairs", "row") == [3, 5, 6])
        #expect(try numbers(outcome, "pairs", "of") == [1, 1, 2])
        let similarity = try #require(pairs["similarity"]?.numbers)
        #expect(similarity == [1, Self.share(Self.first, Self.texts[4] ?? ""), 1])
        let reasons = (0..<3).map { quarantine.frame["reason"]?.string($0) ?? "" }
        #expect(
            reasons[0] == "text repeats that of row 1, all shingles in common"
                && reasons[2] == "text repeats that of row 2, all shingles in common")
        #expect(
            reasons[1].hasPrefix("text repeats that of row 1, 0.8")
                && reasons[1].hasSuffix(" of the shingles in common"))
        let changes = try outcome.table("changes").frame
        #expect(try numbers(outcome, "changes", "row") == [3, 5, 6])
        #expect(changes["rule"]?.string(0) == "near_duplicates: quarantine")
        #expect(outcome.facts["pairs.rows"] == 3)
    }

    @Test func `rows are dropped or marked as asked`() throws {
        let dropped = try run(["action": "drop"], rows())
        #expect(try numbers(dropped, "table", "id") == [1, 2, 4, 7, 8, 9])
        #expect(try dropped.table("quarantine").frame.count == 0)
        let flagged = try run(["action": "flag"], rows())
        #expect(
            try flagged.table("table").frame["repeats"]
                == .integers("repeats", [nil, nil, 1, nil, 1, 2, nil, nil, nil]))
        #expect(try flagged.table("quarantine").frame.count == 0)
        let changes = try flagged.table("changes").frame
        #expect((0..<3).map { changes["column"]?.string($0) } == ["repeats", "repeats", "repeats"])
        #expect((0..<3).map { changes["after"]?.string($0) } == ["1", "1", "2"])
    }

    @Test func `threshold, unit and length say how near is near`() throws {
        #expect(try numbers(run(["threshold": 1.0], rows()), "pairs", "row") == [3, 6])
        // 13 words: 11 runs of three, of which the last differs.
        let words = try run(["shingles": "words"], rows())
        #expect(try words.table("pairs").frame["similarity"]?.numbers == [1, 10.0 / 12, 1])
        let single = try run(["shingles": "words", "length": 1], rows())
        // Of 11 different words one is exchanged.
        #expect(try single.table("pairs").frame["similarity"]?.numbers?[1] == 10.0 / 12)
    }

    /// Of two texts by sets of strings.
    private static func share(_ a: String, _ b: String, length: Int = 5) -> Double {
        func set(_ text: String) -> Set<String> {
            let folded = Array(text.lowercased().split(separator: " ").joined(separator: " "))
            return Set((0...(folded.count - length)).map { String(folded[$0..<$0 + length]) })
        }
        let (one, other) = (set(a), set(b))
        let common = one.intersection(other).count
        return Double(common) / Double(one.count + other.count - common)
    }

    /// The tweets, behind them a copy of some and some with a word exchanged.
    @Test func `of planted repetitions at least 95 of 100 are found, of equal texts all`() throws {
        let tweets = try Files.read("\(projectRoot)/pipelines/data/tweets.jsonl").split(separator: 0x0A)
            .map { try JSONValue(parsing: Array($0))["text"]?.string ?? "" }.filter { $0.utf8.count > 40 }
        // Their own repetitions are not what is asked for.
        let own = Set(
            try numbers(
                run(["threshold": 0.5], table([:], .texts("text", tweets))), "pairs", "row"
            ).map { $0 - 1 })
        let texts = tweets.indices.filter { !own.contains($0) }.map { tweets[$0] }
        try #require(texts.count > 3000)
        let equal = (0..<400).map { $0 * 7 }
        let planted: [(of: Int, text: String)] = (0..<800).compactMap { number in
            let of = number * 3 + 1
            var words = texts[of].split(separator: " ").map(String.init)
            words[number &* 7919 % words.count] = ["cat", "nothing", "2026"][number % 3]
            let text = words.joined(separator: " ")
            return Self.share(text, texts[of]) >= 0.8 ? (of, text) : nil
        }
        try #require(planted.count > 300)
        let all = texts + equal.map { texts[$0] } + planted.map(\.text)
        let outcome = try run(["action": "flag"], table([:], .texts("text", all)))
        let repeats = try numbers(outcome, "table", "repeats")
        for (place, of) in equal.enumerated() { #expect(repeats[texts.count + place] == of + 1) }
        let found = planted.enumerated().count { place, planted in
            repeats[texts.count + equal.count + place] == planted.of + 1
        }
        #expect(Double(found) >= 0.95 * Double(planted.count), "\(found) of \(planted.count)")
        #expect(repeats[..<texts.count].allSatisfy { $0 == 0 })
    }

    @Test func `a table of several batches gives the bytes of the whole, at any thread count`() throws {
        let (count, different) = (140_000, 100_000)
        let texts = (0..<count).map { row -> String? in
            guard row % 11 != 3 || row >= different else { return nil }
            let number = UInt64(row % different + 1)
            return String(number &* 0x9E37_79B9_7F4A_7C15, radix: 36)
                + String(number &* 0xD1B5_4A32_D192_ED03, radix: 36)
        }
        let ids = texts.indices.map { Int64($0) }
        let input = try table(["id": .id], .integers("id", ids), .texts("text", texts))
        let isRepeated = texts.indices.map { $0 >= different && texts[$0 - different] != nil }
        let (kept, out) = (
            texts.indices.filter { !isRepeated[$0] }, texts.indices.filter { isRepeated[$0] }
        )
        let outcome = try run([:], input)
        #expect(try Files.read(outcome.path("table")) == ByBatch.bytes(input.gather(kept)))
        let pairs = try table(
            [:], .integers("row", out.map { Int64($0 + 1) }),
            .integers("of", out.map { Int64($0 - different + 1) }),
            .numbers("similarity", out.map { _ in 1 }))
        #expect(try Files.read(outcome.path("pairs")) == ByBatch.bytes(pairs))
        let aside = input.gather(out)
        let reasons = DataColumn.texts(
            "reason",
            out.map { "text repeats that of row \($0 - different + 1), all shingles in common" })
        #expect(
            try Files.read(outcome.path("quarantine"))
                == ByBatch.bytes(
                    ArrowTable(frame: DataFrame(aside.frame.columns + [reasons]), roles: aside.roles)))
        #expect(try run([:], input, threads: 3).digest(Self.ports) == outcome.digest(Self.ports))
    }

    @Test func `a row that is near by way of others says so`() throws {
        let words = (0..<24).map { "word\($0)" }
        func text(_ changed: Range<Int>) -> String {
            words.indices.map { changed.contains($0) ? "other\($0)" : words[$0] }.joined(separator: " ")
        }
        // 22 of 26 words in common with the one before, 20 of 28 with the first.
        let chain = try table([:], .texts("text", [text(0..<0), text(0..<2), text(0..<4)]))
        let outcome = try run(["shingles": "words", "length": 1], chain)
        let pairs = try outcome.table("pairs").frame
        #expect(try numbers(outcome, "pairs", "of") == [1, 1])
        #expect(pairs["similarity"]?.numbers == [22.0 / 26, 20.0 / 28])
        let reason = try outcome.table("quarantine").frame["reason"]
        #expect(reason?.string(0) == "text repeats that of row 1, 0.846 of the shingles in common")
        #expect(
            reason?.string(1)
                == "text repeats that of row 1, 0.714 of the shingles in common, by way of others")
    }

    @Test func `no rows and nulls alone repeat nothing`() throws {
        for texts in [[], [nil, nil], ["a"], ["", ""]] as [[String?]] {
            let rows = try table([:], .texts("text", texts))
            let outcome = try run([:], rows)
            #expect(try outcome.table("table") == rows)
            for port in ["quarantine", "changes", "pairs"] {
                #expect(try outcome.table(port).frame.count == 0)
            }
        }
        // A text too short for a shingle is like one of the same bytes.
        let short = try table([:], .texts("text", ["ab", "abc", "ab"]))
        #expect(try numbers(run([:], short), "pairs", "row") == [3])
        let levels = try table([:], .categories("text", ["ab", "b", "ab", nil], levels: ["b", "ab"]))
        #expect(try numbers(run([:], levels), "pairs", "of") == [1])
    }

    @Test func `what cannot be compared is refused, in the check and when rows come`() throws {
        let rows = try table(
            [:], .integers("i", [1]), .texts("text", ["a"]), .texts("reason", [""]),
            .integers("repeats", [nil]))
        #expect(
            clean.failure(["column": "i"], tables: ["in": rows]) == """
                a search for near duplicates cannot take column 'i' of type integer
                  expected: text, category
                """)
        #expect(
            clean.failure(["column": "texts"], tables: ["in": rows])?.hasSuffix(
                "fix: did you mean 'text'?") == true)
        let input: [String: StaticType] = ["in": .table(rows.tableType)]
        for (action, name) in [("quarantine", "reason"), ("flag", "repeats")] {
            let message = "two columns of the result would be called '\(name)'"
            #expect(
                clean.failure(
                    ["column": "text", "action": .string(action)], tables: ["in": rows]) == message)
            #expect(
                try clean.check("{ column: text, action: \(action) }", input).text.contains(message))
        }
        #expect(
            try clean.check("{ column: i, action: drop }", input).text.contains(
                "p.yaml:2:19: error: a search for near duplicates cannot take column 'i' of type integer"))
    }

    @Test func `types of the outputs are known before the run`() throws {
        let type = TableType([Column("text", .text)])
        func outputs(_ action: String) throws -> [String: StaticType] {
            try clean.check("{ column: text, action: \(action) }", ["in": .table(type)]).outputs
        }
        let flagged = TableType(type.columns + [Column("repeats", .integer)])
        #expect(try outputs("flag")["table"] == .table(flagged))
        #expect(try outputs("drop")["table"] == .table(type))
        let aside = TableType(type.columns + [Column("reason", .text, isNullable: false)])
        #expect(try outputs("quarantine")["quarantine"] == .table(aside))
        guard case .table(let pairs)? = try outputs("drop")["pairs"] else {
            Issue.record("pairs is a table")
            return
        }
        #expect(pairs.names == ["row", "of", "similarity"] && !pairs.isOpen)
    }

    @Test func `bytes of outputs are pinned`() throws {
        var cases: [(String, String)] = []
        for shingles in ["characters", "words"] {
            for action in ["drop", "quarantine", "flag"] {
                let outcome = try run(
                    ["shingles": .string(shingles), "action": .string(action)], rows())
                cases.append(("\(shingles) \(action)", try outcome.digest(Self.ports)))
            }
        }
        let near = try run(["threshold": 0.3, "length": 2], rows())
        cases.append(("threshold and length", try near.digest(Self.ports)))
        try expectGoldens("clean.near_duplicates", cases)
    }
}
