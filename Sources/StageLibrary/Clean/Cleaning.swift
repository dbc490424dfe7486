import ArrowIPC
import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import TableTypes

/// A table while it is cleaned. Rows that are left out go at once, so every
/// step sees what those before it have made.
struct Cleaning {
    private(set) var table: ArrowTable
    private(set) var quarantine: ArrowTable
    private(set) var changes = ChangeLog()
    /// Of each row that is left its number in the input, from 1.
    private var numbers: [Int]

    init(_ table: ArrowTable) throws {
        self.table = table
        numbers = Array(1..<table.frame.count + 1)
        quarantine = table
        try setAside([], reasons: [])
    }

    // MARK: Duplicates

    /// - Complexity: O(bytes).
    mutating func dropDuplicates() throws {
        let cells = table.frame.columns.map(CellText.init)
        var seen: Set<[TextKey?]> = []
        var kept: [Int] = []
        for row in 0..<table.frame.count {
            if seen.insert(try cells.map { try $0.text(row).map(TextKey.init) }).inserted {
                kept.append(row)
            } else {
                changes.append(numbers[row], rule: "duplicates: drop")
            }
        }
        keep(kept)
    }

    // MARK: Missing values

    mutating func treat(_ step: CleanSteps.Missing) throws {
        switch step {
        case .drop(let names):
            let columns = try names.map(column)
            var kept: [Int] = []
            for row in 0..<table.frame.count {
                if let column = columns.first(where: { Self.isNull($0, row) }) {
                    changes.append(numbers[row], rule: "missing: drop, no value in '\(column.name)'")
                } else {
                    kept.append(row)
                }
            }
            keep(kept)
        case .fill(let step):
            for name in step.columns {
                let before = try column(name)
                let after = try Self.filled(before, step)
                let text = CellText(column: after)
                for row in 0..<before.count where Self.isNull(before, row) {
                    changes.append(
                        numbers[row], column: name, after: try text.text(row),
                        rule: "missing: \(step.strategyName)")
                }
                try replace(after)
            }
        }
    }

    /// Nothing need be learned where nothing is missing.
    private static func filled(_ column: DataColumn, _ step: FeatureStep) throws -> DataColumn {
        if !(0..<column.count).contains(where: { isNull(column, $0) }) {
            guard try step.outputType(of: column.name, column.type) == .number, column.type != .number else {
                return column
            }
            return DataColumn(column.name, .number, .float64(column.numbers ?? []))
        }
        var fitted = FittedColumn(name: column.name, type: column.type)
        return try fitted.fit(step, on: column) ?? column
    }

    private static func isNull(_ column: DataColumn, _ row: Int) -> Bool {
        if case .float64(let values) = column.storage, values[row].isNaN { return true }
        return !column.isValid(row)
    }

    // MARK: Outliers

    mutating func treat(_ rule: CleanSteps.OutlierRule) throws {
        let fences = try rule.columns.map { name -> (column: DataColumn, fence: Outliers?) in
            let column = try column(name)
            guard let numbers = column.numbers, column.type.isNumeric else {
                throw CleanTable.misfit(Column(name, column.type))
            }
            return (column, Outliers(iqrOf: numbers, factor: rule.factor))
        }
        let name = "outliers: iqr"
        switch rule.action {
        case .clip, .null:
            for case (let column, let fence?) in fences {
                let after =
                    rule.action == .clip ? Self.clipped(column, fence) : Self.nulled(column, fence)
                let (old, new) = (CellText(column: column), CellText(column: after))
                for (row, isOut) in fence.flags(column.numbers ?? []).enumerated() where isOut {
                    changes.append(
                        numbers[row], column: column.name, before: try old.text(row),
                        after: try new.text(row), rule: "\(name), \(rule.action.rawValue)")
                }
                try replace(after)
            }
        case .drop, .quarantine:
            var reasons = [[String]](repeating: [], count: table.frame.count)
            for case (let column, let fence?) in fences {
                let text = CellText(column: column)
                for (row, isOut) in fence.flags(column.numbers ?? []).enumerated() where isOut {
                    reasons[row].append(
                        "\(column.name) \(try text.text(row) ?? "") lies outside [\(fence.lower), \(fence.upper)]"
                    )
                }
            }
            let out = reasons.indices.filter { !reasons[$0].isEmpty }
            for row in out { changes.append(numbers[row], rule: "\(name), \(rule.action.rawValue)") }
            if rule.action == .quarantine {
                try setAside(out, reasons: out.map { reasons[$0].joined(separator: "; ") })
            } else {
                try setAside([], reasons: [])
            }
            keep(reasons.indices.filter { reasons[$0].isEmpty })
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

    // MARK: The table

    private func column(_ name: String) throws -> DataColumn {
        guard let column = table.frame[name] else {
            throw StageLibraryFinding.unknownColumn(name, known: table.frame.names)
        }
        return column
    }

    private mutating func keep(_ rows: [Int]) {
        guard rows.count < table.frame.count else { return }
        table = table.gather(rows)
        numbers = rows.map { numbers[$0] }
    }

    private mutating func replace(_ column: DataColumn) throws {
        table.frame = try DataFrame(table.frame.columns.map { $0.name == column.name ? column : $0 })
        if quarantine.frame.count == 0 { try setAside([], reasons: []) }
    }

    /// Makes the quarantine of rows of the table as it is now. A table that has
    /// a column `reason` of its own can have no row in quarantine.
    private mutating func setAside(_ rows: [Int], reasons: [String]) throws {
        let taken = table.frame.gather(rows)
        guard table.frame[CleanTable.reason] == nil else {
            if !rows.isEmpty { throw StageLibraryFinding.duplicateOutput(CleanTable.reason) }
            quarantine = ArrowTable(frame: taken, roles: table.roles)
            return
        }
        let column = DataColumn(CleanTable.reason, .text, .utf8(StringStorage(reasons)))
        quarantine = ArrowTable(frame: try DataFrame(taken.columns + [column]), roles: table.roles)
    }
}

/// What was done to a table, in the order it was done.
struct ChangeLog {
    private var rows: [Int64] = []
    private var columns: [String?] = []
    private var before: [String?] = []
    private var after: [String?] = []
    private var rules: [String] = []

    /// A value, or without a column a row that was left out.
    mutating func append(
        _ row: Int, column: String? = nil, before old: String? = nil, after new: String? = nil, rule: String
    ) {
        rows.append(Int64(row))
        columns.append(column)
        before.append(old)
        after.append(new)
        rules.append(rule)
    }

    var table: ArrowTable {
        get throws {
            func texts(_ name: String, _ values: [String?]) -> DataColumn {
                DataColumn(
                    name, .text, .utf8(StringStorage(values.lazy.map { $0 ?? "" })),
                    validity: ValidityBitmap(values.lazy.map { $0 != nil }))
            }
            return ArrowTable(
                frame: try DataFrame([
                    DataColumn("row", .integer, .int64(rows)), texts("column", columns),
                    texts("before", before), texts("after", after), texts("rule", rules),
                ]))
        }
    }
}
