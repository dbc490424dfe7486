import CanonicalJSON
import DataFrames
import TableOperations
import TableTypes

/// Levels that were there when fitting, each with its place.
struct KnownLevels: Sendable {
    let levels: [String]
    let unknown: EncodeStep.Unknown
    private let numbers: LevelNumbers

    /// - Precondition: No two levels are the same.
    init(_ levels: [String], _ unknown: EncodeStep.Unknown) {
        self.levels = levels
        self.unknown = unknown
        numbers = LevelNumbers(levels)
    }

    init?(_ json: JSONValue) {
        guard let levels = json["levels"]?.strings, Set(levels.map(TextKey.init)).count == levels.count,
            let unknown = json["unknown"]?.string.flatMap(EncodeStep.Unknown.init)
        else { return nil }
        self.init(levels, unknown)
    }

    var json: JSONValue { ["levels": .strings(levels), "unknown": .string(unknown.rawValue)] }

    /// How many places there are.
    var count: Int { levels.count + (unknown == .bucket ? 1 : 0) }

    /// What each place is called.
    var names: [String] { levels + (unknown == .bucket ? ["(other)"] : []) }

    /// By row the place of its level; -1 for null, and for an unknown level that is ignored.
    ///
    /// - Parameter first: Rows before these, for errors.
    func places(of column: DataColumn, first: Int) throws(StageLibraryFinding) -> [Int32] {
        var places = numbers.places(of: Self.texts(column))
        guard unknown != .ignore else { return places }
        for row in places.indices where places[row] < 0 && column.isValid(row) {
            guard unknown == .bucket else {
                throw .unknownLevel(
                    column: column.name, row: first + row + 1, level: Self.level(column, row), known: levels)
            }
            places[row] = Int32(levels.count)
        }
        return places
    }

    /// A column of levels as it is, any other as texts.
    static func texts(_ column: DataColumn) -> DataColumn {
        switch column.storage {
        case .utf8, .dictionary: return column
        case .boolean(let values):
            return DataColumn(
                column.name, .category,
                .dictionary(indices: values.map { $0 ? 1 : 0 }, levels: ["false", "true"]),
                validity: column.validity)
        case .int64, .float64, .binary, .date32, .timestamp:
            let levels = (0..<column.count).lazy.map { column.isValid($0) ? level(column, $0) : "" }
            return DataColumn(column.name, .text, .utf8(StringStorage(levels)), validity: column.validity)
        }
    }

    /// A valid value as the level it is.
    static func level(_ column: DataColumn, _ row: Int) -> String {
        switch column.storage {
        case .boolean(let values): values[row] ? "true" : "false"
        case .int64(let values): String(values[row])
        case .float64(let values):
            values[row].isFinite ? JSONValue.number(values[row]).canonicalText : String(values[row])
        case .utf8, .binary, .dictionary, .date32, .timestamp: column.string(row) ?? ""
        }
    }

    /// In a few words.
    var text: String {
        let shown = levels.prefix(6).map { "'\($0)'" }.joined(separator: ", ")
        let more = levels.count > 6 ? ", ..." : ""
        let others =
            switch unknown {
            case .error: "others are an error"
            case .ignore: "others are none of them"
            case .bucket: "others are one more"
            }
        return "one of \(levels.count) level\(levels.count == 1 ? "" : "s"): \(shown)\(more); \(others)"
    }
}
