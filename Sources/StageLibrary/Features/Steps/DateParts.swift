import CanonicalJSON
import DataFrames
import TableTypes
import TensorKernels

/// Parts of dates and times, a column each, or two where they are cycles.
struct DateParts: FittedStep {
    let parts: [DatePart]
    let cycles: Bool

    init?(_ json: JSONValue) {
        guard let words = json["parts"]?.strings, let cycles = json["cycles"]?.bool else { return nil }
        parts = words.compactMap(DatePart.init)
        self.cycles = cycles
        if parts.count < words.count || Set(parts).count < parts.count { return nil }
    }

    var json: JSONValue { ["cycles": .boolean(cycles), "parts": .strings(parts.map(\.rawValue))] }

    var type: ColumnType { cycles ? .number : .integer }
    var takes: [ColumnType] { parts.contains(where: \.isOfDay) ? [.timestamp] : [.date, .timestamp] }

    /// Of what is made of a column.
    func names(_ column: String) -> [String] {
        parts.flatMap { part in
            let name = "\(column).\(part.rawValue)"
            return cycles && part.round != nil ? ["\(name).sin", "\(name).cos"] : [name]
        }
    }

    func outputs(of columns: [FeatureShape]) -> [FeatureShape]? {
        guard columns.count == 1, takes.contains(columns[0].type) else { return nil }
        return names(columns[0].name).map { FeatureShape(name: $0, type: type) }
    }

    func apply(to columns: [DataColumn], first: Int) -> [FeatureValues] {
        let column = columns[0]
        let times: [CivilTime] =
            switch column.storage {
            case .date32(let days): days.map { CivilTime(days: $0) }
            case .timestamp(let times): times.map { CivilTime(microseconds: $0) }
            default: []
            }
        let made = parts.flatMap { part -> [ColumnStorage] in
            // What stands in a null row means nothing, so it is always the same.
            let numbers = times.indices.map {
                column.isValid($0) ? part.value(times[$0]) : part.round?.first ?? 0
            }
            return storages(of: part, numbers)
        }
        return zip(names(column.name), made).map { name, storage in
            .column(DataColumn(name, type, storage, validity: column.validity))
        }
    }

    private func storages(of part: DatePart, _ numbers: [Int]) -> [ColumnStorage] {
        guard cycles else { return [.int64(numbers.map { Int64($0) })] }
        guard let (length, first) = part.round else { return [.float64(numbers.map { Double($0) })] }
        // Each value is one of a round; sin x is cos(x - pi / 2).
        return [0.5, 0].map { shift in
            let round = (0..<length).map { Elementary.cosinePi(2 * Double($0) / Double(length) - shift) }
            return .float64(numbers.map { round[$0 - first] })
        }
    }

    var text: String { (cycles ? "cycles of " : "") + parts.map(\.rawValue).joined(separator: ", ") }
}
