import CanonicalJSON
import DataFrames
import Estimators
import TableTypes

/// One thing that is done to rows, some of them at a time. What is to be learned of all rows is learned before.
enum CleanStep {
    case duplicates(DistinctRows)
    /// Rows without a value in one of the columns are left out.
    case drop([String])
    case fill(ImputeStep, column: String, Filling?)
    /// Of each column its fences; a column may have none.
    case outliers(CleanSteps.OutlierRule, columns: [String], fences: [Outliers?]?)

    enum Filling {
        /// Nothing is missing in any row.
        case nothing(asNumber: Bool)
        case value(Imputing)
    }

    /// In the order they are done, each with the changes it makes in the order they are told.
    static func list(_ steps: CleanSteps) -> [CleanStep] {
        var list: [CleanStep] = steps.dropsDuplicates ? [.duplicates(DistinctRows())] : []
        for step in steps.missing {
            switch step {
            case .drop(let columns): list.append(.drop(columns))
            case .fill(let step, let columns): list += columns.map { .fill(step, column: $0, nil) }
            }
        }
        guard let rule = steps.outliers else { return list }
        switch rule.action {
        case .clip, .null: list += rule.columns.map { .outliers(rule, columns: [$0], fences: nil) }
        case .drop, .quarantine: list.append(.outliers(rule, columns: rule.columns, fences: nil))
        }
        return list
    }

    // MARK: Learning

    /// The columns whose rows are needed before any row can be treated.
    var unlearned: [String] {
        switch self {
        case .fill(let step, let column, nil) where step.strategy != .constant: [column]
        case .outliers(_, let columns, nil): columns
        case .duplicates, .drop, .fill, .outliers: []
        }
    }

    /// Those that are looked at; nil is all.
    var columns: [String]? {
        switch self {
        case .duplicates(let rows): rows.areKnown ? [] : nil
        case .drop(let columns), .outliers(_, let columns, _): columns
        case .fill(_, let column, _): [column]
        }
    }

    /// What learns of all rows, as the steps before have made them; nil for a step that knows all it has to.
    ///
    /// - Parameters:
    ///   - shape: The columns, without rows or with some.
    /// - Throws: Where the step cannot take a column.
    mutating func learner(
        _ shape: CleanedRows, _ scope: LearningScope
    ) throws(StageLibraryFinding) -> (any CleanLearner)? {
        switch self {
        case .duplicates, .drop, .fill(_, _, .some), .outliers(_, _, .some): return nil
        case .fill(let step, let name, nil):
            let column = Column(name, try shape.column(name).type)
            let asNumber = try step.outputs(of: [column])[0].type != column.type
            switch step.learning([column], scope) {
            case .known(let known):
                self = .fill(step, column: name, .value(known))
                return nil
            case .rows(let learner): return MissingLearner(step, name, learner, asNumber: asNumber)
            }
        case .outliers(let rule, let columns, nil):
            for name in columns {
                let column = try shape.column(name)
                guard column.type.isNumeric else { throw CleanTable.misfit(Column(name, column.type)) }
            }
            return FencesLearner(rule, columns, scope)
        }
    }

    static func isNull(_ column: DataColumn, _ row: Int) -> Bool {
        if case .float64(let values) = column.storage, values[row].isNaN { return true }
        return !column.isValid(row)
    }

    // MARK: Rows

    /// - Parameter changes: What is done is told; nil where it was or will be.
    /// - Precondition: What is to be learned has been.
    func apply(to rows: inout CleanedRows, _ changes: ChangeLog?) throws {
        switch self {
        case .duplicates(let distinct):
            let kept = try distinct.firsts(rows)
            if let changes {
                let isKept = Set(kept)
                for row in 0..<rows.frame.count where !isKept.contains(row) {
                    changes.append(rows.numbers[row], rule: "duplicates: drop")
                }
            }
            rows.keep(kept)
        case .drop(let names): try drop(names, &rows, changes)
        case .fill(let step, let name, let filling):
            let before = try rows.column(name)
            let after = Self.filled(before, filling)
            if let changes {
                let text = CellText(column: after)
                for row in 0..<before.count where Self.isNull(before, row) {
                    let number = rows.numbers[row]
                    changes.append(
                        number, column: name, after: try text.text(row, number: number - 1),
                        rule: "missing: \(step.strategy.rawValue)")
                }
            }
            rows.replace(after)
        case .outliers(let rule, let columns, let fences):
            try treat(rule, zip(columns, fences ?? []).map { ($0, $1) }, &rows, changes)
        }
    }

    private func drop(_ names: [String], _ rows: inout CleanedRows, _ changes: ChangeLog?) throws {
        let columns = try names.map { try rows.column($0) }
        var kept: [Int] = []
        for row in 0..<rows.frame.count {
            if let column = columns.first(where: { Self.isNull($0, row) }) {
                changes?.append(rows.numbers[row], rule: "missing: drop, no value in '\(column.name)'")
            } else {
                kept.append(row)
            }
        }
        rows.keep(kept)
    }

    private static func filled(_ column: DataColumn, _ filling: Filling?) -> DataColumn {
        switch filling {
        case .value(let value): value.filled(column)
        case .nothing(asNumber: true):
            DataColumn(column.name, .number, .float64(column.numbers ?? []))
        case .nothing(asNumber: false), nil: column
        }
    }
}
