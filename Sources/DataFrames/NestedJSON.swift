import CanonicalJSON
import TableTypes

/// Values within lists, maps and structures, of Arrow and of Parquet, as JSON lines have them.
public enum NestedJSON {
    /// A value that has no JSON form.
    public struct Failure: Error {
        public let what: String
    }

    /// A value that is there. Infinities become INF, NaN null.
    ///
    /// - Parameter type: Texts of type json are themselves parsed.
    public static func value(
        _ storage: ColumnStorage, _ place: Int, type: ColumnType
    ) throws(Failure) -> JSONValue {
        switch storage {
        case .boolean(let values): return .boolean(values[place])
        case .int64(let values): return .integer(values[place])
        case .float64(let values):
            let value = values[place]
            if value.isFinite { return .number(value) }
            return value.isNaN ? .null : .string(value > 0 ? "INF" : "-INF")
        case .utf8(let texts):
            let text = texts[place]
            guard type == .json, let value = try? JSONValue(parsing: Array(text.utf8)) else {
                return .string(text)
            }
            return value
        case .binary: throw Failure(what: "bytes have no form in JSON")
        case .dictionary(let indices, let levels): return .string(levels[Int(indices[place])])
        case .date32(let days):
            guard let text = FieldText.text(days: days[place]) else {
                throw Failure(what: "day \(days[place]) lies outside the years 1 to 9999")
            }
            return .string(text)
        case .timestamp(let times):
            guard let text = FieldText.text(microseconds: times[place]) else {
                throw Failure(what: "\(times[place]) µs since 1970 lie outside the years 1 to 9999")
            }
            return .string(text)
        }
    }

    /// An object where keys are texts, else a list of pairs. Of equal keys the last counts.
    ///
    /// - Parameter isOfTexts: What the map's keys are, so that empty maps are what the others are. A key that is null
    ///   makes a list of pairs all the same.
    public static func map(_ pairs: [(key: JSONValue, value: JSONValue)], isOfTexts: Bool) -> JSONValue {
        let keys = pairs.compactMap(\.key.string)
        guard isOfTexts, keys.count == pairs.count else {
            return .array(pairs.map { .array([$0.key, $0.value]) })
        }
        return .object(Dictionary(zip(keys, pairs.map(\.value)), uniquingKeysWith: { $1 }))
    }
}
