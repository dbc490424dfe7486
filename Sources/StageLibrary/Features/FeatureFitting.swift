import DataFrames
import TableTypes

/// `features.fit` at work: rows pass as often as the longest chain of steps needs, with the columns that are learned
/// from; steps that do not wait for each other learn in one pass.
struct FeatureFitting {
    /// Lets all rows of some columns pass, some at a time, and tells how many rows are before them.
    typealias Pass = (_ columns: [String], _ body: (DataFrame, Int) throws -> Void) throws -> Void

    private let table: TableType
    private let target: String?
    /// Values that one step may hold in memory.
    private let holding: Int
    private var tasks: [Task]

    private struct Task {
        let columns: [String]
        let step: any FeatureStep
        /// Names of what comes out.
        var makes: [String] = []
        var state = State.waiting
    }

    private enum State {
        case waiting
        case learning(any FeatureLearner)
        case fitted(any FittedStep)
    }

    /// - Parameter memory: Bytes that may be used; nil is as many as there are.
    /// - Throws: `StageLibraryFinding` for a step that names what is not there or cannot take it.
    init(
        _ steps: [DeclaredStep], _ table: TableType, target: String?, memory: Int64?
    ) throws(StageLibraryFinding) {
        self.table = table
        self.target = target
        // A quarter of the memory for what steps hold, 8 bytes a value.
        let learners = steps.reduce(1) { $0 + $1.groups.count }
        holding = memory.map { max(1 << 12, Int($0) / 4 / 8 / learners) } ?? 1 << 24
        tasks = steps.flatMap { step in step.groups.map { Task(columns: $0, step: step.step) } }
        if let target, table[target] == nil { throw .unknownColumn(target, known: table.names) }
        var types = FeatureTypes(table, target: target)
        for task in tasks { try Self.take(task, &types, table) }
    }

    private static func take(
        _ task: Task, _ types: inout FeatureTypes, _ table: TableType
    ) throws(StageLibraryFinding) {
        for name in task.columns where types.columns([name]) == nil {
            throw .unknownColumn(name, known: table.names)
        }
        _ = try types.take(task.step, task.columns)
    }

    /// Lets rows pass until all is learned.
    ///
    /// - Throws: `StageLibraryFinding`, and what a pass throws.
    mutating func fit(_ pass: Pass) throws -> FittedTransform {
        while true {
            let active = try begin()
            if active.isEmpty { break }
            try learn(active, pass)
        }
        var types = FeatureTypes(table, target: target)
        for task in tasks { try Self.take(task, &types, table) }
        let steps = tasks.map { task -> FittedTransform.Step in
            guard case .fitted(let step) = task.state else { preconditionFailure("a step was left out") }
            return FittedTransform.Step(name: type(of: task.step).name, columns: task.columns, step: step)
        }
        let inputs = types.inputs.map { FeatureShape(name: $0.name, type: $0.type) }
        guard let transform = FittedTransform(inputs: inputs, steps: steps, target: target) else {
            preconditionFailure("a step does not take what it was fitted on")
        }
        var names: Set<String> = []
        for name in transform.outputNames where !names.insert(name).inserted {
            throw StageLibraryFinding.duplicateOutput(name)
        }
        return transform
    }

    /// Of the steps that are not fitted those that wait for none of the others.
    private mutating func begin() throws(StageLibraryFinding) -> [Int] {
        var types = FeatureTypes(table, target: target)
        var unfinished: Set<String> = []
        var active: [Int] = []
        for place in tasks.indices {
            let (step, names) = (tasks[place].step, tasks[place].columns)
            let columns = types.columns(names) ?? []
            tasks[place].makes = try types.take(step, names)
            let isWaiting = !unfinished.isDisjoint(with: names)
            if case .waiting = tasks[place].state, !isWaiting {
                tasks[place].state = Self.state(step, columns, holding)
            }
            if case .fitted = tasks[place].state { continue }
            if !isWaiting { active.append(place) }
            unfinished.formUnion(names + tasks[place].makes)
        }
        return active
    }

    private static func state(_ step: some FeatureStep, _ columns: [Column], _ most: Int) -> State {
        switch step.learning(columns, holding: most) {
        case .known(let fitted): .fitted(fitted)
        case .rows(let learner): .learning(learner)
        }
    }

    private mutating func learn(_ active: [Int], _ pass: Pass) throws {
        var needed = Set(active.flatMap { tasks[$0].columns })
        var before: [(step: any FittedStep, columns: [String])] = []
        for task in tasks.reversed() {
            guard case .fitted(let step) = task.state, !needed.isDisjoint(with: task.makes) else { continue }
            needed.formUnion(task.columns)
            before.insert((step, task.columns), at: 0)
        }
        try pass(table.names.filter(needed.contains)) { frame, first in
            var rows = try FeatureRows(frame, table.names.filter(needed.contains))
            for (step, columns) in before { try rows.apply(step, columns, first: first) }
            for place in active {
                guard case .learning(let learner) = tasks[place].state else { continue }
                try learner.take(rows.columns(tasks[place].columns))
            }
        }
        for place in active {
            guard case .learning(let learner) = tasks[place].state else { continue }
            if let fitted = try Self.end(learner) { tasks[place].state = .fitted(fitted) }
        }
    }

    private static func end(_ learner: some FeatureLearner) throws(StageLibraryFinding) -> (any FittedStep)? {
        try learner.endPass()
    }
}
