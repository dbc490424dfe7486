import CanonicalJSON
import Charts
import DataFrames
import Estimators
import PipelineLanguage
import TableTypes

/// `bin`: makes numbers of the interval they lie in.
struct BinStep: FeatureStep {
    enum Method: String, CaseIterable, Sendable {
        case quantile, uniform
    }

    enum Encoding: String, CaseIterable, Sendable {
        case ordinal
        case oneHot = "one_hot"
    }

    static let name = "bin"
    static let summary = "Makes of a number the interval it lies in."
    static let parameters = [
        Parameter(
            "method",
            .choice([
                .init(
                    "quantile", "Intervals with as many values each; of few different values fewer intervals."
                ),
                .init("uniform", "Intervals of one width."),
            ]), .defaulted(.string(defaultMethod.rawValue)), "Which intervals."),
        Parameter(
            "bins", .integer(.within(2...65_536)), .defaulted(.integer(Int64(defaultBins))), "How many."),
        Parameter(
            "encode",
            .choice([
                .init("ordinal", "The number of the interval, from 0; null stays null."),
                .init("one_hot", "A number an interval, 1 where the value lies in it; null lies in none."),
            ]), .defaulted(.string(defaultEncoding.rawValue)), "What comes out."),
    ]
    /// What it means to leave the words out.
    private static let defaultMethod = Method.quantile
    private static let defaultBins = 5
    private static let defaultEncoding = Encoding.ordinal

    private let method: Method
    private let bins: Int
    private let encoding: Encoding

    init?(_ members: JSONValue) {
        guard let method = members.word("method", or: Self.defaultMethod),
            let encoding = members.word("encode", or: Self.defaultEncoding)
        else { return nil }
        self.method = method
        self.encoding = encoding
        bins = members["bins"]?.integer.map { Int($0) } ?? Self.defaultBins
    }

    var operation: String { "bin by \(method.rawValue)" }

    func outputs(of columns: [Column]) throws(StageLibraryFinding) -> [Column] {
        try require(columns, [.integer, .number])
        return columns.map { column in
            switch encoding {
            case .ordinal: Column(column.name, .integer, isNullable: column.isNullable)
            case .oneHot: Column(column.name, .vector, isNullable: false)
            }
        }
    }

    func learning(_ columns: [Column], _ scope: LearningScope) -> FeatureLearning<Binning> {
        let (name, encoding, bins) = (columns[0].name, encoding, bins)
        switch method {
        case .uniform:
            return .rows(
                NumbersLearner(RangeLearner(), name, operation) { range throws(EstimatorError) in
                    Binning(bins: try Bins.uniform(range, bins: bins), encoding: encoding)
                })
        case .quantile:
            guard let learner = try? Bins.quantileLearner(bins: bins, scope) else {
                preconditionFailure("\(bins) bins are not in the range of the parameter")
            }
            return .rows(
                NumbersLearner(learner, name, operation) { learned throws(EstimatorError) in
                    Binning(bins: try learned.get(), encoding: encoding)
                })
        }
    }
}

/// The interval that a number lies in.
struct Binning: FittedStep {
    let bins: Bins
    let encoding: BinStep.Encoding

    init(bins: Bins, encoding: BinStep.Encoding) {
        self.bins = bins
        self.encoding = encoding
    }

    init?(_ json: JSONValue) {
        guard let values = json["edges"]?.array, case let edges = values.compactMap(\.number),
            edges.count == values.count, let bins = try? Bins(edges: edges),
            let encoding = json["encode"]?.string.flatMap(BinStep.Encoding.init)
        else { return nil }
        self.init(bins: bins, encoding: encoding)
    }

    var json: JSONValue {
        ["edges": .array(bins.edges.map { .number($0) }), "encode": .string(encoding.rawValue)]
    }

    func outputs(of columns: [FeatureShape]) -> [FeatureShape]? {
        guard columns.count == 1, columns[0].type.isNumeric else { return nil }
        let name = columns[0].name
        switch encoding {
        case .ordinal: return [FeatureShape(name: name, type: .integer)]
        case .oneHot:
            let parts = (0..<bins.count).map { "\(name)=\(interval($0))" }
            return [FeatureShape(name: name, type: .vector, parts: parts)]
        }
    }

    /// As mathematics writes it: an edge lies in the interval above it.
    private func interval(_ bin: Int) -> String {
        let low = bin == 0 ? "(-inf" : "[\(NumberText.shortest(bins.edges[bin - 1]))"
        let high = bin == bins.edges.count ? "inf" : NumberText.shortest(bins.edges[bin])
        return "\(low), \(high))"
    }

    func apply(to columns: [DataColumn], first: Int) -> [FeatureValues] {
        let column = columns[0]
        let places = bins(column.numbers ?? [])
        guard encoding == .ordinal else { return [.places(places)] }
        return [
            .column(
                DataColumn(
                    column.name, .integer, .int64(places.map { Int64(max(0, $0)) }),
                    validity: places.contains(-1) ? ValidityBitmap(places.lazy.map { $0 >= 0 }) : nil))
        ]
    }

    var learned: [(quantity: String, value: JSONValue)] { bins.edges.map { ("edge", .number($0)) } }
    var text: String {
        let shown = bins.edges.prefix(6).map(Self.short).joined(separator: ", ")
        return
            "\(bins.count) interval\(bins.count == 1 ? "" : "s")\(bins.count > 1 ? " between \(shown)" : "")\(bins.edges.count > 6 ? ", ..." : "")"
    }
}
