import CanonicalJSON
import Testing

@testable import Estimators

/// Goldens/Texts/make_byte_pairs.py is what they are held to.
@Suite struct BytePairTests {
    private static let golden = Result { try Goldens.read("Texts/byte_pairs.json") }

    private static func learned(
        _ texts: [String], _ options: BytePairOptions, batch size: Int = .max
    ) throws -> BytePairVocabulary {
        let learner = try BytePairLearner(options)
        for start in stride(from: 0, to: texts.count, by: min(size, max(1, texts.count))) {
            GoldenTexts.with(Array(texts[start..<min(texts.count, start + min(size, texts.count))])) {
                learner.take($0)
            }
        }
        return try learner.finish()
    }

    private static func encoded(_ vocabulary: BytePairVocabulary, _ texts: [String]) -> TokenRows {
        GoldenTexts.with(texts) { BytePairEncoder(vocabulary).encode($0) }
    }

    @Test func `merges and tokens are those of the plainest program`() throws {
        let golden = try Self.golden.get()
        let texts = Array(try GoldenTexts.tweets().prefix(Int(golden["texts"]?.integer ?? 0)))
        let step = Int(golden["step"]?.integer ?? 0)
        let cases = try #require(golden["cases"]?.array)
        try #require(cases.count == 2 && texts.count == 400)
        for entry in cases {
            let unit = try #require(BytePairVocabulary.Unit(rawValue: entry["unit"]?.string ?? ""))
            let first = Int(entry["first"]?.integer ?? 0)
            let merges = try #require(entry["merges"]?.array).map { Goldens.integers($0) }
            let size = max(256, first + merges.count)
            let vocabulary = try Self.learned(texts, BytePairOptions(unit: unit, size: size))
            #expect(vocabulary.firstMerged == Int32(first))
            #expect(vocabulary.merges.prefix(merges.count).map { [Int($0.left), Int($0.right)] } == merges)
            try #require(vocabulary.merges.count == merges.count)
            let chosen = stride(from: 0, to: texts.count, by: step).map { texts[$0] }
            let rows = Self.encoded(vocabulary, chosen)
            for (row, tokens) in (entry["tokens"]?.array ?? []).enumerated() {
                #expect(rows[row].map(Int.init) == Goldens.integers(tokens), "\(chosen[row])")
            }
            #expect(try Self.learned(texts, BytePairOptions(unit: unit, size: size), batch: 7) == vocabulary)
        }
    }

