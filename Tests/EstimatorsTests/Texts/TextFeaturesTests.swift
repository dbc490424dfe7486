import CanonicalJSON
import Platform
import Testing

@testable import Estimators

/// Texts of goldens, and what is done with them.
enum GoldenTexts {
    static func tweets() throws -> [String] {
        try Files.read("\(Goldens.root)/pipelines/data/tweets.jsonl").split(separator: 0x0A).map {
            try JSONValue(parsing: Array($0))["text"]?.string ?? ""
        }
    }

    static func with<T>(_ texts: [String], _ body: (TextBatch) throws -> T) rethrows -> T {
        try TextList(texts).withBatch { try body($0) }
    }
}

/// Goldens/Texts/make_tfidf.py states the peer's version and the input's digest.
@Suite struct TextFeaturesTests {
    private static let golden = Result { try Goldens.read("Texts/tfidf.json") }

    private static func analysis(_ options: JSONValue) -> TextAnalysis {
        let lengths = Goldens.integers(options["ngram_range"])
        let unit: TextAnalysis.Unit =
            switch options["analyzer"]?.string {
            case "char": .characters
            case "char_wb": .charactersInWords
            default: .words()
            }
        return TextAnalysis(
            unit: unit, lengths: lengths.isEmpty ? 1...1 : lengths[0]...lengths[1],
            lowercase: options["lowercase"]?.bool ?? true)
    }

    private static func norm(_ options: JSONValue) -> TermWeighting.Norm {
        options["norm"].map { TermWeighting.Norm(rawValue: $0.string ?? "none") ?? .none } ?? .l2
    }

    private static func share(_ value: JSONValue?, _ usual: TextShare) -> TextShare {
        switch value {
        case .integer(let count)?: .count(Int(count))
        case .number(let share)?: .share(share)
        default: usual
        }
    }

    private static func learner(
        _ entry: JSONValue, threads: Int, keepsRows: Bool = true
    ) throws -> TextFeatureLearner {
        let options = entry["options"] ?? .null
        let selection = TermSelection(
            least: share(options["min_df"], .count(1)), most: share(options["max_df"], .share(1)),
            limit: entry["limit"]?.integer.map { Int($0) })
        let weighting = TermWeighting(
            sublinear: options["sublinear_tf"]?.bool ?? false,
            usesInverseFrequency: options["use_idf"]?.bool ?? true,
            smooth: options["smooth_idf"]?.bool ?? true, norm: norm(options))
        return try TextFeatureLearner(
            analysis(options), selection: selection, weighting: weighting, threads: threads,
            keepsRows: keepsRows)
    }

    private static func isNear(_ ours: Double, _ theirs: Double) -> Bool {
        abs(ours - theirs) <= 1e-9 * max(1, abs(theirs))
    }

