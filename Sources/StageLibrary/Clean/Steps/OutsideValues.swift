import DataFrames

/// Where the values of a column are to lie.
struct ValueBounds {
    let lower: Double
    let upper: Double
    /// Where a value is that is not there, as "outside [0, 120]".
    let outside: String
    /// What an integer becomes that lies below or above.
    let nearest: (low: Int64, high: Int64)

    /// Learned ones, which an integer never crosses: it goes to the next beyond.
    init(fences lower: Double, _ upper: Double) {
        self.lower = lower
        self.upper = upper
        outside = "outside [\(lower), \(upper)]"
        nearest = (
            Int64(exactly: lower.rounded(.down)) ?? .min, Int64(exactly: upper.rounded(.up)) ?? .max
        )
    }

    /// Given ones, within which an integer goes.
    init(minimum: Double?, maximum: Double?) {
        lower = minimum ?? -.infinity
        upper = maximum ?? .infinity
        let texts = (minimum.map { "\($0)" }, maximum.map { "\($0)" })
        outside =
            switch texts {
            case (let low?, let high?): "outside [\(low), \(high)]"
            case (let low?, nil): "below \(low)"
            case (nil, let high?): "above \(high)"
            case (nil, nil): "nowhere"
            }
        nearest = (Int64(exactly: lower.rounded(.up)) ?? .min, Int64(exactly: upper.rounded(.down)) ?? .max)
    }

    /// True where a value lies outside; a null (NaN) does not.
    func flags(_ column: DataColumn) -> [Bool] { (column.numbers ?? []).map { $0 < lower || $0 > upper } }
}

/// What is done to values that lie outside.
struct OutsideValues {
    let action: CleanAction
    /// As `changes` calls it.
    let rule: String

    /// - Parameter bounds: Of columns; one without has nothing outside.
    func treat(
        _ bounds: [(name: String, bounds: ValueBounds?)], _ rows: inout CleanedRows, _ changes: ChangeLog?
    ) throws {
        guard action.isOfRows else {
            for case (let name, let bounds?) in bounds { try change(name, bounds, &rows, changes) }
            return
        }
        var reasons = [[String]](repeating: [], count: rows.frame.count)
        for case (let name, let bounds?) in bounds {
            let column = try rows.column(name)
            let text = CellText(column: column)
            for (row, isOut) in bounds.flags(column).enumerated() where isOut {
                reasons[row].append("\(name) \(try text.text(row) ?? "") lies \(bounds.outside)")
            }
        }
        try rows.takeOut(reasons, action, rule, changes)
    }

    private func change(
        _ name: String, _ bounds: ValueBounds, _ rows: inout CleanedRows, _ changes: ChangeLog?
    ) throws {
        let column = try rows.column(name)
        let after = action == .clip ? Self.clipped(column, bounds) : Self.nulled(column, bounds)
        if let changes {
            let (old, new) = (CellText(column: column), CellText(column: after))
            for (row, isOut) in bounds.flags(column).enumerated() where isOut {
                changes.append(
                    rows.numbers[row], column: name, before: try old.text(row), after: try new.text(row),
                    rule: rule)
            }
        }
        rows.replace(after)
    }

    private static func clipped(_ column: DataColumn, _ bounds: ValueBounds) -> DataColumn {
        let storage: ColumnStorage
        switch column.storage {
        case .int64(let values):
            storage = .int64(values.map { min(max($0, bounds.nearest.low), bounds.nearest.high) })
        case .float64(let values):
            storage = .float64(
                values.map { $0 < bounds.lower ? bounds.lower : $0 > bounds.upper ? bounds.upper : $0 })
        case .boolean, .utf8, .binary, .dictionary, .date32, .timestamp: storage = column.storage
        }
        return DataColumn(column.name, column.type, storage, validity: column.validity)
    }

    private static func nulled(_ column: DataColumn, _ bounds: ValueBounds) -> DataColumn {
        let isOut = bounds.flags(column)
        return DataColumn(
            column.name, column.type, column.storage,
            validity: ValidityBitmap(isOut.indices.lazy.map { column.isValid($0) && !isOut[$0] }))
    }
}

extension CleanedRows {
    /// Takes rows out, to the quarantine if that is the action.
    ///
    /// - Parameter reasons: Of each row; without any it stays.
    mutating func takeOut(
        _ reasons: [[String]], _ action: CleanAction, _ rule: String, _ changes: ChangeLog?
    ) throws {
        let out = reasons.indices.filter { !reasons[$0].isEmpty }
        for row in out { changes?.append(numbers[row], rule: rule) }
        if action == .quarantine {
            try setAside(out, reasons: out.map { reasons[$0].joined(separator: "; ") })
        } else {
            keep(reasons.indices.filter { reasons[$0].isEmpty })
        }
    }
}
