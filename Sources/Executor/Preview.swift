import CanonicalJSON
import ContentStore
import Diagnostics
import PipelineLanguage
import Planner

/// What a run would do with a stage.
public enum Forecast: Sendable {
    case hit(ActionRecord)
    case run
    /// Something upstream runs first; its outputs may come out the same.
    case maybe(upstream: Int)
    /// What is wrong before it could start.
    case broken([Diagnostic])
    case unselected
}

/// A run as it would be, stage by stage.
public struct Preview: Sendable {
    public var forecasts: [Forecast]
    /// Documents of the actions whose inputs are all there, by stage.
    public var actions: [Int: Action]

    public var isFresh: Bool {
        forecasts.allSatisfy { forecast in
            switch forecast {
            case .hit, .unselected: true
            case .run, .maybe, .broken: false
            }
        }
    }
}

extension PipelineRun {
    /// Looks up what a run would find, and runs nothing.
    ///
    /// - Precondition: `run` was not called, and is not called afterwards.
    public func preview() -> Preview {
        var preview = Preview(
            forecasts: Array(repeating: .unselected, count: plan.stages.count), actions: [:])
        for number in plan.topological where options.selected?.contains(number) != false {
            preview.forecasts[number] = forecast(number, &preview)
        }
        try? sources.save()
        return preview
    }

    private func forecast(_ number: Int, _ preview: inout Preview) -> Forecast {
        for input in plan.stages[number].inputs {
            guard case .output(let stage, _) = input.origin else { continue }
            switch preview.forecasts[stage] {
            case .hit: break
            case .run, .broken, .unselected: return .maybe(upstream: stage)
            case .maybe(let first): return .maybe(upstream: first)
            }
        }
        do {
            let prepared = try prepare(number)
            preview.actions[number] = prepared.action
            guard let found = try lookUp(prepared, number) else { return .run }
            preview.actions[number] = found.action
            summary.records[number] = found.record
            return .hit(found.record)
        } catch is NotFetched {
            return .run
        } catch {
            return .broken(diagnostics(error, number))
        }
    }

    /// The action of a stage if everything upstream came out as the lock says;
    /// nil where the lock does not know all of it.
    public func actionAsLocked(_ number: Int) -> Action? {
        for upstream in plan.closure(of: [number]) where upstream != number {
            guard summary.records[upstream] == nil else { continue }
            guard let locked = tools.locked[upstream] else { return nil }
            summary.records[upstream] = locked
        }
        return try? prepare(number).action
    }

    /// The document of an action done before, from whichever run recorded it.
    public func document(of key: Digest) -> JSONValue? {
        index.document(of: key).flatMap { try? JSONValue(parsing: $0) }
    }
}