    private static func expect(_ rows: SparseRows<Double>, _ entry: JSONValue, _ name: String) {
        #expect(rows.values.count == entry["entries"]?.integer.map { Int($0) }, "\(name)")
        #expect(isNear(rows.values.reduce(0, +), entry["sum"]?.number ?? .nan), "\(name)")
        let sums = Goldens.numbers(entry["sums"])
        let step = max(1, rows.count / 100)
        for (index, sum) in sums.enumerated() {
            let row = index * step
            let own = (rows.offsets[row]..<rows.offsets[row + 1]).reduce(0.0) {
                $0 + rows.values[$1] * Double(1 + rows.columns[$1] % 97)
            }
            #expect(isNear(own, sum), "\(name) row \(row)")
        }
        for sample in entry["rows"]?.array ?? [] {
            let row = Int(sample.array?[0].integer ?? 0)
            let range = rows.offsets[row]..<rows.offsets[row + 1]
            #expect(
                rows.columns[range].map(Int.init) == Goldens.integers(sample.array?[1]), "\(name) row \(row)")
            for (ours, theirs) in zip(rows.values[range], Goldens.numbers(sample.array?[2])) {
                #expect(abs(ours - theirs) < 1e-9, "\(name) row \(row)")
            }
        }
    }

    @Test func `values are those of scikit-learn's vectorizers`() throws {
        let golden = try Self.golden.get()
        let tweets = try GoldenTexts.tweets()
        let scripts = try #require(golden["scripts"]?.strings)
        let cases = try #require(golden["cases"]?.array)
        try #require(cases.count == 19)
        for entry in cases {
            let texts = entry["texts"]?.string == "tweets" ? tweets : scripts
            let options = entry["options"] ?? .null
            let name = "\(entry["texts"]?.string ?? "") \(options.canonicalText)"
            try GoldenTexts.with(texts) { batch in
                guard options["hashing"] == nil else {
                    let hashing = try HashedTextFeatures(
                        Self.analysis(options), width: Int(options["n_features"]?.integer ?? 0),
                        alternatesSigns: options["alternate_sign"]?.bool ?? true, norm: Self.norm(options))
                    Self.expect(hashing.rows(of: batch), entry, name)
                    #expect(hashing.rows(of: batch, threads: 3) == hashing.rows(of: batch), "\(name)")
                    return
                }
                let learner = try Self.learner(entry, threads: 2)
                learner.take(batch)
                let (model, rows) = try learner.finishWithRows()
                Self.expect(rows, entry, name)
                #expect(model.vocabulary.count == entry["width"]?.integer.map { Int($0) }, "\(name)")
                let terms = entry["terms"]?.strings ?? []
                let step = max(1, model.vocabulary.count / 50)
                for (index, term) in terms.enumerated() {
                    #expect(model.vocabulary[index * step] == term, "\(name)")
                }
                for (index, theirs) in Goldens.numbers(entry["idf"]).enumerated() {
                    #expect(Self.isNear(model.inverseFrequencies[index * step], theirs), "\(name)")
                }
                #expect(model.rows(of: batch) == rows, "\(name)")
            }
        }
    }

    @Test func `neither threads nor batches change a bit`() throws {
        let cases = try #require(try Self.golden.get()["cases"]?.array)
        let texts = try GoldenTexts.tweets()
        let entry = cases[1]
        func made(_ threads: Int, _ size: Int) throws -> (TextFeatures, SparseRows<Double>, TextFeatures) {
            let learner = try Self.learner(entry, threads: threads)
            let passing = try Self.learner(entry, threads: threads, keepsRows: false)
            for start in stride(from: 0, to: texts.count, by: size) {
                GoldenTexts.with(Array(texts[start..<min(texts.count, start + size)])) {
                    learner.take($0)
                    passing.take($0)
                }
            }
            let (model, rows) = try learner.finishWithRows()
            return (model, rows, try passing.finish())
        }
        let first = try made(1, texts.count)
        for (threads, size) in [(1, 700), (2, texts.count), (3, 1500), (4, 4000)] {
            let other = try made(threads, size)
            #expect(
                other.0 == first.0 && other.1 == first.1 && other.2 == first.0, "\(threads) threads, \(size)")
        }
    }

    @Test func `a model is made again of what it knows`() throws {
        try GoldenTexts.with(["one two two", "two three", "one, two; four"]) { batch in
            let learner = try TextFeatureLearner()
            learner.take(batch)
            let model = try learner.finish()
            #expect(
                (0..<model.vocabulary.count).map { model.vocabulary[$0] } == ["four", "one", "three", "two"])
            #expect(model.textsWithTerm == [1, 2, 1, 3] && model.texts == 3)
            let again = TextFeatures(
                model.analysis, model.weighting, model.vocabulary, textsWithTerm: model.textsWithTerm,
                texts: 3)
            #expect(again == model && again.rows(of: batch) == model.rows(of: batch))
            let single = model.singleRows(of: batch)
            #expect(single.values == model.rows(of: batch).values.map(Float.init))
            #expect(single.columns == model.rows(of: batch).columns)
        }
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

    @Test func `what cannot be learned is said`() throws {
        func message(
            _ texts: [String], _ analysis: TextAnalysis = TextAnalysis(),
            _ selection: TermSelection = TermSelection(),
            threads: Int = 1
        ) -> String {
            do throws(EstimatorError) {
                let learner = try TextFeatureLearner(analysis, selection: selection, threads: threads)
                TextList(texts).withBatch { learner.take($0) }
                _ = try learner.finish()
                return ""
            } catch { return error.description }
        }
        #expect(message([]) == "the 0 texts hold no term of the wanted kind and length")
        #expect(message(["a", "!", ""]) == "the 3 texts hold no term of the wanted kind and length")
        #expect(
            message(["one", "two"], TextAnalysis(), TermSelection(least: .count(2)))
                == "each of the 2 terms is in too few or too many of the 2 texts; lower min_df or raise max_df"
        )
        #expect(
            message(["one", "two"], TextAnalysis(), TermSelection(least: .count(2), most: .share(0.5)))
                == "max_df is 1.0 of 2 texts; it must be no less than min_df, which is 2.0")
        for (analysis, selection, threads) in [
            (TextAnalysis(lengths: 0...1), TermSelection(), 1),
            (TextAnalysis(lengths: 1...33), TermSelection(), 1),
            (TextAnalysis(unit: .words(minimumLength: 0)), TermSelection(), 1),
            (TextAnalysis(), TermSelection(least: .count(0)), 1),
            (TextAnalysis(), TermSelection(most: .share(1.5)), 1),
            (TextAnalysis(), TermSelection(most: .share(.nan)), 1),
            (TextAnalysis(), TermSelection(limit: 0), 1),
            (TextAnalysis(), TermSelection(), 0),
        ] {
            #expect(message(["one two"], analysis, selection, threads: threads).contains("must be"))
        }
        #expect(throws: EstimatorError.self) { try HashedTextFeatures(width: 0) }
        #expect(throws: EstimatorError.self) { try HashedTextFeatures(width: 1 << 31) }
    }

    @Test func `damaged texts do no harm`() throws {
        var source = SplitMix(state: 7)
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

/// SplitMix64, for tests that need chance.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
