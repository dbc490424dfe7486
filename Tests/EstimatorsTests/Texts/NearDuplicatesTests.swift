import Testing

@testable import Estimators

/// Held against the comparison of all pairs, by sets of strings.
@Suite struct NearDuplicatesTests {
    /// Tweets, and behind each two with some of its words exchanged.
    private static func texts(_ count: Int) throws -> [String] {
        var source = OrderStatisticsTests.RandomSource(state: 11)
        let tweets = Array(try GoldenTexts.tweets().filter { $0.count > 30 }.prefix(count / 3))
        let words = tweets.flatMap { $0.split(separator: " ").map(String.init) }
        return tweets.flatMap { tweet in
            [tweet]
                + (0..<2).map { round in
                    var parts = tweet.split(separator: " ").map(String.init)
                    for _ in 0...round {
                        parts[Int(source.next() % UInt64(parts.count))] =
                            words[Int(source.next() % UInt64(words.count))]
                    }
                    return parts.joined(separator: "  ").uppercased()
                }
        }
    }

    private static func shingles(_ text: String) -> Set<String> {
        let folded = Array(text.lowercased().split(separator: " ").joined(separator: " ").unicodeScalars)
        return Set(
            (0..<max(0, folded.count - 4)).map { String(String.UnicodeScalarView(folded[$0..<$0 + 5])) })
    }

    private static func found(
        _ texts: [String], _ options: NearDuplicateOptions = NearDuplicateOptions(), threads: Int = 1,
        batch size: Int = .max
    ) throws -> NearDuplicates {
        let finder = try NearDuplicateFinder(options, threads: threads)
        for start in stride(from: 0, to: texts.count, by: min(size, max(1, texts.count))) {
            GoldenTexts.with(Array(texts[start..<min(texts.count, start + min(size, texts.count))])) {
                finder.take($0)
            }
        }
        return finder.finish()
    }

    @Test func `of pairs that have four fifths in common at least 95 of 100 are found, and nothing else`()
        throws
    {
        let texts = try Self.texts(1800)
        let sets = texts.map(Self.shingles)
        let found = try Self.found(texts)
        // By all pairs: which texts are alike, and in how many groups they are.
        let groups = TextGroups(texts.count)
        var (alike, together) = (0, 0)
        for a in texts.indices {
            for b in (a + 1)..<texts.count where !sets[a].isEmpty {
                let (least, most) = (min(sets[a].count, sets[b].count), max(sets[a].count, sets[b].count))
                if Double(least) < 0.8 * Double(most) { continue }
                let common = sets[a].intersection(sets[b]).count
                guard Double(common) >= 0.8 * Double(sets[a].count + sets[b].count - common) else { continue }
                alike += 1
                together += found.representatives[a] == found.representatives[b] ? 1 : 0
                groups.join(a, b)
            }
        }
        try #require(alike > 300)
        #expect(Double(together) >= 0.95 * Double(alike), "\(together) of \(alike)")
        for text in texts.indices {
            let first = found.representatives[text]
            #expect(
                groups.first(of: text) == groups.first(of: first),
                "\(texts[text]) is not like \(texts[first])")
            #expect(first <= text && found.representatives[first] == first)
            let common = Double(sets[text].intersection(sets[first]).count)
            let share = text == first ? 1 : common / (Double(sets[text].count + sets[first].count) - common)
            #expect(abs(found.similarities[text] - share) < 1e-12)
        }
    }

    @Test func `neither threads nor batches change what is found`() throws {
        let texts = try Self.texts(4000)
        let one = try Self.found(texts)
        try #require(texts.indices.filter(one.isRepeated).count > 300)
        #expect(try Self.found(texts, threads: 2) == one)
        #expect(try Self.found(texts, threads: 3, batch: 900) == one)
        #expect(try Self.found(texts, batch: 1) == one)
    }

    @Test func `a text too short for a shingle is like those of the same bytes, an empty one like none`()
        throws
    {
        let found = try Self.found(["", "abc", "ABC", "abc", "", "abcd"])
        #expect(found.representatives == [0, 1, 2, 1, 4, 5])
        #expect(found.isRepeated(3) && !found.isRepeated(4))
        #expect(try Self.found([]).representatives.isEmpty)
    }

    @Test func `texts are of one group by way of others`() throws {
        let words = (0..<40).map { "word\($0)" }
        func text(_ changed: Range<Int>) -> String {
            words.indices.map { changed.contains($0) ? "other\($0)" : words[$0] }.joined(separator: " ")
        }
        let options = NearDuplicateOptions(shingles: TextAnalysis(unit: .words(), lengths: 1...1))
        // Each is like the one before: 36 of 44 words; the last is unlike the first.
        let found = try Self.found([text(0..<0), text(0..<4), text(0..<8), text(0..<12)], options)
        #expect(found.representatives == [0, 0, 0, 0])
        #expect(found.similarities[1] == 36.0 / 44 && found.similarities[3] == 28.0 / 52)
    }

    @Test func `Chinese texts are compared by their characters`() throws {
        let options = NearDuplicateOptions(shingles: TextAnalysis(unit: .characters, lengths: 2...2))
        let found = try Self.found(
            [
                "这家酒店的服务很好，房间也很干净，下次来这里出差一定还会再住。", "物流很快，质量不错，五分好评，值得购买。",
                "这家酒店的服务很好，房间也很干净，下次来这里出差一定还会再住！",
            ], options)
        #expect(found.representatives == [0, 1, 0])
    }

    @Test func `one text again and again is compared once each`() throws {
        let text = "the same text, long enough to have many shingles, comes again and again"
        let found = try Self.found([String](repeating: text, count: 60_000))
        #expect(found.representatives.allSatisfy { $0 == 0 })
    }

    @Test func `bands find 98 of 100 pairs at the threshold`() throws {
        for (threshold, permutations, rows) in [
            (0.8, 128, 7), (0.5, 128, 3), (0.95, 128, 16), (0.8, 256, 9),
        ] {
            let options = NearDuplicateOptions(threshold: threshold, permutations: permutations)
            #expect(options.rowsOfBand == rows)
            #expect(options.found(by: rows) >= 0.98)
        }
    }

    @Test func `what lies outside its range is said`() {
        var wrong = NearDuplicateOptions.thresholdRange.refused.map { NearDuplicateOptions(threshold: $0) }
        wrong += NearDuplicateOptions.permutationRange.refused.compactMap(Int.init(exactly:)).map {
            NearDuplicateOptions(permutations: $0)
        }
        wrong.append(NearDuplicateOptions(shingles: TextAnalysis(unit: .characters, lengths: 0...3)))
        #expect(wrong.count >= 7)
        for options in wrong { #expect(throws: EstimatorError.self) { try NearDuplicateFinder(options) } }
        #expect(throws: EstimatorError.self) { try NearDuplicateFinder(threads: 0) }
    }
}
