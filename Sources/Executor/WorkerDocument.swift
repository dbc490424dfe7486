import CanonicalJSON
import PipelineLanguage
import TableTypes

/// What a worker is given: jobs of built-in kinds, each complete in itself.
/// Paths are those of the machine it runs on; nothing else ties it there.
struct WorkerDocument {
    struct Job {
        var kind: String
        var parameters: JSONValue
        var schema: TableSchema?
        var seed: UInt64
        var threads: Int
        /// Bytes the worker may use.
        var memory: Int64?
        var inputs: [StageRun.Artifact]
        var outputs: [String: String]
        /// What its facts are told under; the stage's port for a conversion.
        var port: String?
        /// For a fetch.
        var fetch: Fetch?

        struct Fetch {
            var previous: Previous?
            var partial: String
        }

        struct Previous {
            var path: String
            var validator: JSONValue
        }
    }

    var jobs: [Job]

    var json: JSONValue {
        [
            "jobs": .array(
                jobs.map { job in
                    var json: JSONValue = [
                        "kind": .string(job.kind), "parameters": job.parameters,
                        "seed": .string(String(job.seed)), "threads": .integer(Int64(job.threads)),
                        "inputs": .array(job.inputs.map(Self.json)),
                        "outputs": .object(job.outputs.mapValues(JSONValue.string)),
                    ]
                    if let schema = job.schema { json["schema"] = schema.json }
                    if let memory = job.memory { json["memory"] = .integer(memory) }
                    if let port = job.port { json["port"] = .string(port) }
                    if let fetch = job.fetch { json["fetch"] = Self.json(fetch) }
                    return json
                })
        ]
    }

    private static func json(_ artifact: StageRun.Artifact) -> JSONValue {
        var json: JSONValue = [
            "port": .string(artifact.port), "type": .string("\(artifact.type)"),
            "path": .string(artifact.path), "basename": .string(artifact.basename),
            "name": .string(artifact.name),
        ]
        if let label = artifact.label { json["label"] = .string(label) }
        return json
    }

    private static func json(_ fetch: Job.Fetch) -> JSONValue {
        var json: JSONValue = ["partial": .string(fetch.partial)]
        if let previous = fetch.previous {
            json["previous"] = ["path": .string(previous.path), "validator": previous.validator]
        }
        return json
    }

    init(jobs: [Job]) { self.jobs = jobs }

    /// - Returns: Nil for anything but what `json` gives.
    init?(_ json: JSONValue) {
        guard let elements = json["jobs"]?.array else { return nil }
        jobs = []
        for element in elements {
            guard let kind = element["kind"]?.string, let parameters = element["parameters"],
                let seed = element["seed"]?.string.flatMap({ UInt64($0) }),
                let threads = element["threads"]?.integer, let inputs = element["inputs"]?.array,
                let outputs = element["outputs"]?.object
            else { return nil }
            let artifacts = inputs.compactMap { input -> StageRun.Artifact? in
                guard let port = input["port"]?.string, let path = input["path"]?.string,
                    let basename = input["basename"]?.string,
                    let type = input["type"]?.string.flatMap({ PortType(named: $0) })
                else { return nil }
                return StageRun.Artifact(
                    port: port, type: type, path: path, basename: basename,
                    name: input["name"]?.string, label: input["label"]?.string)
            }
            guard artifacts.count == inputs.count else { return nil }
            jobs.append(
                Job(
                    kind: kind, parameters: parameters,
                    schema: element["schema"].flatMap { try? TableSchema($0) }, seed: seed,
                    threads: Int(threads), memory: element["memory"]?.integer, inputs: artifacts,
                    outputs: outputs.compactMapValues(\.string), port: element["port"]?.string,
                    fetch: element["fetch"].flatMap(Job.Fetch.init)))
        }
    }
}

extension WorkerDocument.Job.Fetch {
    fileprivate init?(_ json: JSONValue) {
        guard let partial = json["partial"]?.string else { return nil }
        self.partial = partial
        guard let path = json["previous"]?["path"]?.string, let validator = json["previous"]?["validator"]
        else {
            return
        }
        previous = WorkerDocument.Job.Previous(path: path, validator: validator)
    }
}

extension PortType {
    fileprivate init?(named name: String) {
        let simple: [PortType] = [.table, .transform, .model, .metrics, .report, .file, .folder]
        guard let type = simple.first(where: { "\($0)" == name }) else { return nil }
        self = type
    }
}
