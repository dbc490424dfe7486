import CanonicalJSON
import DataFrames
import TableTypes

/// Null becomes a value.
struct Imputing: FittedStep {
    let value: JSONValue
    /// The column is one of numbers from here on, whatever it was.
    let asNumber: Bool

    init(value: JSONValue, asNumber: Bool) {
        self.value = value
        self.asNumber = asNumber
    }

    init?(_ json: JSONValue) {
        let form = json["as"]
        guard let value = json["value"], form == nil || form == "number" else { return nil }
        self.init(value: value, asNumber: form != nil)
    }

    var json: JSONValue { asNumber ? ["value": value, "as": "number"] : ["value": value] }

    func outputs(of columns: [FeatureShape]) -> [FeatureShape]? {
        guard columns.count == 1 else { return nil }
        var shape = columns[0]
        guard
            asNumber
                ? shape.type.isNumeric && ImputeStep.fits(value, .number) : ImputeStep.fits(value, shape.type)
        else { return nil }
        if asNumber { shape.type = .number }
        return [shape]
    }

    func apply(to columns: [DataColumn], first: Int) -> [FeatureValues] { [.column(filled(columns[0]))] }

    var learned: [(quantity: String, value: JSONValue)] { [("value", value)] }
    var text: String { "null becomes \(value.number.map(Self.short) ?? value.canonicalText)" }

    func filled(_ column: DataColumn) -> DataColumn {
        let name = column.name
        func filled<T>(_ values: [T], _ fill: T) -> [T] {
            column.nullCount == 0 ? values : values.indices.map { column.isValid($0) ? values[$0] : fill }
        }
        if asNumber || column.type == .number {
            let fill = value.number ?? 0
            var numbers = column.numbers ?? []
            numbers.withUnsafeMutableBufferPointer { numbers in
                for row in numbers.indices { numbers[row] = numbers[row].isNaN ? fill : numbers[row] }
            }
            return DataColumn(name, .number, .float64(numbers))
        }
        switch column.storage {
        case .boolean(let values):
            return DataColumn(name, column.type, .boolean(filled(values, value.bool ?? false)))
        case .int64(let values):
            return DataColumn(name, column.type, .int64(filled(values, value.integer ?? 0)))
        case .utf8:
            let fill = value.string ?? ""
            let strings = (0..<column.count).lazy.map { column.string($0) ?? fill }
            return DataColumn(name, column.type, .utf8(StringStorage(strings)))
        case .dictionary(let indices, var levels):
            guard column.nullCount > 0 else { return column }
            let fill = value.string ?? ""
            let known = levels.firstIndex { TextKey($0) == TextKey(fill) }
            if known == nil { levels.append(fill) }
            let place = Int32(known ?? levels.count - 1)
            return DataColumn(
                name, column.type, .dictionary(indices: filled(indices, place), levels: levels))
        case .float64, .binary, .date32, .timestamp: return column
        }
    }
}
