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
        case maxAbs = "max_abs"
        case robust, quantile
    }

    static let name = "scale"
    static let summary = "Brings numbers to one scale."
    static let parameters = [
        Parameter(
            "method",
            .choice([
                .init("standard", "Mean 0 and deviation 1."), .init("min_max", "From 0 to 1."),
                .init("max_abs", "Divided by the greatest magnitude; zero stays zero."),
                .init("robust", "Median 0 and quartiles 1 apart, which a few wild values do not move."),
                .init("quantile", "To where their ranks are, as `output` says."),
            ]), .defaulted(.string(defaultMethod.rawValue)), "Which scale."),
        Parameter(
            "output",
            .choice([
                .init("uniform", "From 0 to 1, evenly."), .init("normal", "To the normal distribution."),
            ]), .defaulted(.string(defaultOutput.rawValue)), "Where method: quantile puts values."),
        Parameter(
            "quantiles", .integer(.within(1...65_536)), .defaulted(.integer(Int64(defaultQuantiles))),
            "How many quantiles method: quantile keeps; values between two are interpolated."),
    ]
    /// What it means to leave the words out.
    private static let defaultMethod = Method.standard
    private static let defaultOutput = QuantileTransformer.Output.uniform
    private static let defaultQuantiles = 1000

    let method: Method
    private let output: QuantileTransformer.Output
    private let quantiles: Int

    init?(_ members: JSONValue) {
        guard let method = members.word("method", or: Self.defaultMethod),
            let output = members.word("output", or: Self.defaultOutput)
        else { return nil }
        self.method = method
        self.output = output
        quantiles = members["quantiles"]?.integer.map { Int($0) } ?? Self.defaultQuantiles
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

    func learning(_ columns: [Column], _ scope: LearningScope) -> FeatureLearning<NumberScale> {
        let name = columns[0].name
        func learning<Learner: NumberLearner>(
            _ learner: Learner, _ make: @escaping (Learner.Learned) throws(EstimatorError) -> NumberScale
        ) -> FeatureLearning<NumberScale> {
            .rows(NumbersLearner(learner, name, operation, make: make))
        }
        switch method {
        case .standard:
            return learning(StandardScalerLearner()) { scaler throws(EstimatorError) in
                try .linear(Scaling(finite: scaler.mean, scaler.deviation))
            }
        case .minMax:
            // A column of one value is only shifted (scikit-learn's MinMaxScaler).
            return learning(RangeLearner()) { range throws(EstimatorError) in
                let width = range.greatest - range.least
                return try .linear(Scaling(finite: range.least, width > 0 ? width : 1))
            }
        case .maxAbs:
            return learning(RangeLearner()) { range throws(EstimatorError) in
                try .linear(Scaling(finite: 0, MaxAbsScaler(range).scale))
            }
        case .robust:
            guard let learner = try? RobustScaler.learner(scope) else {
                preconditionFailure("the usual options of a robust scaler")
            }
            return learning(learner) { learned throws(EstimatorError) in
                let scaler = try learned.get()
                return try .linear(Scaling(finite: scaler.center, scaler.scale))
            }
        case .quantile:
            guard let learner = try? QuantileLearner(quantiles: quantiles, output: output, scope) else {
                preconditionFailure("\(quantiles) quantiles are not in the range of the parameter")
            }
            return learning(learner) { learned throws(EstimatorError) in .quantiles(try learned.get()) }
        }
    }
}

/// How numbers are brought to one scale; null stays null, and NaN becomes null.
enum NumberScale: FittedStep {
    case linear(Scaling)
    case quantiles(QuantileTransformer)

    init?(_ json: JSONValue) {
        if let values = json["quantiles"]?.array {
            let quantiles = values.compactMap(\.number)
            guard quantiles.count == values.count,
                let output = json["output"]?.string.flatMap(QuantileTransformer.Output.init),
                let transformer = try? QuantileTransformer(quantiles: quantiles, output: output)
            else { return nil }
            self = .quantiles(transformer)
        } else {
            guard let scaling = Scaling(json) else { return nil }
            self = .linear(scaling)
        }
    }

    var json: JSONValue {
        switch self {
        case .linear(let scaling): scaling.json
        case .quantiles(let transformer):
            [
                "quantiles": .array(transformer.quantiles.map { .number($0) }),
                "output": .string(transformer.output.rawValue),
            ]
        }
    }

    func outputs(of columns: [FeatureShape]) -> [FeatureShape]? {
        guard columns.count == 1, columns[0].type.isNumeric else { return nil }
        return [FeatureShape(name: columns[0].name, type: .number)]
    }

    func apply(to columns: [DataColumn], first: Int) -> [FeatureValues] {
        let column = columns[0]
        var numbers = column.numbers ?? []
        switch self {
        case .linear(let scaling): scaling.apply(to: &numbers)
        case .quantiles(let transformer): numbers = transformer(numbers)
        }
        return [.column(DataColumn(column.name, numbers: numbers, like: column))]
    }

    var learned: [(quantity: String, value: JSONValue)] {
        switch self {
        case .linear(let scaling):
            [("center", .number(scaling.center)), ("divisor", .number(scaling.divisor))]
        case .quantiles(let transformer): transformer.quantiles.map { ("quantile", .number($0)) }
        }
    }

    var text: String {
        switch self {
        case .linear(let scaling):
            "minus \(Self.short(scaling.center)), divided by \(Self.short(scaling.divisor))"
        case .quantiles(let transformer):
            "by \(transformer.quantiles.count) quantile\(transformer.quantiles.count == 1 ? "" : "s") to a \(transformer.output.rawValue) distribution"
        }
    }
}

/// (x - center) / divisor.
struct Scaling: Sendable {
    let center: Double
    let divisor: Double

    /// - Throws: `tooLarge` if one of them is not finite.
    init(finite center: Double, _ divisor: Double) throws(EstimatorError) {
        guard center.isFinite, divisor.isFinite else { throw .tooLarge }
        self.center = center
        self.divisor = divisor
    }

    init?(_ json: JSONValue) {
        guard let center = json["center"]?.number, let divisor = json["divisor"]?.number, center.isFinite,
            divisor.isFinite, divisor != 0
        else { return nil }
        self.center = center
        self.divisor = divisor
    }

    var json: JSONValue { ["center": .number(center), "divisor": .number(divisor)] }

    func apply(to numbers: inout [Double]) {
        let (center, divisor) = (center, divisor)
        numbers.withUnsafeMutableBufferPointer { numbers in
            for row in numbers.indices { numbers[row] = (numbers[row] - center) / divisor }
        }
    }
}

extension DataColumn {
    /// Numbers made of a column's; NaN is null.
    init(_ name: String, numbers: [Double], like column: DataColumn) {
        var numbers = numbers
        var missing = 0
        numbers.withUnsafeMutableBufferPointer { numbers in
            for row in numbers.indices {
                missing &+= numbers[row].isNaN ? 1 : 0
                // What stands in a null row means nothing, so it is always the same.
                numbers[row] = numbers[row].isNaN ? 0 : numbers[row]
            }
        }
        var validity = column.validity
        if missing != column.nullCount, case .float64(let values) = column.storage {
            validity = ValidityBitmap(values.indices.lazy.map { column.isValid($0) && !values[$0].isNaN })
        }
        self.init(name, .number, .float64(numbers), validity: validity)
    }
}
