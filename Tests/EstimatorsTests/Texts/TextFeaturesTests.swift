import CanonicalJSON
import Testing

@testable import Estimators

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
}
