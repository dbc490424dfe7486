import ContentStore
import Diagnostics
import Glibc
import PipelineLanguage
import Planner
import Processes
import TableTypes

/// What went wrong, as findings with a place.
extension PipelineRun {

    func finding(_ finding: ExecutionFinding, _ number: Int) -> Diagnostic {
        finding.at(plan.stages[number].stage.range)
    }

    func diagnostics(_ error: any Error, _ number: Int) -> [Diagnostic] {
        switch error {
        case let error as DiagnosticError: error.diagnostics.all
        case let error as SourceChanged: [finding(.sourceChanged(path: error.path, isRetried: false), number)]
        case let error as NotFetched: [finding(.notFetched(stage: error.source.stage), number)]
        case let error as StoreFinding:
            {
                // What gave it runs again next time, since the blob is not there.
                if case .damagedBlob(let hex) = error, let digest = Digest(hex: hex) {
                    try? store.drop(digest)
                }
                return [error.at(plan.stages[number].stage.range)]
            }()
        default: [finding(.system("\(error)"), number)]
        }
    }

    /// Nil when the process ended well, or as it was told to.
    func failure(of execution: StageExecution, _ outcome: ProcessOutcome) -> DiagnosticError? {
        let stage = execution.planned.stage
        let tail = StageLog.tail(execution.log)
        let problem: ExecutionFinding
        switch outcome.ending {
        case .exited(0), .cancelled: return nil
        case .exited(let code):
            if let error = execution.error {
                problem = .stageError(
                    stage: stage.name, message: error.message,
                    notes: error.notes.map { .init($0.label, $0.text) }, fix: fix(of: error, execution))
            } else {
                problem = .exited(
                    stage: stage.name, code: Int(code), tail: tail,
                    undeclared: UndeclaredReads(of: execution, in: self))
            }
        case .signalled(let signal):
            problem = .signalled(stage: stage.name, signal: Int(signal), tail: tail)
        case .timedOut: problem = .timedOut(stage: stage.name, seconds: stage.timeout ?? 0, tail: tail)
        case .outOfMemory(let used):
            problem = .outOfMemory(
                stage: stage.name, used: used, limit: stage.resources.memory ?? 0, tail: tail)
        case .couldNotStart(let number):
            problem = .couldNotStart(
                stage: stage.name, program: outcome.obstacle ?? "", reason: String(cString: strerror(number)))
        }
        return DiagnosticError(problem, at: stage.range)
    }

    /// A schema that was inferred is corrected by inferring it anew, unless
    /// that gives nothing else.
    private func fix(of error: StageError, _ execution: StageExecution) -> String? {
        guard let misfit = error.misfit else { return error.fix }
        let planned = execution.planned
        if let kind = planned.kind {
            guard case .pinned(let schema) = planned.schema else { return error.fix }
            if let column = misfit.column, let input = planned.inputToInferFrom,
                let path = try? path(of: input),
                let anew = try? kind.inferSchema?(path, kind.forRun(execution.parameters)),
                anew.fields.first(where: { $0.name == column })
                    == schema.fields.first(where: { $0.name == column })
            {
                return misfit.fix
                    + ", or declare a schema: the first 10,000 rows, which it is inferred from, do not show this"
            }
        } else if planned.outputs.first(where: { $0.port == execution.errorPort })?.schema != nil {
            return error.fix
        }
        return misfit.fix + ", or let the schema be inferred anew: sluice run --infer \(planned.stage.name)"
    }
}
