import Diagnostics
import Executor
import PipelineLanguage
import Planner

/// Which stages a command is about, by name or glob (`model@*`).
public struct Selection: Sendable {
    /// `run STAGE...`: these and all they need.
    public var wanted: [String] = []
    /// `--only`: these alone; what they need must be there.
    public var only: [String] = []
    /// `--from`: these and all that depends on them; what they need must be there.
    public var from: [String] = []
    /// `--force`: run whatever the cache holds.
    public var forced: [String] = []

    public init() {}

    public var isEverything: Bool { wanted.isEmpty && only.isEmpty && from.isEmpty && forced.isEmpty }

    /// Turns names into numbers.
    ///
    /// - Throws: `DiagnosticError` with every name that no stage has.
    public func apply(to options: inout RunOptions, of loaded: LoadedPipeline) throws {
        var findings = Diagnostics()
        let plan = loaded.plan
        options.forced = Set(numbers(forced, loaded, &findings))
        let only = numbers(only, loaded, &findings)
        let from = numbers(from, loaded, &findings)
        let wanted = numbers(wanted, loaded, &findings)
        if findings.hasErrors { throw DiagnosticError(findings) }
        if !only.isEmpty || !from.isEmpty {
            let mayRun = Set(only).union(plan.dependents(of: from))
            options.mayRun = mayRun
            options.selected = Set(plan.closure(of: mayRun.sorted()))
        } else if !wanted.isEmpty {
            options.selected = Set(plan.closure(of: wanted + options.forced.sorted()))
        }
    }

    private func numbers(
        _ names: [String], _ loaded: LoadedPipeline, _ findings: inout Diagnostics
    ) -> [Int] {
        names.flatMap { name -> [Int] in
            let found = loaded.numbers(of: name)
            if found.isEmpty {
                findings.add(
                    ProjectFinding.unknownStage(name, known: loaded.plan.stages.map(\.stage.name)), at: nil)
            }
            return found
        }
    }
}

extension LoadedPipeline {
    /// The stages a word names: one, all members of a matrix by its bare name,
    /// or what a glob matches.
    public func numbers(of word: String) -> [Int] {
        if let number = plan.index(of: word) { return [number] }
        return plan.stages.indices.filter { number in
            let name = plan.stages[number].stage.name
            return name.hasPrefix(word + "@") || Glob.matches(word, name)
        }
    }

    /// One stage by its name.
    ///
    /// - Throws: `DiagnosticError` when there is none, or several members.
    public func number(of word: String) throws -> Int {
        let found = numbers(of: word)
        if found.count == 1 { return found[0] }
        let known = found.isEmpty ? plan.stages.map(\.stage.name) : found.map { plan.stages[$0].stage.name }
        throw DiagnosticError(ProjectFinding.unknownStage(word, known: known))
    }

    /// The stages that `--refresh` lets look for newer data outside the project.
    ///
    /// - Parameter word: Names stages; nil is all that take data from there, which may be none.
    /// - Throws: `DiagnosticError` for stages that are not there, and for those
    ///   that have nothing to look for.
    public func stagesToRefresh(_ word: String?) throws -> Set<Int> {
        guard let word else { return Set(plan.stages.indices.filter { plan.stages[$0].kind?.fetch != nil }) }
        let found = numbers(of: word)
        guard !found.isEmpty else {
            throw DiagnosticError(ProjectFinding.unknownStage(word, known: plan.stages.map(\.stage.name)))
        }
        var findings = Diagnostics()
        for planned in found.map({ plan.stages[$0] }) where planned.kind?.fetch == nil {
            findings.add(
                ProjectFinding.nothingToRefresh(stage: planned.stage.name), at: planned.stage.range)
        }
        if findings.hasErrors { throw DiagnosticError(findings) }
        return Set(found)
    }
}
