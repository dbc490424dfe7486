import CanonicalJSON
import TableTypes

/// What `clean.table` is asked to do, in the order it does it: duplicates,
/// missing values, outliers.
struct CleanSteps {
    var dropsDuplicates: Bool
    var missing: [Missing]
    var outliers: OutlierRule?

    /// One entry of `missing`.
    enum Missing {
        /// Rows without a value in one of the columns are left out.
        case drop(columns: [String])
        /// As `features.fit` fills, but learned from all rows.
        case fill(ImputeStep, columns: [String])

        var columns: [String] {
            switch self {
            case .drop(let columns), .fill(_, let columns): columns
            }
        }
    }

    struct OutlierRule {
        enum Action: String, CaseIterable {
            case drop, clip, null, quarantine
        }

        var columns: [String]
        var factor: Double
        var action: Action

        static let takes: [ColumnType] = [.integer, .number]
        static let operation = "outliers by iqr"
    }

    static let drop = "drop"
    static let defaultFactor = 1.5

    /// - Returns: Nil for values that are not of the declared form.
    init?(_ parameters: JSONValue) {
        dropsDuplicates = parameters["duplicates"]?.string == "drop"
        missing = []
        for entry in parameters["missing"]?.array ?? [] {
            guard let columns = entry["columns"].flatMap(Self.columns) else { return nil }
            guard entry["strategy"]?.string != Self.drop else {
                missing.append(.drop(columns: columns))
                continue
            }
            guard let step = ImputeStep(entry) else { return nil }
            missing.append(.fill(step, columns: columns))
        }
        if let rule = parameters["outliers"] {
            guard let columns = rule["columns"].flatMap(Self.columns),
                let action = rule["action"]?.string.flatMap(OutlierRule.Action.init)
            else { return nil }
            outliers = OutlierRule(
                columns: columns, factor: rule["factor"]?.number ?? Self.defaultFactor, action: action)
        }
    }

    /// Of an open table nobody has looked whether a name comes twice.
    private static func columns(_ selector: JSONValue) -> [String]? {
        var seen: Set<String> = []
        return columnNames(selector)?.filter { seen.insert($0).inserted }
    }
}
