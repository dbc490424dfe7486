import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import TableTypes

/// `tfidf`: makes numbers of the terms that texts have.
struct TermsStep: FeatureStep {
    enum Analyzer: String, CaseIterable, Sendable {
        case word, char
        case charInWords = "char_wb"
    }

    static let name = "tfidf"
    static let summary = "Makes of a text a number for each term that it has: the rarer the term, the larger."
    static let parameters = [
        Parameter(
            "analyzer",
            .choice([
                .init("word", "Terms are runs of words of two letters at least."),
                .init("char", "Terms are runs of characters, as for Chinese and Japanese."),
                .init("char_wb", "Terms are runs of characters within words."),
            ]), .defaulted(.string(Analyzer.word.rawValue)), "What terms are."),
        Parameter(
            "shortest", .integer(.within(1...32)), .defaulted(1), "Words or characters of the shortest terms."
        ),
        Parameter(
            "longest", .integer(.within(1...32)), .optional,
            "Words or characters of the longest terms; without it those of the shortest."),
        Parameter("lowercase", .boolean, .defaulted(true), "Makes small letters of capital ones first."),
        Parameter(
            "min_df", .number(.within(0...1e15)), .defaulted(1),
            "Leaves out terms that fewer texts have: how many from 1 on, below 1 which share of them."),
        Parameter(
            "max_df", .number(.within(0...1e15)), .defaulted(1),
            "Leaves out terms that more texts have: how many above 1, from 1 down which share of them."),
        Parameter(
            "max_features", .integer(.within(1...1_000_000)), .optional,
            "Keeps so many terms, those that come most often."),
        Parameter("sublinear", .boolean, .defaulted(false), "Counts a term n times as 1 + ln n."),
        Parameter("idf", .boolean, .defaulted(true), "Weighs terms by how few texts have them."),
        Parameter(
            "norm",
            .choice([
                .init("l2", "Each text has length 1."), .init("l1", "The numbers of each text sum up to 1."),
                .init("none", "As they are."),
            ]), .defaulted(.string(TermWeighting.Norm.l2.rawValue)), "What numbers of a text are divided by."),
    ]

    private let analysis: TextAnalysis
    private let selection: TermSelection
    private let weighting: TermWeighting

    init?(_ members: JSONValue) {
        guard let analyzer = members.word("analyzer", or: Analyzer.word),
            let norm = members.word("norm", or: TermWeighting.Norm.l2),
            let least = members["min_df"].map(\.number) ?? 1, let most = members["max_df"].map(\.number) ?? 1
        else { return nil }
        let shortest = Int(members["shortest"]?.integer ?? 1)
        let unit: TextAnalysis.Unit =
            switch analyzer {
            case .word: .words()
            case .char: .characters
            case .charInWords: .charactersInWords
            }
        let longest = members["longest"]?.integer.map { Int($0) } ?? shortest
        analysis = TextAnalysis(
            unit: unit, lengths: shortest...max(shortest, longest),
            lowercase: members["lowercase"]?.bool ?? true)
        selection = TermSelection(
            least: least < 1 ? .share(least) : .count(Int(least.rounded(.up))),
            most: most <= 1 ? .share(most) : .count(Int(most)),
            limit: members["max_features"]?.integer.map { Int($0) })
        weighting = TermWeighting(
            sublinear: members["sublinear"]?.bool ?? false,
            usesInverseFrequency: members["idf"]?.bool ?? true,
            norm: norm)
    }

    var operation: String { "tfidf" }

    func outputs(of columns: [Column]) throws(StageLibraryFinding) -> [Column] {
        try require(columns, [.text, .category])
        return columns.map { Column($0.name, .vector, isNullable: false) }
    }

    func learning(_ columns: [Column], _ scope: LearningScope) -> FeatureLearning<Terms> {
        do {
            let learner = try TextFeatureLearner(analysis, selection: selection, weighting: weighting)
            return .rows(TermsLearner(learner, columns[0].name, operation))
        } catch {
            preconditionFailure("options out of the ranges of the parameters: \(error)")
        }
    }
}

private final class TermsLearner: FeatureLearner {
    private let learner: TextFeatureLearner
    private let column: String
    private let operation: String

    init(_ learner: TextFeatureLearner, _ column: String, _ operation: String) {
        self.learner = learner
        self.column = column
        self.operation = operation
    }

    func take(_ columns: [DataColumn]) { columns[0].eachTexts { learner.take($0) } }

    func endPass() throws(StageLibraryFinding) -> Terms? {
        do {
            return Terms(try learner.finish())
        } catch {
            throw .notLearned(column: column, operation: operation, problem: error.description)
        }
    }
}

/// A number for each term that was learned; a null has none.
struct Terms: FittedStep {
    private let features: TextFeatures

    init(_ features: TextFeatures) { self.features = features }

    init?(_ json: JSONValue) {
        guard let features = try? TextFeatures(description: json) else { return nil }
        self.features = features
    }

    var json: JSONValue { features.description }

    func outputs(of columns: [FeatureShape]) -> [FeatureShape]? {
        guard columns.count == 1, [.text, .category].contains(columns[0].type) else { return nil }
        let name = columns[0].name
        let parts = (0..<features.vocabulary.count).map { "\(name)=\(features.vocabulary[$0])" }
        return [FeatureShape(name: name, type: .vector, parts: parts)]
    }

    func apply(to columns: [DataColumn], first: Int) -> [FeatureValues] {
        [.sparse(columns[0].withTexts { features.rows(of: $0) })]
    }

    var learned: [(quantity: String, value: JSONValue)] {
        (0..<features.vocabulary.count).map {
            ("inverse frequency of '\(features.vocabulary[$0])'", .number(features.inverseFrequencies[$0]))
        }
    }

    var text: String {
        let terms = (0..<min(6, features.vocabulary.count)).map { "'\(features.vocabulary[$0])'" }
        let more = features.vocabulary.count > 6 ? ", ..." : ""
        return "\(features.vocabulary.count) terms: \(terms.joined(separator: ", "))\(more)"
    }
}
