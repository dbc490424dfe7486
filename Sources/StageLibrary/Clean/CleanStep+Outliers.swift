import DataFrames
import Estimators

extension CleanStep {
    func treat(
        _ rule: CleanSteps.OutlierRule, _ fences: [(name: String, fence: Outliers?)],
        _ rows: inout CleanedRows, _ changes: ChangeLog?
    ) throws {
        let name = "outliers: iqr, \(rule.action.rawValue)"
        switch rule.action {
        case .clip, .null:
            for case (let place, let fence?) in fences {
                let column = try rows.column(place)
                let after =
                    rule.action == .clip ? Self.clipped(column, fence) : Self.nulled(column, fence)
                if let changes {
                    let (old, new) = (CellText(column: column), CellText(column: after))
                    for (row, isOut) in fence.flags(column.numbers ?? []).enumerated() where isOut {
                        changes.append(
                            rows.numbers[row], column: column.name, before: try old.text(row),
                            after: try new.text(row), rule: name)
                    }
                }
                rows.replace(after)
            }
        case .drop, .quarantine:
            var reasons = [[String]](repeating: [], count: rows.frame.count)
            for case (let place, let fence?) in fences {
                let column = try rows.column(place)
                let text = CellText(column: column)
                for (row, isOut) in fence.flags(column.numbers ?? []).enumerated() where isOut {
                    reasons[row].append(
                        "\(column.name) \(try text.text(row) ?? "") lies outside [\(fence.lower), \(fence.upper)]"
                    )
                }
            }
            let out = reasons.indices.filter { !reasons[$0].isEmpty }
            for row in out { changes?.append(rows.numbers[row], rule: name) }
            if rule.action == .quarantine {
                try rows.setAside(out, reasons: out.map { reasons[$0].joined(separator: "; ") })
            } else {
                rows.keep(reasons.indices.filter { reasons[$0].isEmpty })
            }
        }
    }

    private static func clipped(_ column: DataColumn, _ fence: Outliers) -> DataColumn {
        let storage: ColumnStorage
        switch column.storage {
        case .int64(let values):
            // Outward, so that a value never crosses the fence.
            let low = Int64(exactly: fence.lower.rounded(.down)) ?? .min
            let high = Int64(exactly: fence.upper.rounded(.up)) ?? .max
            storage = .int64(values.map { min(max($0, low), high) })
        case .float64(let values):
            storage = .float64(
                values.map { $0 < fence.lower ? fence.lower : $0 > fence.upper ? fence.upper : $0 })
        case .boolean, .utf8, .binary, .dictionary, .date32, .timestamp: storage = column.storage
        }
        return DataColumn(column.name, column.type, storage, validity: column.validity)
    }

    private static func nulled(_ column: DataColumn, _ fence: Outliers) -> DataColumn {
        let isOut = fence.flags(column.numbers ?? [])
        return DataColumn(
            column.name, column.type, column.storage,
            validity: ValidityBitmap(isOut.indices.lazy.map { column.isValid($0) && !isOut[$0] }))
    }
}
