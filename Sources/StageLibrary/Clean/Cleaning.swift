import DataFrames
import PipelineLanguage
import TableTypes

/// `clean.table` at work: the rows pass once for each thing that is to be learned of all of them, with the columns that
/// are needed for it, and once more to be written.
struct Cleaning {
    private let run: StageRun
    private var steps: [CleanStep]

    init(_ run: StageRun, _ steps: CleanSteps) {
        self.run = run
        self.steps = CleanStep.list(steps)
    }

    private func budget(_ share: Double) -> MemoryBudget {
        MemoryBudget(
            run, "columns that something is learned of, and which rows came before, are held in memory",
            share: share)
    }

    // MARK: Learning

    /// - Throws: `StageLibraryFinding`, `StageError`.
    mutating func learn() throws {
        var reader = try run.reader("in")
        var shape = CleanedRows(try reader.empty(), first: 0)
        for place in steps.indices {
            if !steps[place].unlearned.isEmpty {
                try learn(from: place, shape)
            } else {
                try steps[place].learn(shape)
            }
            try steps[place].apply(to: &shape, nil)
        }
    }

    /// This step, and those behind it that need other columns: none of them changes what another learns.
    private mutating func learn(from place: Int, _ shape: CleanedRows) throws {
        var columns: [String] = []
        var end = place
        while end < steps.count {
            let more = steps[end].unlearned
            guard !more.isEmpty, Set(more).isDisjoint(with: columns),
                end == place || more.allSatisfy({ shape.frame[$0] != nil })
            else { break }
            columns += more
            end += 1
        }
        for name in columns { _ = try shape.column(name) }
        let all = CleanedRows(try rows(of: columns, before: place), first: 0)
        for step in place..<end { try steps[step].learn(all) }
    }

    /// All rows of some columns, as the steps before one of them make them.
    private func rows(of columns: [String], before place: Int) throws -> DataFrame {
        var needed: Set<String>? = Set(columns)
        for step in steps[..<place] {
            if let looked = step.columns { needed?.formUnion(looked) } else { needed = nil }
        }
        var reader = try run.reader("in")
        if let needed { reader = try run.reader("in", columns: reader.type.names.filter(needed.contains)) }
        var all = DataFrameBuilder()
        // What is learned of a column is sorted.
        let budget = budget(0.625)
        try reader.eachBatch { frame, first in
            var rows = CleanedRows(frame, first: first)
            for step in steps[..<place] { try step.apply(to: &rows, nil) }
            let chosen = DataFrame(checked: try columns.map { try rows.column($0) })
            all.append(chosen, 0..<chosen.count)
            try budget.check(rows: first + frame.count)
        }
        endPass()
        return all.take()
    }

    private func endPass() {
        for case .duplicates(let rows) in steps { rows.end() }
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
