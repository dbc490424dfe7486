import CanonicalJSON
import DataFrames
import Estimators
import TableTypes

/// What a transform does to one column: the steps with all they have learned,
/// in order. Steps of one column know nothing of other columns.
struct FittedColumn: Hashable, Sendable {
    enum Step: Hashable, Sendable {
        /// Null becomes this value; with `asNumber` the column is one of
        /// numbers from here on, whatever it was.
        case impute(JSONValue, asNumber: Bool)
        /// (x - center) / divisor; null stays null.
        case scale(center: Double, divisor: Double)
        /// One boolean column a level; null is none of them.
        case encode(levels: [String], unknown: FeatureStep.UnknownLevel)
    }

    var name: String
    /// Of the column it was fitted on.
    var type: ColumnType
    var steps: [Step] = []

    var levels: [String]? {
        if case .encode(let levels, _)? = steps.last { levels } else { nil }
    }

    /// Names in a table that has been transformed, in order.
    var outputNames: [String] { levels.map { $0.map { "\(name)=\($0)" } } ?? [name] }

    /// Learns one more step from what the steps before have made of a column.
    ///
    /// - Returns: The column after the step; nil after an encode step.
    mutating func fit(_ step: FeatureStep, on column: DataColumn) throws(StageLibraryFinding) -> DataColumn? {
        if levels != nil { throw .stepAfterEncode(column: name, step: step.operation) }
        let outputType = try step.outputType(of: name, column.type)
        switch step {
        case .impute(_, let strategy, let constant):
            let value = try fill(column, strategy, constant, step.operation)
            steps.append(.impute(value, asNumber: outputType != column.type))
        case .scale(_, let method):
            let present = try numbers(column, step.operation)
            let (center, divisor) = Self.scale(present, method)
            guard center.isFinite, divisor.isFinite else {
                throw .infiniteColumn(column: name, operation: step.operation)
            }
            steps.append(.scale(center: center, divisor: divisor))
        case .encode(_, let unknown):
            steps.append(.encode(levels: Self.sortedLevels(column), unknown: unknown))
            return nil
        }
        return Self.applied(steps[steps.count - 1], to: column)
    }

    /// The values that are there.
    private func numbers(_ column: DataColumn, _ operation: String) throws(StageLibraryFinding) -> [Double] {
        let present = (column.numbers ?? []).filter { !$0.isNaN }
        guard !present.isEmpty else { throw .columnWithoutValues(column: name, operation: operation) }
        return present
    }

    private func fill(
        _ column: DataColumn, _ strategy: FeatureStep.ImputeStrategy, _ constant: JSONValue?,
        _ operation: String
    ) throws(StageLibraryFinding) -> JSONValue {
        let value: Double
        switch strategy {
        case .constant: return constant ?? .null
        case .mostFrequent:
            guard let level = Self.mostFrequent(column) else {
                throw .columnWithoutValues(column: name, operation: operation)
            }
            return level
        case .median: value = MedianImputer(fitting: try numbers(column, operation))?.median ?? .nan
        case .mean: value = StandardScaler(fitting: try numbers(column, operation)).mean
        }
        guard value.isFinite else { throw .infiniteColumn(column: name, operation: operation) }
        return .number(value)
    }

    /// A column of one value is only shifted (scikit-learn's StandardScaler
    /// and MinMaxScaler).
    private static func scale(
        _ values: [Double], _ method: FeatureStep.ScaleMethod
    ) -> (center: Double, divisor: Double) {
        switch method {
        case .standard:
            let scaler = StandardScaler(fitting: values)
            return (scaler.mean, scaler.deviation)
        case .minMax:
            var (low, high) = (values[0], values[0])
            for value in values {
                if value < low { low = value }
                if value > high { high = value }
            }
            return (low, high > low ? high - low : 1)
        }
    }

    /// The value that comes most often; of several, the smallest. NaN and null
    /// do not count.
    private static func mostFrequent(_ column: DataColumn) -> JSONValue? {
        var best: (count: Int, value: JSONValue)?
        var start = 0
        let values = sortedValues(column)
        for (place, value) in values.enumerated() {
            if !isSame(value, values[start]) { start = place }
            if place - start + 1 > best?.count ?? 0 { best = (place - start + 1, value) }
        }
        return best?.value
    }

    /// Texts are told apart by their bytes.
    private static func isSame(_ one: JSONValue, _ other: JSONValue) -> Bool {
        if case (.string(let one), .string(let other)) = (one, other) {
            return TextKey(one) == TextKey(other)
        }
        return one == other
    }

    /// All values that are there, ascending; texts by their UTF-8 bytes.
    private static func sortedValues(_ column: DataColumn) -> [JSONValue] {
        let rows = (0..<column.count).filter(column.isValid)
        return switch column.storage {
        case .boolean(let values):
            rows.filter { !values[$0] }.map { _ in false } + rows.filter { values[$0] }.map { _ in true }
        case .int64(let values): rows.map { values[$0] }.sorted().map(JSONValue.integer)
        case .float64(let values):
            rows.map { values[$0] }.filter(\.isFinite).sorted().map { JSONValue.number($0) }
        case .utf8, .dictionary:
            rows.compactMap(column.string)
                .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map(JSONValue.string)
        case .binary, .date32, .timestamp: []
        }
    }

    /// The levels that rows have, ascending; a level no row has is not learned.
    private static func sortedLevels(_ column: DataColumn) -> [String] {
        switch column.storage {
        case .dictionary(let indices, let levels):
            var isThere = [Bool](repeating: false, count: levels.count)
            for (row, index) in indices.enumerated() where column.isValid(row) { isThere[Int(index)] = true }
            return levels.indices.filter { isThere[$0] }.map { levels[$0] }
                .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        default:
            var sorted: [String] = []
            for value in sortedValues(column) {
                let level = value.string ?? value.canonicalText
                if sorted.last.map(TextKey.init) != TextKey(level) { sorted.append(level) }
            }
            return sorted
        }
    }
}
