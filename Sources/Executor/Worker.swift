import CanonicalJSON
import Glibc
import PipelineLanguage
import Platform
import Processes

/// The inside of `sluice worker`: runs the jobs of one document and reports on
/// descriptor 3, a JSON object a line. A crash here is a failed stage, never a
/// failed run.
public enum Worker {
    /// - Parameters:
    ///   - kinds: Finds a kind by name, converters included.
    ///   - path: Of the document.
    /// - Returns: The exit code.
    public static func run(_ path: String, kinds: (String) -> StageKind?) -> Int32 {
        guard let bytes = try? Files.read(path), let json = try? JSONValue(parsing: bytes),
            let document = WorkerDocument(json)
        else {
            tell(["error": ["message": "the worker was given no document it can read"]])
            return 2
        }
        for job in document.jobs {
            guard let kind = kinds(job.kind) else {
                tell(["error": ["message": .string("the worker knows no kind '\(job.kind)'")]])
                return 2
            }
            let secrets = secrets(of: kind, job)
            let tellEvent: @Sendable (StageRun.Event) -> Void = { event in
                switch event {
                case .fact(let port, let name, let value):
                    tell([
                        "fact": ["port": .string(job.port ?? port), "name": .string(name), "value": value]
                    ])
                case .progress(let fraction, let detail):
                    tell(["progress": [.number(fraction), .string(secrets.masked(detail))]])
                case .log(let line): print(line)
                }
            }
            do {
                if let fetch = job.fetch {
                    try self.fetch(fetch, of: kind, job, secrets, tell: tellEvent)
                } else {
                    try kind.run(
                        StageRun(
                            parameters: job.parameters, schema: job.schema, seed: job.seed,
                            threads: job.threads, memory: job.memory, inputs: job.inputs,
                            outputs: job.outputs,
                            tell: tellEvent))
                }
            } catch let error as StageError {
                var json: JSONValue = ["message": .string(secrets.masked(error.message))]
                json["notes"] = .array(
                    error.notes.map { [.string(secrets.masked($0.label)), .string(secrets.masked($0.text))] })
                json["fix"] = error.fix.map { .string(secrets.masked($0)) }
                if let misfit = error.misfit {
                    json["misfit"] = ["fix": .string(misfit.fix)]
                    json["misfit"]?["column"] = misfit.column.map(JSONValue.string)
                }
                json["port"] = job.port.map(JSONValue.string)
                tell(["error": json])
                return 1
            } catch {
                tell(["error": ["message": .string(secrets.masked("\(error)"))]])
                return 1
            }
        }
        return 0
    }

    private static func fetch(
        _ attempt: WorkerDocument.Job.Fetch, of kind: StageKind, _ job: WorkerDocument.Job,
        _ secrets: SecretMask, tell tellEvent: @escaping @Sendable (StageRun.Event) -> Void
    ) throws {
        guard let fetch = kind.fetch, let output = job.outputs[Fetch.port] else {
            throw StageError("the worker was asked to fetch, and \(kind.name) fetches nothing")
        }
        let result = try fetch.run(
            FetchRun(
                parameters: job.parameters, environment: ProcessEnvironment.own,
                previous: attempt.previous.map { .init(path: $0.path, validator: $0.validator) },
                output: output, partial: attempt.partial, threads: job.threads, tell: tellEvent))
        switch result {
        case .unchanged where attempt.previous == nil:
            throw StageError("\(kind.name) says that nothing is new, and nothing is old")
        case .unchanged: tell(["unchanged": true])
        case .fetched(let validator):
            // It goes into the lock, which is committed.
            let text = validator.canonicalText
            guard secrets.masked(text) == text else {
                throw StageError("what would be pinned of the source holds a secret, and was not pinned")
            }
            tell(["fetched": validator])
        }
    }

    /// What of its credentials a server may send back in a message, and nobody is to see.
    private static func secrets(of kind: StageKind, _ job: WorkerDocument.Job) -> SecretMask {
        guard job.fetch != nil, let fetch = kind.fetch else { return SecretMask([]) }
        return SecretMask(StageExecution.secrets(fetch.secrets(job.parameters, ProcessEnvironment.own)))
    }

    private static func tell(_ json: JSONValue) {
        try? Files.writeAll(json.canonicalBytes + [UInt8(ascii: "\n")], to: 3, path: "the runner")
    }
}

/// What a worker reported, as the runner reads it.
struct WorkerReport {
    enum Line {
        case fact(port: String, name: String, JSONValue)
        case progress(Double, String)
        /// Of a conversion, the stage's port it was for.
        case error(StageError, port: String?)
        case fetched(FetchResult)
    }

    /// - Returns: Nil for anything a worker does not write.
    static func line(_ bytes: [UInt8]) -> Line? {
        guard let json = try? JSONValue(parsing: bytes) else { return nil }
        if let fact = json["fact"], let port = fact["port"]?.string, let name = fact["name"]?.string,
            let value = fact["value"]
        {
            return .fact(port: port, name: name, value)
        }
        if let progress = json["progress"]?.array, progress.count == 2, let fraction = progress[0].number {
            return .progress(fraction, progress[1].string ?? "")
        }
        if json["unchanged"] != nil { return .fetched(.unchanged) }
        if let validator = json["fetched"] { return .fetched(.fetched(validator: validator)) }
        if let error = json["error"], let message = error["message"]?.string {
            let notes = (error["notes"]?.array ?? []).compactMap { note -> (label: String, text: String)? in
                guard let pair = note.strings, pair.count == 2 else { return nil }
                return (pair[0], pair[1])
            }
            let misfit = error["misfit"]?["fix"]?.string.map { fix in
                StageError.Misfit(column: error["misfit"]?["column"]?.string, fix: fix)
            }
            return .error(
                StageError(message, notes: notes, fix: error["fix"]?.string, misfit: misfit),
                port: error["port"]?.string)
        }
        return nil
    }
}
