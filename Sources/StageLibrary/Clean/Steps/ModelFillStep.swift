import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import TableTypes

/// `missing`, strategy: knn or iterative: what is missing is told by the row's other columns.
struct ModelFillStep: CleanStep {
    enum Model: Sendable {
        case neighbors(Int, NeighborImputer.Weights)
        case iterative(rounds: Int)

        var name: String {
            switch self {
            case .neighbors: "knn"
            case .iterative: "iterative"
            }
        }

        /// What the estimator takes, as often as the values.
        var copies: Int {
            switch self {
            case .neighbors: 4
            case .iterative: 8
            }
        }
    }

    static let neighbors = 5
    static let rounds = 10

    let model: Model
    let names: [String]
    let path: [String]
    private var filled: Filled?

    /// Rows that lacked something, each with all its columns.
    private struct Filled {
        /// Of a row's number in the table, where it stands among them.
        var places: [Int: Int] = [:]
        var values: [Double] = []
    }

    /// - Parameter entry: Of `missing`.
    /// - Returns: Nil for another strategy.
    init?(_ entry: JSONValue, _ names: [String], path: [String]) {
        switch entry["strategy"]?.string {
        case "knn":
            guard let weights = entry.word("weights", or: NeighborImputer.Weights.uniform) else { return nil }
            model = .neighbors(entry["k"]?.integer.map { Int($0) } ?? Self.neighbors, weights)
        case "iterative":
            model = .iterative(rounds: entry["rounds"]?.integer.map { Int($0) } ?? Self.rounds)
        default: return nil
        }
        self.names = names
        self.path = path
    }

    private var operation: String { "impute by \(model.name)" }
    private static let takes: [ColumnType] = [.integer, .number]

    var unlearned: [String] { filled == nil ? names : [] }
    var columns: [String]? { names }

    func check(_ check: inout CleanCheck) {
        check.require(names, Self.takes, operation, at: path)
        for name in names {
            check.change(name, at: path) { column throws(StageLibraryFinding) in
                if Self.takes.contains(column.type) { column.type = .number }
                column.isNullable = false
            }
        }
    }

    func learner(
        _ shape: CleanedRows, _ scope: LearningScope, _ run: StageRun
    ) throws -> (any CleanLearner)? {
        guard filled == nil else { return nil }
        for name in names {
            try CleanCheck.require(Column(name, try shape.column(name).type), Self.takes, operation)
        }
        return Learner(
            self,
            try HeldRows(
                names, scope, copies: model.copies, run, operation,
                advice: "fill with the median, which holds no rows"), threads: run.threads)
    }

    private final class Learner: CleanLearner {
        private var step: ModelFillStep
        private var rows: HeldRows
        private let threads: Int

        init(_ step: ModelFillStep, _ rows: HeldRows, threads: Int) {
            self.step = step
            self.rows = rows
            self.threads = threads
        }

        func take(_ rows: CleanedRows) throws { try self.rows.take(rows) }

        func endPass() throws -> (any CleanStep)? {
            var filled = Filled()
            let count = rows.columns.count
            let lacking = rows.numbers.indices.filter { row in
                (row * count..<(row + 1) * count).contains { rows.values[$0].isNaN }
            }
            if !lacking.isEmpty {
                for (place, name) in rows.columns.enumerated()
                where rows.numbers.indices.allSatisfy({ rows.values[$0 * count + place].isNaN }) {
                    throw StageLibraryFinding.columnWithoutValues(column: name, operation: step.operation)
                }
                let lackingValues = lacking.flatMap { rows.values[$0 * count..<($0 + 1) * count] }
                do throws(EstimatorError) {
                    filled.values = try step.model.filled(
                        lackingValues, of: rows.values, columns: count, threads)
                } catch {
                    throw rows.refused(error, step.operation)
                }
                for (place, row) in lacking.enumerated() { filled.places[rows.numbers[row]] = place }
            }
            step.filled = filled
            return step
        }
    }

    func apply(to rows: inout CleanedRows, _ changes: ChangeLog?) throws {
        let filled = filled ?? Filled()
        for (place, name) in names.enumerated() {
            let before = try rows.column(name)
            var numbers = before.numbers ?? []
            for row in numbers.indices where numbers[row].isNaN {
                guard let own = filled.places[rows.numbers[row]] else { continue }
                numbers[row] = filled.values[own * names.count + place]
            }
            try rows.fill(
                before, with: DataColumn(name, .number, .float64(numbers)), changes,
                rule: "missing: \(model.name)")
        }
    }
}

extension ModelFillStep.Model {
    /// Some of the rows it learns from, complete.
    fileprivate func filled(
        _ some: [Double], of all: [Double], columns: Int, _ threads: Int
    ) throws(EstimatorError) -> [Double] {
        switch self {
        case .neighbors(let count, let weights):
            try NeighborImputer(fitting: all, columns: columns, neighbors: count, weights: weights)(
                some, threads: threads)
        case .iterative(let rounds):
            try IterativeImputer(fitting: all, columns: columns, rounds: rounds)(some)
        }
    }
}
