import CanonicalJSON
import ContentStore
import Diagnostics
import Executor
import PipelineLanguage
import Planner

/// Why a stage is a hit or would run: what is not as it was, and which stage
/// upstream brought it.
public struct Explanation: Sendable {
    public enum Verdict: Sendable {
        case hit
        case run
        case maybe(upstream: String)
        case broken(String)
    }

    public enum Reason: Sendable {
        /// Nothing is known of an earlier run.
        case neverRan
        /// The key was recorded, but outputs are gone from the store.
        case outputsMissing
        case neverCached
        /// The change, and the stage or source that brought it, if not the
        /// stage's own text.
        case changed(ActionDifference.Change, from: String?)
        /// It is in the lock, but this machine never saw what went into it.
        case unknownBefore(key: String)
    }

    public let stage: String
    public let verdict: Verdict
    public let key: Digest?
    /// Of a miss: why. Of a hit: what was different when it last ran.
    public let reasons: [Reason]
    /// For what upstream brought, that stage's own reasons, nearest first.
    public let causes: [Explanation]
}

extension LoadedPipeline {
    /// Explains a stage by what a run would do now.
    ///
    /// - Parameter run: Fresh: neither run nor previewed.
    public func explain(_ number: Int, with run: PipelineRun) -> Explanation {
        let preview = run.preview()
        let memory = RunMemory(self)
        var seen: Set<Int> = []
        return explain(number, preview, run, memory, &seen)
    }

    private func explain(
        _ number: Int, _ preview: Preview, _ run: PipelineRun, _ memory: RunMemory, _ seen: inout Set<Int>
    ) -> Explanation {
        seen.insert(number)
        let planned = plan.stages[number]
        let name = planned.stage.name
        let verdict: Explanation.Verdict =
            switch preview.forecasts[number] {
            case .hit: .hit
            case .run, .unselected: .run
            case .maybe(let upstream): .maybe(upstream: plan.stages[upstream].stage.name)
            case .broken(let problems): .broken(problems.first?.message ?? "")
            }
        let action = preview.actions[number] ?? run.actionAsLocked(number)
        let reasons = action.map { self.reasons(number, $0, verdict, run, memory) } ?? []
        var causes: [Explanation] = []
        let upstream = planned.inputs.compactMap { input -> Int? in
            if case .output(let stage, _) = input.origin { stage } else { nil }
        }
        for stage in Set(upstream).sorted() where !seen.contains(stage) {
            let brought = reasons.contains { reason in
                if case .changed(_, let from) = reason {
                    from == plan.stages[stage].stage.name
                } else {
                    false
                }
            }
            if brought || isPending(preview.forecasts[stage]) {
                causes.append(explain(stage, preview, run, memory, &seen))
            }
        }
        return Explanation(stage: name, verdict: verdict, key: action?.key, reasons: reasons, causes: causes)
    }

    private func isPending(_ forecast: Forecast) -> Bool {
        switch forecast {
        case .run, .maybe, .broken: true
        case .hit, .unselected: false
        }
    }

    private func reasons(
        _ number: Int, _ action: Action, _ verdict: Explanation.Verdict, _ run: PipelineRun,
        _ memory: RunMemory
    ) -> [Explanation.Reason] {
        let planned = plan.stages[number]
        let name = planned.stage.name
        let key = action.key
        var before = lock.blocks[name]?.key
        if before == nil || before == key { before = memory.key(before: key, of: name) ?? before }
        if case .run = verdict, !planned.stage.isCached { return [.neverCached] }
        guard let before else {
            if case .hit = verdict { return [] }
            return [.neverRan]
        }
        if before == key {
            if case .run = verdict { return [.outputsMissing] }
            return []
        }
        guard let old = run.document(of: before), let new = try? action.parsedDocument() else {
            return [.unknownBefore(key: before.hex)]
        }
        return ActionDifference(old: old, new: new, kind: planned.kind).changes.map { change in
            .changed(change, from: origin(of: change, number))
        }
    }

    /// The stage or source that goes into the port a change came through.
    private func origin(of change: ActionDifference.Change, _ number: Int) -> String? {
        guard case .input(let port, _, _) = change else { return nil }
        let name = port.prefix { $0 != "/" }
        guard let input = plan.stages[number].inputs.first(where: { $0.port == name }) else { return nil }
        switch input.origin {
        case .source(let source): return plan.sources[source].name
        case .output(let stage, _): return plan.stages[stage].stage.name
        }
    }
}
