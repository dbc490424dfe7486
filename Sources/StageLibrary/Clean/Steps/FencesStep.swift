import DataFrames
import Estimators
import PipelineLanguage
import TableTypes

/// `outliers`, method: iqr or z_score: values beyond what the column's own values tell.
struct FencesStep: CleanStep {
    enum Method {
        case iqr(factor: Double)
        case zScore(threshold: Double)

        var name: String {
            switch self {
            case .iqr: "iqr"
            case .zScore: "z_score"
            }
        }

        var operation: String { "outliers by \(name)" }
    }

    static let takes: [ColumnType] = [.integer, .number]

    let method: Method
    let action: CleanAction
    let names: [String]
    let path: [String]
    /// Of each column; a column may have none.
    private var fences: [ValueBounds?]?

    init(_ method: Method, _ action: CleanAction, _ names: [String], path: [String]) {
        self.method = method
        self.action = action
        self.names = names
        self.path = path
    }

    var unlearned: [String] { fences == nil ? names : [] }
    var columns: [String]? { names }
    var leavesRowsOut: Bool { action.isOfRows }

    func check(_ check: inout CleanCheck) {
        check.require(names, Self.takes, method.operation, at: path)
        if action == .null {
            for name in names { check.change(name, at: path) { $0.isNullable = true } }
        }
        if action == .quarantine { check.setAside(at: path) }
    }

    func learner(
        _ shape: CleanedRows, _ scope: LearningScope, _ run: StageRun
    ) throws -> (any CleanLearner)? {
        guard fences == nil else { return nil }
        for name in names {
            try CleanCheck.require(Column(name, try shape.column(name).type), Self.takes, method.operation)
        }
        return Learner(self, try names.map { _ in try FenceLearner(method, scope) })
    }

    private final class Learner: CleanLearner {
        private var step: FencesStep
        private var learners: [FenceLearner]
        private var fences: [ValueBounds??]

        init(_ step: FencesStep, _ learners: [FenceLearner]) {
            self.step = step
            self.learners = learners
            fences = learners.map { _ in nil }
        }

        func take(_ rows: CleanedRows) throws {
            for (place, name) in step.names.enumerated() where fences[place] == nil {
                learners[place].take(try rows.column(name).numbers ?? [])
            }
        }

        func endPass() throws -> (any CleanStep)? {
            for (place, name) in step.names.enumerated() where fences[place] == nil {
                do throws(EstimatorError) {
                    fences[place] = try learners[place].endPass()
                } catch {
                    throw StageLibraryFinding.infiniteColumn(column: name, operation: step.method.operation)
                }
            }
            let known = fences.compactMap { $0 }
            guard known.count == step.names.count else { return nil }
            step.fences = known
            return step
        }
    }

    func apply(to rows: inout CleanedRows, _ changes: ChangeLog?) throws {
        try OutsideValues(action: action, rule: "outliers: \(method.name), \(action.rawValue)").treat(
            zip(names, fences ?? []).map { ($0, $1) }, &rows, changes)
    }
}

/// Learns the fences of one column, none where it has no value.
private struct FenceLearner {
    private var quartiles: OutliersLearner?
    private var deviation: DeviationLearner?

    init(_ method: FencesStep.Method, _ scope: LearningScope) throws {
        switch method {
        case .iqr(let factor): quartiles = OutliersLearner(factor: factor, scope)
        case .zScore(let threshold): deviation = try DeviationLearner(threshold: threshold)
        }
    }

    mutating func take(_ values: [Double]) {
        quartiles?.take(values)
        deviation?.take(values)
    }

    /// - Returns: The fences, nil in it for none; nil if all rows are to pass once more.
    mutating func endPass() throws(EstimatorError) -> ValueBounds?? {
        if let found = quartiles?.endPass() {
            return .some(found.map { ValueBounds(fences: $0.lower, $0.upper) })
        }
        guard let deviation else { return nil }
        guard deviation.count > 0 else { return .some(nil) }
        guard let learned = self.deviation?.endPass() else { return nil }
        let rule = try learned.get()
        return .some(ValueBounds(fences: rule.lower, rule.upper))
    }
}
