import CanonicalJSON
import Glibc
import PipelineLanguage
import Platform
import Synchronization
import Testing

/// A kind that fetches, run by itself: one fetch after another into a folder of its own, and then the stage.
struct FetchHarness {
    let harness: KindHarness
    let folder: String
    private let count = Counter()

    private final class Counter: Sendable { let value = Mutex(0) }

    init(_ name: String) throws {
        harness = try KindHarness(name)
        folder = try scratchFolder()
    }

    struct Fetched {
        /// Nil when nothing was new.
        var validator: JSONValue?
        /// Where the snapshot is.
        var path: String
        var logs: [String]
        var progress: [String]
        /// As the next fetch is given it.
        var previous: FetchRun.Previous { FetchRun.Previous(path: path, validator: validator ?? .null) }
    }

    /// - Parameter environment: All that there is.
    func fetch(
        _ parameters: JSONValue, _ environment: [String: String] = [:], previous: FetchRun.Previous? = nil
    ) throws -> Fetched {
        let number = count.value.withLock { value -> Int in
            value += 1
            return value
        }
        let path = "\(folder)/snapshot-\(number)"
        let events = Mutex<[StageRun.Event]>([])
        var values = parameters
        for parameter in harness.kind.parameters where values[parameter.name] == nil {
            if let value = parameter.defaultValue { values[parameter.name] = value }
        }
        let result = try #require(harness.kind.fetch).run(
            FetchRun(
                parameters: values, environment: environment, previous: previous, output: path,
                partial: "\(folder)/partial", threads: 2
            ) { event in events.withLock { $0.append(event) } })
        var fetched = Fetched(validator: nil, path: previous?.path ?? path, logs: [], progress: [])
        if case .fetched(let validator) = result {
            fetched.validator = validator
            fetched.path = path
        }
        for event in events.withLock({ $0 }) {
            if case .log(let line) = event { fetched.logs.append(line) }
            if case .progress(_, let text) = event { fetched.progress.append(text) }
        }
        return fetched
    }

    /// The stage behind a fetch.
    func run(_ fetched: Fetched) throws -> Outcome {
        try harness.run(paths: [Fetch.port: fetched.path])
    }

    /// The error a fetch ends with, as a person reads it.
    func failure(_ parameters: JSONValue, _ environment: [String: String] = [:]) -> String {
        let error = #expect(throws: StageError.self) { _ = try fetch(parameters, environment) }
        guard let error else { return "" }
        return
            ([error.message] + error.notes.map { "\($0.label): \($0.text)" }
            + (error.fix.map { ["fix: \($0)"] } ?? [])).joined(separator: "\n")
    }
}
