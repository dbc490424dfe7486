import DataFrames
import Estimators
import PipelineLanguage
import TableTypes

/// `clean.table` at work: the rows pass once for each thing that is to be learned of all of them, with the columns that
/// are needed for it, and once more to be written.
struct Cleaning {
    private let run: StageRun
    private var steps: [any CleanStep]

    init(_ run: StageRun, _ steps: CleanSteps) {
        self.run = run
        self.steps = steps.list
    }

    private func budget(_ share: Double) -> MemoryBudget {
        MemoryBudget(run, "which rows came before is held in memory", share: share)
    }

    // MARK: Learning

    /// - Throws: `StageLibraryFinding`, `StageError`.
    mutating func learn() throws {
        var reader = try run.reader("in")
        var shape = CleanedRows(try reader.empty(), first: 0)
        let scope = LearningScope(
            rows: reader.rows, memory: run.memory, learners: steps.reduce(0) { $0 + $1.unlearned.count })
        for place in steps.indices {
            if steps[place].unlearned.isEmpty {
                _ = try steps[place].learner(shape, scope, run)
            } else {
                try learn(from: place, shape, scope)
            }
            try steps[place].apply(to: &shape, nil)
        }
    }

    /// This step, and those behind it that need other columns: none of them changes what another learns,
    /// or leaves rows out that another would not learn from.
    private mutating func learn(
        from place: Int, _ shape: CleanedRows, _ scope: LearningScope
    ) throws {
        var columns: [String] = []
        var end = place
        while end < steps.count {
            let more = steps[end].unlearned
            guard !more.isEmpty, Set(more).isDisjoint(with: columns),
                end == place || more.allSatisfy({ shape.frame[$0] != nil })
            else { break }
            columns += more
            end += 1
            if steps[end - 1].leavesRowsOut { break }
        }
        var learners: [(place: Int, learner: any CleanLearner)] = []
        for step in place..<end {
            if let learner = try steps[step].learner(shape, scope, run) {
                learners.append((step, learner))
            }
        }
        while !learners.isEmpty {
            try pass(columns, before: place) { rows in
                for (_, learner) in learners { try learner.take(rows) }
            }
            var unfinished: [(place: Int, learner: any CleanLearner)] = []
            for (step, learner) in learners {
                if let learned = try learner.endPass() {
                    steps[step] = learned
                } else {
                    unfinished.append((step, learner))
                }
            }
            learners = unfinished
        }
    }

    /// Lets all rows pass with some columns, as the steps before one of them make them.
    private func pass(
        _ columns: [String], before place: Int, _ body: (CleanedRows) throws -> Void
    ) throws {
        var needed: Set<String>? = Set(columns)
        for step in steps[..<place] {
            if let looked = step.columns { needed?.formUnion(looked) } else { needed = nil }
        }
        var reader = try run.reader("in")
        if let needed { reader = try run.reader("in", columns: reader.type.names.filter(needed.contains)) }
        let budget = budget(0.625)
        try reader.eachBatch { frame, first in
            var rows = CleanedRows(frame, first: first)
            for step in steps[..<place] { try step.apply(to: &rows, nil) }
            try body(rows)
            try budget.check(rows: first + frame.count)
        }
        for step in steps[..<place] { step.endPass() }
    }

    // MARK: Writing

    /// Writes all outputs.
    ///
    /// - Throws: `StageLibraryFinding`, `StageError`.
    /// - Precondition: `learn` has been called.
    func write() throws {
        var reader = try run.reader("in")
        let table = TableWriter(run, "table", roles: reader.roles)
        let quarantine = TableWriter(run, "quarantine", roles: reader.roles)
        let budget = budget(0.875)
        let logs = ChangeLogs(steps.count, path: "\(run.output("changes"))-log")
        try reader.eachBatch { frame, first in
            var rows = CleanedRows(frame, first: first)
            for (place, step) in steps.enumerated() {
                try step.apply(to: &rows, logs[place])
                try logs.shorten()
            }
            try table.append(rows.frame)
            try quarantine.append(rows.quarantine)
            try budget.check(rows: first + frame.count)
        }
        try table.finish()
        try quarantine.finish()
        let changes = TableWriter(run, "changes")
        try changes.append(ChangeLog.empty)
        try logs.write(to: changes)
        try changes.finish()
    }
}