    @Test func `tokens of bytes give back every text`() throws {
        let tweets = try GoldenTexts.tweets()
        let vocabulary = try Self.learned(Array(tweets.prefix(300)), BytePairOptions(size: 1000))
        let others =
            tweets.suffix(200) + [
                "", " ", "  a  b ", "\n\n tab\t", "東京 👍🏽 İ", "e\u{301}\u{200D}",
                String(repeating: "x", count: 500), String(repeating: " ", count: 200),
            ]
        let rows = Self.encoded(vocabulary, Array(others))
        for (row, text) in others.enumerated() { #expect(vocabulary.decode(rows[row]) == Array(text.utf8)) }
        #expect(rows.ids.count * 2 < others.reduce(0) { $0 + $1.utf8.count })
        // What is no UTF-8 too.
        var source = OrderStatisticsTests.RandomSource(state: 1)
        let noise = (0..<4000).map { _ in UInt8(truncatingIfNeeded: source.next()) }
        let damaged = TextBatch.with(bytes: noise, offsets: [0, 4000]) {
            BytePairEncoder(vocabulary).encode($0)
        }
        #expect(vocabulary.decode(damaged.ids) == noise)
    }

    @Test func `characters that were not learned are the unknown token, which is merged with none`() throws {
        let vocabulary = try Self.learned(
            [String](repeating: "abab ab", count: 3), BytePairOptions(unit: .characters, size: 256))
        #expect(vocabulary.alphabet == [" ", "a", "b"])
        #expect(vocabulary.merges.first == BytePairVocabulary.Merge(left: 2, right: 3))
        let rows = Self.encoded(vocabulary, ["abcab", "東"])
        #expect(Array(rows[0]) == [4, 0, 4] && Array(rows[1]) == [0])
        #expect(vocabulary.decode(rows[0]) == Array("abab".utf8))
        #expect(vocabulary.decode([-1, 99]).isEmpty)
    }

    @Test func `an alphabet larger than the vocabulary keeps what comes most often`() throws {
        let common = (0..<255).map { String(Unicode.Scalar(UInt32(0x4E00 + $0)) ?? " ") }.joined()
        let rare = (0..<300).map { String(Unicode.Scalar(UInt32(0x5000 + $0)) ?? " ") }.joined()
        let vocabulary = try Self.learned(
            [rare, common, common], BytePairOptions(unit: .characters, size: 256))
        #expect(vocabulary.alphabet == Array(common.unicodeScalars) && vocabulary.merges.isEmpty)
    }

    @Test func `pairs that come too seldom are not merged`() throws {
        let texts = ["xy xy xy zw zw"]
        let few = try Self.learned(texts, BytePairOptions(size: 300, leastCount: 3))
        #expect((256..<few.tokens.count).map { few.tokens[$0] } == ["xy"])
        #expect(try Self.learned(texts, BytePairOptions(size: 257, leastCount: 1)).merges.count == 1)
        #expect(try Self.learned([], BytePairOptions()).tokens.count == 256)
    }

    @Test func `a vocabulary is read back from its description`() throws {
        for unit in BytePairVocabulary.Unit.allCases {
            let vocabulary = try Self.learned(
                Array(try GoldenTexts.tweets().prefix(200)), BytePairOptions(unit: unit, size: 600))
            let text = vocabulary.description.canonicalText
            #expect(try BytePairVocabulary(description: JSONValue(parsing: Array(text.utf8))) == vocabulary)
        }
    }

    @Test func `what is wrong with a description is said`() throws {
        let good: JSONValue = [
            "estimator": "byte-pairs", "unit": "characters", "alphabet": "ab", "merges": [1, 2],
        ]
        #expect(try BytePairVocabulary(description: good).tokens.count == 4)
        let doubling = (0..<20).flatMap { [JSONValue.integer(Int64(255 + $0)), .integer(Int64(255 + $0))] }
        let changes: [(String, JSONValue?, String)] = [
            ("estimator", "mlp", "'estimator'"), ("unit", "words", "'unit'"), ("alphabet", nil, "'alphabet'"),
            ("alphabet", "aa", "'alphabet'"), ("merges", [1], "'merges'"), ("merges", [0, 1], "'merges'"),
            ("merges", [1, 3], "'merges'"), ("merges", [1, 2, 1, 2], "'merges'"),
            ("merges", [1, -1], "'merges'"),
            ("merges", ["a", 1], "'merges'"), ("merges", [1.5, 1], "'merges'"), ("merges", nil, "'merges'"),
        ]
        for (key, value, name) in changes {
            var bad = good
            bad[key] = value
            do throws(EstimatorError) {
                _ = try BytePairVocabulary(description: bad)
                Issue.record("\(bad.canonicalText) was taken")
            } catch { #expect(error.description.hasPrefix("\(name) of the model's description must be")) }
        }
        #expect(throws: EstimatorError.self) {
            try BytePairVocabulary(
                description: [
                    "estimator": "byte-pairs", "unit": "bytes", "alphabet": "", "merges": .array(doubling),
                ])
        }
        #expect(throws: EstimatorError.self) {
            try BytePairVocabulary(
                description: ["estimator": "byte-pairs", "unit": "bytes", "alphabet": "a", "merges": []])
        }
    }

    @Test func `what lies outside its range is said`() {
        for size in BytePairOptions.sizeRange.refused.compactMap(Int.init(exactly:)) {
            #expect(throws: EstimatorError.self) { try BytePairLearner(BytePairOptions(size: size)) }
        }
        for count in BytePairOptions.leastCountRange.refused.compactMap(Int.init(exactly:)) {
            #expect(throws: EstimatorError.self) { try BytePairLearner(BytePairOptions(leastCount: count)) }
        }
    }
}
