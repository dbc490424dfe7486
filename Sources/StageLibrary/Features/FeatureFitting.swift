import DataFrames
import Estimators
import Platform
import Synchronization
import TableTypes

/// `features.fit` at work: rows pass as often as the longest chain of steps needs, with the columns that are learned
/// from; steps that do not wait for each other learn in one pass.
struct FeatureFitting {
    /// Lets all rows of some columns pass, some at a time, and tells how many rows are before them.
    typealias Pass = (_ columns: [String], _ body: (DataFrame, Int) throws -> Void) throws -> Void

    private let table: TableType
    private let target: String?
    private let scope: LearningScope
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

    /// - Parameters:
    ///   - rows: That will pass.
    ///   - memory: Bytes that may be used; nil is as many as there are.
    /// - Throws: `StageLibraryFinding` for a step that names what is not there or cannot take it.
    init(
        _ steps: [DeclaredStep], _ table: TableType, target: String?, rows: Int, memory: Int64?
    ) throws(StageLibraryFinding) {
        self.table = table
        self.target = target
        scope = LearningScope(
            rows: rows, memory: memory, learners: steps.reduce(0) { $0 + $1.groups.count })
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
    mutating func fit(threads: Int, _ pass: Pass) throws -> FittedTransform {
        let pool = WorkerPool(size: threads)
        while true {
            let active = try begin()
            if active.isEmpty { break }
            try learn(active, pass, pool)
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
                tasks[place].state = Self.state(step, columns, scope)
            }
            if case .fitted = tasks[place].state { continue }
            if !isWaiting { active.append(place) }
            unfinished.formUnion(names + tasks[place].makes)
        }
        return active
    }

    private static func state(
        _ step: some FeatureStep, _ columns: [Column], _ scope: LearningScope
    ) -> State {
        switch step.learning(columns, scope) {
        case .known(let fitted): .fitted(fitted)
        case .rows(let learner): .learning(learner)
        }
    }

    /// A step that learns, with what is done to rows before it sees them.
    private struct Lesson {
        let columns: [String]
        let learner: any FeatureLearner
        /// Of the table.
        let needed: [String]
        let before: [(step: any FittedStep, columns: [String])]

        func take(_ frame: DataFrame, first: Int) throws {
            let frame = DataFrame(checked: needed.compactMap { frame[$0] })
            try frame.eachPiece(of: FittedTransform.rowsAtOnce) { piece, start in
                var rows = try FeatureRows(piece, needed)
                for (step, columns) in before { try rows.apply(step, columns, first: first + start) }
                try learner.take(rows.columns(columns))
            }
        }
    }

    private func lesson(_ place: Int, _ learner: any FeatureLearner) -> Lesson {
        var needed = Set(tasks[place].columns)
        var before: [(step: any FittedStep, columns: [String])] = []
        for task in tasks[..<place].reversed() {
            guard case .fitted(let step) = task.state, !needed.isDisjoint(with: task.makes) else { continue }
            needed.formUnion(task.columns)
            before.insert((step, task.columns), at: 0)
        }
        return Lesson(
            columns: tasks[place].columns, learner: learner, needed: table.names.filter(needed.contains),
            before: before)
    }

    /// Lets all rows pass once; each step learns on a thread of its own.
    private mutating func learn(_ active: [Int], _ pass: Pass, _ pool: WorkerPool) throws {
        let lessons = active.compactMap { place -> Lesson? in
            guard case .learning(let learner) = tasks[place].state else { return nil }
            return lesson(place, learner)
        }
        let needed = Set(lessons.flatMap(\.needed))
        try pass(table.names.filter(needed.contains)) { frame, first in
            let faults = Mutex<[Int: any Error]>([:])
            pool.runEach(lessons.count) { number in
                do {
                    try lessons[number].take(frame, first: first)
                } catch {
                    faults.withLock { $0[number] = error }
                }
            }
            // Of the first step that has one, whichever thread was first.
            if let fault = faults.withLock({ $0.min { $0.key < $1.key } }) { throw fault.value }
        }
        for (place, lesson) in zip(active, lessons) {
            if let fitted = try Self.end(lesson.learner) { tasks[place].state = .fitted(fitted) }
        }
    }

    private static func end(_ learner: some FeatureLearner) throws(StageLibraryFinding) -> (any FittedStep)? {
        try learner.endPass()
    }
}
