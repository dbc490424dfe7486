import DataFrames
import Estimators
import PipelineLanguage
import TableTypes

/// `missing`, strategy: drop: rows without a value in one of the columns are left out.
struct DropStep: CleanStep {
    let names: [String]
    let path: [String]

    var columns: [String]? { names }
    var leavesRowsOut: Bool { true }

    func check(_ check: inout CleanCheck) {
        for name in names {
            check.change(name, at: path + ["columns", name]) { column throws(StageLibraryFinding) in
                column.isNullable = false
            }
        }
    }

    func apply(to rows: inout CleanedRows, _ changes: ChangeLog?) throws {
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
}

/// `missing`: one value for all that are missing in a column, as `features.fit` fills, but learned from all rows.
struct FillStep: CleanStep {
    let step: ImputeStep
    let column: String
    let path: [String]
    private(set) var filling: Filling?

    enum Filling {
        /// Nothing is missing in any row.
        case nothing(asNumber: Bool)
        case value(Imputing)
    }

    init(_ step: ImputeStep, _ column: String, path: [String]) {
        self.step = step
        self.column = column
        self.path = path
    }

    var unlearned: [String] { filling == nil && step.strategy != .constant ? [column] : [] }
    var columns: [String]? { [column] }

    func check(_ check: inout CleanCheck) {
        check.change(column, at: path + ["columns", column]) { column throws(StageLibraryFinding) in
            column = try step.outputs(of: [column])[0]
        }
    }

    mutating func learner(
        _ shape: CleanedRows, _ scope: LearningScope, _ run: StageRun
    ) throws -> (any CleanLearner)? {
        guard filling == nil else { return nil }
        let column = Column(column, try shape.column(column).type)
        let asNumber = try step.outputs(of: [column])[0].type != column.type
        switch step.learning([column], scope) {
        case .known(let known):
            filling = .value(known)
            return nil
        case .rows(let learner): return Learner(self, learner, asNumber: asNumber)
        }
    }

    private final class Learner: CleanLearner {
        private var step: FillStep
        private let learner: any FeatureLearner<Imputing>
        private let asNumber: Bool
        private var isMissing = false

        init(_ step: FillStep, _ learner: any FeatureLearner<Imputing>, asNumber: Bool) {
            self.step = step
            self.learner = learner
            self.asNumber = asNumber
        }

        func take(_ rows: CleanedRows) throws {
            let column = try rows.column(step.column)
            isMissing = isMissing || (0..<column.count).contains { FillStep.isNull(column, $0) }
            try learner.take([column])
        }

        func endPass() throws -> (any CleanStep)? {
            if isMissing {
                guard let learned = try learner.endPass() else { return nil }
                step.filling = .value(learned)
            } else {
                step.filling = .nothing(asNumber: asNumber)
            }
            return step
        }
    }

    func apply(to rows: inout CleanedRows, _ changes: ChangeLog?) throws {
        let before = try rows.column(column)
        try rows.fill(before, with: filled(before), changes, rule: "missing: \(step.strategy.rawValue)")
    }

    private func filled(_ column: DataColumn) -> DataColumn {
        switch filling {
        case .value(let value): value.filled(column)
        case .nothing(asNumber: true):
            DataColumn(column.name, .number, .float64(column.numbers ?? []))
        case .nothing(asNumber: false), nil: column
        }
    }
}

extension CleanedRows {
    /// Puts a column in the place of one whose nulls it fills, as far as it does.
    mutating func fill(
        _ before: DataColumn, with after: DataColumn, _ changes: ChangeLog?, rule: String
    ) throws {
        if let changes {
            let text = CellText(column: after)
            for row in 0..<before.count
            where FillStep.isNull(before, row) && !FillStep.isNull(after, row) {
                let number = numbers[row]
                changes.append(
                    number, column: before.name, after: try text.text(row, number: number - 1), rule: rule)
            }
        }
        replace(after)
    }
}
