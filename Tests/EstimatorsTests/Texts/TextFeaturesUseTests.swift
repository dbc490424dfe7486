import CanonicalJSON
import Testing

@testable import Estimators

@Suite struct TextFeaturesUseTests {
    @Test func `a model is made again of what it knows`() throws {
        try GoldenTexts.with(["one two two", "two three", "one, two; four"]) { batch in
            let learner = try TextFeatureLearner()
            learner.take(batch)
            let model = try learner.finish()
            #expect(
                (0..<model.vocabulary.count).map { model.vocabulary[$0] } == ["four", "one", "three", "two"])
            #expect(model.textsWithTerm == [1, 2, 1, 3] && model.texts == 3)
            let text = Array(model.description.canonicalText.utf8)
            let again = try TextFeatures(description: JSONValue(parsing: text))
            #expect(again == model && again.rows(of: batch) == model.rows(of: batch))
            let single = model.singleRows(of: batch)
            #expect(single.values == model.rows(of: batch).values.map(Float.init))
            #expect(single.columns == model.rows(of: batch).columns)
        }
    }

    @Test func `features are made again of their descriptions`() throws {
        for unit in [TextAnalysis.Unit.words(minimumLength: 3), .characters, .charactersInWords] {
            for norm in TermWeighting.Norm.allCases {
                let analysis = TextAnalysis(unit: unit, lengths: 1...3, lowercase: norm == .l1)
                let hashed = try HashedTextFeatures(
                    analysis, width: 77, alternatesSigns: norm == .l2, norm: norm)
                #expect(try HashedTextFeatures(description: hashed.description) == hashed)
                let weighting = TermWeighting(sublinear: norm == .l1, smooth: norm == .l2, norm: norm)
                let model = try TextFeatures(
                    analysis, weighting, TextList(["ab", "東京", "e\u{301}", "\u{E9}"]),
                    textsWithTerm: [1, 2, 3, 4],
                    texts: 5)
                #expect(try TextFeatures(description: model.description) == model)
            }
        }
    }

    @Test func `what is wrong with a description is said`() throws {
        let good = try TextFeatures(
            TextAnalysis(), TermWeighting(), TextList(["a", "b"]), textsWithTerm: [1, 2], texts: 2
        ).description
        let changes: [(String, JSONValue?, String)] = [
            ("estimator", "mlp", "estimator"), ("analysis", nil, "lengths"), ("weighting", [:], "sublinear"),
            ("terms", ["a", "a"], "terms"), ("terms", ["a"], "texts_with_term"), ("terms", [1, 2], "terms"),
            ("texts", -1, "texts"), ("texts", 1, "texts_with_term"),
            ("texts_with_term", [0, 1], "texts_with_term"),
            ("texts_with_term", [1, 1.5], "texts_with_term"), ("texts", nil, "texts"),
            (
                "analysis", ["unit": "words", "minimum_length": 2, "lowercase": true, "lengths": [2, 1]],
                "lengths"
            ),
            ("analysis", ["unit": "lines", "lowercase": true, "lengths": [1, 1]], "unit"),
            ("analysis", ["unit": "words", "lowercase": true, "lengths": [1, 1]], "minimum_length"),
        ]
        for (key, value, name) in changes {
            var bad = good
            bad[key] = value
            do throws(EstimatorError) {
                _ = try TextFeatures(description: bad)
                Issue.record("\(bad.canonicalText) was taken")
            } catch {
                #expect(
                    error.description.hasPrefix("'\(name)' of the model's description must be"), "\(error)")
            }
        }
        var bad = good
        bad["analysis"] = ["unit": "characters", "lowercase": true, "lengths": [1, 99]]
        #expect(throws: EstimatorError.self) { try TextFeatures(description: bad) }
    }

    @Test func `terms that were not learned are passed over, and a text without terms has no value`() throws {
        let model = try GoldenTexts.with(["red green", "green blue"]) { batch in
            let learner = try TextFeatureLearner(
                weighting: TermWeighting(usesInverseFrequency: false, norm: .none))
            learner.take(batch)
            return try learner.finish()
        }
        GoldenTexts.with(["", "black", "green white green red"]) { batch in
            let rows = model.rows(of: batch)
            #expect(rows.offsets == [0, 0, 0, 2] && rows.columns == [1, 2] && rows.values == [2, 1])
            #expect(rows.dense == [0, 0, 0, 0, 0, 0, 0, 2, 1])
        }
        GoldenTexts.with([]) { #expect(model.rows(of: $0).offsets == [0]) }
    }

    @Test func `offsets may begin anywhere, and anew at 4 GiB`() throws {
        let bytes = Array("one two three one".utf8)
        let lengths: [UInt32] = [0, 4, 8, 17]
        let rows = try [0, 77, UInt32.max - 5].map { first in
            try TextBatch.with(bytes: bytes, offsets: lengths.map { $0 &+ first }) { batch in
                let learner = try TextFeatureLearner(keepsRows: true)
                learner.take(batch)
                return try learner.finishWithRows().rows
            }
        }
        #expect(rows[0] == rows[1] && rows[0] == rows[2] && rows[0].offsets == [0, 1, 2, 4])
    }

    @Test func `of terms of equal count the first by their bytes are kept`() throws {
        try GoldenTexts.with(["dd cc bb aa", "dd cc bb", "dd"]) { batch in
            let learner = try TextFeatureLearner(selection: TermSelection(limit: 2))
            learner.take(batch)
            let model = try learner.finish()
            #expect((0..<model.vocabulary.count).map { model.vocabulary[$0] } == ["bb", "dd"])
        }
    }

    @Test func `what cannot be learned is said`() {
        func message(_ texts: [String], _ selection: TermSelection = TermSelection()) -> String {
            do throws(EstimatorError) {
                let learner = try TextFeatureLearner(selection: selection)
                TextList(texts).withBatch { learner.take($0) }
                _ = try learner.finish()
                return ""
            } catch { return error.description }
        }
        #expect(message([]) == "the 0 texts hold no term of the wanted kind and length")
        #expect(message(["a", "!", ""]) == "the 3 texts hold no term of the wanted kind and length")
        #expect(
            message(["one", "two"], TermSelection(least: .count(2)))
                == "each of the 2 terms is in too few or too many of the 2 texts; lower min_df or raise max_df"
        )
        #expect(
            message(["one", "two"], TermSelection(least: .count(2), most: .share(0.5)))
                == "max_df is 1.0 of 2 texts; it must be no less than min_df, which is 2.0")
    }

    @Test func `what lies outside its range is said`() {
        func refuses(
            _ analysis: TextAnalysis = TextAnalysis(), _ selection: TermSelection = TermSelection(),
            threads: Int = 1
        ) {
            #expect(throws: EstimatorError.self, "\(analysis) \(selection) \(threads)") {
                try TextFeatureLearner(analysis, selection: selection, threads: threads)
            }
        }
        func wholes(_ range: OptionRange) -> [Int] { range.refused.compactMap(Int.init(exactly:)) }
        for length in wholes(TextAnalysis.lengthRange) {
            refuses(TextAnalysis(lengths: min(1, length)...max(1, length)))
        }
        for length in wholes(TextAnalysis.minimumLengthRange) {
            refuses(TextAnalysis(unit: .words(minimumLength: length)))
        }
        for count in wholes(TextShare.countRange("min_df")) {
            refuses(TextAnalysis(), TermSelection(least: .count(count)))
        }
        for share in TextShare.shareRange("max_df").refused {
            refuses(TextAnalysis(), TermSelection(most: .share(share)))
        }
        for limit in wholes(TermSelection.limitRange) { refuses(TextAnalysis(), TermSelection(limit: limit)) }
        for threads in wholes(TextBatch.threadRange) { refuses(threads: threads) }
        for width in wholes(HashedTextFeatures.widthRange) {
            #expect(throws: EstimatorError.self) { try HashedTextFeatures(width: width) }
        }
    }

    @Test func `damaged texts do no harm`() throws {
        var source = OrderStatisticsTests.RandomSource(state: 7)
        let intact = Array("Straße ΣΑΣ 東京 İ 👍🏽 cafe\u{301} plain words 123".utf8)
        var bytes: [UInt8] = []
        var offsets: [UInt32] = [0]
        for round in 0..<3000 {
            var text = round < intact.count ? Array(intact[..<round]) : intact
            for _ in 0..<(round % 5) {
                text[Int(source.next() % UInt64(text.count))] = UInt8(source.next() & 255)
            }
            bytes += text
            offsets.append(UInt32(bytes.count))
        }
        try TextBatch.with(bytes: bytes, offsets: offsets) { batch in
            for unit in [TextAnalysis.Unit.words(minimumLength: 1), .characters, .charactersInWords] {
                let learner = try TextFeatureLearner(
                    TextAnalysis(unit: unit, lengths: 1...3), keepsRows: true)
                learner.take(batch)
                let (model, rows) = try learner.finishWithRows()
                #expect(rows.count == 3000 && model.rows(of: batch) == rows)
            }
        }
    }
}
