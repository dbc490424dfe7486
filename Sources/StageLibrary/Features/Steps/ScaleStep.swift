import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import TableTypes

/// `scale`: brings numbers to one scale.
struct ScaleStep: FeatureStep {
    enum Method: String, CaseIterable, Sendable {
        case standard
        case minMax = "min_max"
    }

    static let name = "scale"
    static let summary = "Brings numbers to one scale."
    static let parameters = [
        Parameter(
            "method",
            .choice([.init("standard", "Mean 0 and deviation 1."), .init("min_max", "From 0 to 1.")]),
            .defaulted(.string(defaultMethod.rawValue)), "Which scale.")
    ]
    /// What it means to leave the word out.
    private static let defaultMethod = Method.standard

    let method: Method

    init?(_ members: JSONValue) {
        guard let method = members.word("method", or: Self.defaultMethod) else { return nil }
        self.method = method
    }

    var operation: String { "scale by \(method.rawValue)" }

    func outputs(of columns: [Column]) throws(StageLibraryFinding) -> [Column] {
        try require(columns, [.integer, .number])
        return columns.map { column in
            var column = column
            column.type = .number
            return column
        }
    }

    func learning(_ columns: [Column], holding most: Int) -> FeatureLearning<Scaling> {
        switch method {
        case .standard: .rows(ScaleLearner(StandardScalerLearner(), columns[0].name, operation))
        case .minMax: .rows(ScaleLearner(RangeLearner(), columns[0].name, operation))
        }
    }
}

/// What a learner of numbers gives to scale by.
private protocol Scale {
    var scaling: Scaling { get }
}

extension StandardScaler: Scale {
    fileprivate var scaling: Scaling { Scaling(center: mean, divisor: deviation) }
}

extension RangeLearner.Range: Scale {
    /// A column of one value is only shifted (scikit-learn's MinMaxScaler).
    fileprivate var scaling: Scaling {
        Scaling(center: least, divisor: greatest > least ? greatest - least : 1)
    }
}

private final class ScaleLearner<Learner: NumberLearner>: FeatureLearner where Learner.Learned: Scale {
    private var learner: Learner
    private let column: String
    private let operation: String

    init(_ learner: Learner, _ column: String, _ operation: String) {
        self.learner = learner
        self.column = column
        self.operation = operation
    }

    func take(_ columns: [DataColumn]) { learner.take(columns[0].numbers ?? []) }

    func endPass() throws(StageLibraryFinding) -> Scaling? {
        guard learner.count > 0 else { throw .columnWithoutValues(column: column, operation: operation) }
        guard let scaling = learner.endPass()?.scaling else { return nil }
        guard scaling.center.isFinite, scaling.divisor.isFinite else {
            throw .infiniteColumn(column: column, operation: operation)
        }
        return scaling
    }
}

/// (x - center) / divisor; null stays null, and NaN becomes null.
struct Scaling: FittedStep {
    let center: Double
    let divisor: Double

    init(center: Double, divisor: Double) {
        self.center = center
        self.divisor = divisor
    }

    init?(_ json: JSONValue) {
        guard let center = json["center"]?.number, let divisor = json["divisor"]?.number, center.isFinite,
            divisor.isFinite, divisor != 0
        else { return nil }
        self.init(center: center, divisor: divisor)
    }

    var json: JSONValue { ["center": .number(center), "divisor": .number(divisor)] }

    func outputs(of columns: [FeatureShape]) -> [FeatureShape]? {
        guard columns.count == 1, columns[0].type.isNumeric else { return nil }
        return [FeatureShape(name: columns[0].name, type: .number)]
    }

    func apply(to columns: [DataColumn], first: Int) -> [FeatureValues] {
        let column = columns[0]
        let (center, divisor) = (center, divisor)
        // What stands in a null row means nothing, so it is always the same.
        let values = (column.numbers ?? []).map { ($0 - center) / divisor }
        return [
            .column(
                DataColumn(
                    column.name, .number, .float64(values.map { $0.isNaN ? 0 : $0 }),
                    validity: Self.present(column)))
        ]
    }

    /// Rows that hold a value; NaN counts as null.
    private static func present(_ column: DataColumn) -> ValidityBitmap? {
        guard case .float64(let values) = column.storage, values.contains(where: \.isNaN) else {
            return column.validity
        }
        return ValidityBitmap(values.indices.lazy.map { column.isValid($0) && !values[$0].isNaN })
    }

    var learned: [(quantity: String, value: JSONValue)] {
        [("center", .number(center)), ("divisor", .number(divisor))]
    }
    var text: String { "minus \(Self.short(center)), divided by \(Self.short(divisor))" }
}
