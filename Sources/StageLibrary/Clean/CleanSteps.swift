import CanonicalJSON

/// What `clean.table` is asked to do, in the order it does it: duplicates, ranges, missing values, rare levels, outliers.
struct CleanSteps {
    /// Each with the changes it makes in the order they are told.
    private(set) var list: [any CleanStep] = []

    static let drop = "drop"
    static let defaultFactor = 1.5
    static let defaultThreshold = 3.0

    /// - Returns: Nil for values that are not of the declared form.
    init?(_ parameters: JSONValue) {
        addDuplicates(parameters["duplicates"])
        for (path, entry) in Self.entries(parameters, "ranges") {
            guard let step = RangeStep(entry, path: path) else { return nil }
            list.append(step)
        }
        for (path, entry) in Self.entries(parameters, "missing") {
            guard let columns = entry["columns"].flatMap(Self.columns),
                let steps = Self.missing(entry, columns, path)
            else { return nil }
            list += steps
        }
        for (path, entry) in Self.entries(parameters, "rare") {
            guard let columns = entry["columns"].flatMap(Self.columns) else { return nil }
            list += columns.map { RareStep($0, entry, path: path) }
        }
        for (path, rule) in Self.entries(parameters, "outliers") {
            guard let steps = Self.outliers(rule, path) else { return nil }
            list += steps
        }
    }

    /// Those of a list, or the only one, each with its place.
    private static func entries(
        _ parameters: JSONValue, _ name: String
    ) -> [(path: [String], entry: JSONValue)] {
        guard let value = parameters[name] else { return [] }
        guard let list = value.array else { return [([name], value)] }
        return list.enumerated().map { ([name, String($0)], $1) }
    }

    private mutating func addDuplicates(_ value: JSONValue?) {
        if value?.string == Self.drop { list.append(DuplicatesStep()) }
        guard let key = value?["by"].flatMap(Self.columns) else { return }
        list.append(DuplicatesStep(key: key, keepsLast: value?["keep"]?.string == "last"))
    }

    private static func missing(
        _ entry: JSONValue, _ columns: [String], _ path: [String]
    ) -> [any CleanStep]? {
        switch entry["strategy"]?.string {
        case drop: return [DropStep(names: columns, path: path)]
        case "forward_fill": return columns.map { CarryStep($0, by: entry["by"]?.string) }
        case "knn", "iterative": return ModelFillStep(entry, columns, path: path).map { [$0] }
        default:
            guard let step = ImputeStep(entry) else { return nil }
            return columns.map { FillStep(step, $0, path: path) }
        }
    }

    private static func outliers(_ rule: JSONValue, _ path: [String]) -> [any CleanStep]? {
        guard let columns = rule["columns"].flatMap(Self.columns),
            let action = rule["action"]?.string.flatMap(CleanAction.init)
        else { return nil }
        let method: FencesStep.Method
        switch rule["method"]?.string {
        case IsolationStep.name:
            return IsolationStep(rule, action, columns, path: path).map { [$0] }
        case "z_score": method = .zScore(threshold: rule["threshold"]?.number ?? defaultThreshold)
        default: method = .iqr(factor: rule["factor"]?.number ?? defaultFactor)
        }
        // A row goes once, whichever columns it is out in; values change column by column.
        let groups = action.isOfRows ? [columns] : columns.map { [$0] }
        return groups.map { FencesStep(method, action, $0, path: path) }
    }

    /// Of an open table nobody has looked whether a name comes twice.
    private static func columns(_ selector: JSONValue) -> [String]? {
        var seen: Set<String> = []
        return columnNames(selector)?.filter { seen.insert($0).inserted }
    }
}
