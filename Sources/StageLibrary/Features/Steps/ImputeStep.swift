import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import TableOperations
import TableTypes

/// `impute`: fills in missing values.
struct ImputeStep: FeatureStep {
    enum Strategy: String, CaseIterable, Sendable {
        case median, mean
        case mostFrequent = "most_frequent"
        case constant
    }

    static let name = "impute"
    static let summary = "Fills in missing values."
    static let parameters = [
        Parameter(
            "strategy",
            .choice([
                .init("median", "The median."), .init("mean", "The mean."),
                .init("most_frequent", "The value that comes most often; of several, the smallest."),
                .init("constant", "`value`."),
            ]), .defaulted(.string(defaultStrategy.rawValue)), "What is filled in."),
        Parameter(
            "value", .either([.boolean, .number(.all), .text]), .optional,
            "What strategy: constant fills in."),
    ]
    /// What it means to leave the word out.
    private static let defaultStrategy = Strategy.median

    let strategy: Strategy
    let constant: JSONValue?

    init?(_ members: JSONValue) {
        guard let strategy = members.word("strategy", or: Self.defaultStrategy) else { return nil }
        self.strategy = strategy
        constant = members["value"]
    }

    var operation: String { "impute by \(strategy.rawValue)" }

    private var takes: [ColumnType] {
        switch strategy {
        case .median, .mean: [.integer, .number]
        case .mostFrequent, .constant: [.boolean, .integer, .number, .category, .text]
        }
    }

    func outputs(of columns: [Column]) throws(StageLibraryFinding) -> [Column] {
        try require(columns, takes)
        var outputs = columns
        for place in outputs.indices { try fill(&outputs[place]) }
        return outputs
    }

    private func fill(_ column: inout Column) throws(StageLibraryFinding) {
        column.isNullable = false
        switch strategy {
        case .median, .mean: column.type = .number
        case .mostFrequent: break
        case .constant:
            guard let constant else { throw .missingConstant(step: operation) }
            guard Self.fits(constant, column.type) else {
                throw .constantMisfit(
                    value: constant.canonicalText, column: column.name, type: column.type)
            }
            if let level = constant.string, let levels = column.levels,
                !levels.contains(where: { TextKey($0) == TextKey(level) })
            {
                column.levels = levels + [level]
            }
        }
    }

    /// Whether a constant can stand in a column of a type.
    static func fits(_ value: JSONValue, _ type: ColumnType) -> Bool {
        switch type {
        case .boolean: value.bool != nil
        case .integer: value.integer != nil
        case .number: value.number?.isFinite == true
        case .category, .text: value.string != nil
        case .date, .timestamp, .image, .audio, .series, .vector, .json: false
        }
    }

    func learning(_ columns: [Column], _ scope: LearningScope) -> FeatureLearning<Imputing> {
        let column = columns[0]
        func number(_ value: Double) throws(EstimatorError) -> Imputing {
            guard value.isFinite else { throw .tooLarge }
            return Imputing(value: .number(value), asNumber: column.type != .number)
        }
        return switch strategy {
        case .constant: .known(Imputing(value: constant ?? .null, asNumber: false))
        case .mostFrequent: .rows(MostFrequentLearner(column.name, operation))
        case .median: .rows(NumbersLearner(MedianLearner(scope), column.name, operation, make: number))
        case .mean: .rows(NumbersLearner(MeanLearner(), column.name, operation, make: number))
        }
    }
}

/// Learns the value that comes most often; of several, the smallest, texts by their UTF-8 bytes. NaN and null do not
/// count, nor do infinite numbers.
private final class MostFrequentLearner: FeatureLearner {
    private let column: String
    private let operation: String
    private var levels = LevelNumbers()
    private var counts: [Int] = []
    private var integers: [Int64: Int] = [:]
    private var numbers: [Double: Int] = [:]
    private var booleans = (no: 0, yes: 0)

    init(_ column: String, _ operation: String) {
        self.column = column
        self.operation = operation
    }

    func take(_ columns: [DataColumn]) {
        let column = columns[0]
        let rows = (0..<column.count).lazy.filter(column.isValid)
        switch column.storage {
        case .boolean(let values):
            for row in rows { if values[row] { booleans.yes += 1 } else { booleans.no += 1 } }
        case .int64(let values): for row in rows { integers[values[row], default: 0] += 1 }
        case .float64(let values):
            // Zero has one sign.
            for row in rows where values[row].isFinite { numbers[values[row] + 0, default: 0] += 1 }
        case .utf8, .dictionary: levels.take(column, &counts)
        case .binary, .date32, .timestamp: break
        }
    }

    func endPass() throws(StageLibraryFinding) -> Imputing? {
        let found = Self.best(integers, <).map(JSONValue.integer) ?? number ?? text ?? boolean
        guard let found else { throw .columnWithoutValues(column: column, operation: operation) }
        return Imputing(value: found, asNumber: false)
    }

    private var number: JSONValue? { Self.best(numbers, <).map { .number($0) } }

    private var text: JSONValue? {
        let counted = zip(levels.levels, counts).max { a, b in
            a.1 != b.1 ? a.1 < b.1 : b.0.utf8.lexicographicallyPrecedes(a.0.utf8)
        }
        return counted.map { .string($0.0) }
    }

    private var boolean: JSONValue? {
        booleans.no + booleans.yes > 0 ? .boolean(booleans.yes > booleans.no) : nil
    }

    private static func best<Value>(_ counts: [Value: Int], _ precedes: (Value, Value) -> Bool) -> Value? {
        counts.max { a, b in a.value != b.value ? a.value < b.value : precedes(b.key, a.key) }?.key
    }
}
