/// What an option of an estimator may be: error texts, documentation and the values that tests must see refused come
/// from here.
public struct OptionRange: Sendable, Equatable, CustomStringConvertible {
    public let name: String
    public let lowest: Double
    /// Infinity where there is no bound.
    public let highest: Double
    /// Whether the lowest, and the highest value itself are outside.
    public let excludesLowest: Bool
    public let excludesHighest: Bool
    public let isWhole: Bool

    /// Numbers from one to another, both inside unless excluded.
    public static func number(
        _ name: String, from lowest: Double, to highest: Double = .infinity, excludesLowest: Bool = false,
        excludesHighest: Bool = false
    ) -> OptionRange {
        OptionRange(
            name: name, lowest: lowest, highest: highest, excludesLowest: excludesLowest,
            excludesHighest: excludesHighest, isWhole: false)
    }

    public static func whole(_ name: String, from lowest: Int, to highest: Int) -> OptionRange {
        OptionRange(
            name: name, lowest: Double(lowest), highest: Double(highest), excludesLowest: false,
            excludesHighest: false, isWhole: true)
    }

    public func contains(_ value: Double) -> Bool {
        value.isFinite && (!isWhole || value.rounded() == value)
            && (excludesLowest ? value > lowest : value >= lowest)
            && (excludesHighest ? value < highest : value <= highest)
    }

    public var description: String {
        let kind = isWhole ? "a whole number" : "a number"
        if highest == .infinity {
            return
                "\(kind) \(excludesLowest ? "above" : "from") \(text(lowest))\(excludesLowest ? "" : " on")"
        }
        if excludesLowest, excludesHighest { return "\(kind) between \(text(lowest)) and \(text(highest))" }
        let start = excludesLowest ? "above \(text(lowest)) and" : "from \(text(lowest))"
        let end =
            excludesHighest
            ? "to below \(text(highest))" : excludesLowest ? "up to \(text(highest))" : "to \(text(highest))"
        return "\(kind) \(start) \(end)"
    }

    /// Values beyond both ends, and none at all.
    public var refused: [Double] {
        var values: [Double] = [.nan, .infinity]
        values.append(excludesLowest ? lowest : isWhole ? lowest - 1 : lowest.nextDown)
        if highest != .infinity {
            values.append(excludesHighest ? highest : isWhole ? highest + 1 : highest.nextUp)
        }
        if isWhole { values.append(lowest + 0.5) }
        return values
    }

    func check(_ value: Double) throws(EstimatorError) {
        guard contains(value) else { throw .option(name, value: text(value), expected: description) }
    }

    func check(_ value: Int) throws(EstimatorError) { try check(Double(value)) }

    private func text(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
    }
}

/// The first value that is infinite: the estimators of columns take NaN as missing, but no infinity where sums and
/// distances are made of it.
func refuseInfinite(_ values: [Double], columns: Int) throws(EstimatorError) {
    if let bad = values.firstIndex(where: { $0.isInfinite }) {
        throw .notFinite(row: bad / columns, column: bad % columns)
    }
}

/// A matrix, row by row, with at least one row and column.
func checkMatrix(_ values: [Double], columns: Int) throws(EstimatorError) {
    guard columns > 0, values.count % columns == 0 else {
        throw .shape(values: values.count, rows: columns > 0 ? values.count / columns : 0, columns: columns)
    }
    guard !values.isEmpty else { throw .noRows }
    try refuseInfinite(values, columns: columns)
}
