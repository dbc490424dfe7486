import CanonicalJSON
import DataFrames
import TableTypes

/// `ranges`: values beyond what the pipeline says is possible.
struct RangeStep: CleanStep {
    static let operation = "a range"
    static let takes: [ColumnType] = [.integer, .number]

    let column: String
    let action: CleanAction
    let path: [String]
    private let minimum: Double?
    private let maximum: Double?

    /// - Parameter entry: Of `ranges`.
    /// - Returns: Nil for what is not of the declared form.
    init?(_ entry: JSONValue, path: [String]) {
        guard let column = entry["column"]?.string,
            let action = entry["action"]?.string.flatMap(CleanAction.init)
        else { return nil }
        self.column = column
        self.action = action
        self.path = path
        minimum = entry["minimum"]?.number
        maximum = entry["maximum"]?.number
    }

    private var bounds: ValueBounds { ValueBounds(minimum: minimum, maximum: maximum) }

    var columns: [String]? { [column] }
    var leavesRowsOut: Bool { action.isOfRows }

    func check(_ check: inout CleanCheck) {
        if minimum == nil, maximum == nil { check.report(.rangeWithoutEnds(column: column), at: path) }
        check.change(column, at: path + ["column"]) { column throws(StageLibraryFinding) in
            try CleanCheck.require(column, Self.takes, Self.operation)
            try requireRoom(column.type)
            if action == .null { column.isNullable = true }
        }
        if action == .quarantine { check.setAside(at: path) }
    }

    /// - Throws: Where no value lies within.
    private func requireRoom(_ type: ColumnType) throws(StageLibraryFinding) {
        let (low, high) = (bounds.lower, bounds.upper)
        let isEmpty = type == .integer ? low.rounded(.up) > high.rounded(.down) : low > high
        guard isEmpty, let minimum, let maximum else { return }
        throw .emptyRange(column: column, type: type, minimum: minimum, maximum: maximum)
    }

    func apply(to rows: inout CleanedRows, _ changes: ChangeLog?) throws {
        let type = try rows.column(column).type
        try CleanCheck.require(Column(column, type), Self.takes, Self.operation)
        try requireRoom(type)
        try OutsideValues(action: action, rule: "ranges: \(action.rawValue)").treat(
            [(column, bounds)], &rows, changes)
    }
}
