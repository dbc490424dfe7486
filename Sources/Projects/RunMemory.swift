import CanonicalJSON
import ContentStore
import Executor
import PipelineLanguage
import Planner
import Platform

/// The key each stage had before its present one, so that `why` can tell the
/// reason of a run that is over. Belongs to the checkout; losing it loses
/// explanations only.
struct RunMemory {
    private let path: String
    private var stages: [String: JSONValue]

    init(_ loaded: LoadedPipeline) {
        path =
            "\(loaded.project.workspace.local)/memory/\(Digest.of(Array(loaded.lockPath.utf8)).hex.prefix(32))"
        stages = (try? JSONValue(parsing: (try? Files.read(path)) ?? []))?.object ?? [:]
    }

    /// The key before `key`, if the memory knows that one.
    func key(before key: Digest, of stage: String) -> Digest? {
        guard let entry = stages[stage], entry["key"]?.string == key.hex else { return nil }
        return entry["before"]?.string.flatMap { Digest(hex: $0) }
    }

    mutating func note(_ key: Digest, of stage: String, locked: Digest?) {
        let before = stages[stage]?["key"]?.string.flatMap { Digest(hex: $0) } ?? locked
        guard before != key else { return }
        var entry: JSONValue = ["key": .string(key.hex)]
        if let before { entry["before"] = .string(before.hex) }
        stages[stage] = entry
    }

    func save() throws(SystemError) {
        try Files.makeDirectories(String(path[..<path.lastIndex(of: "/")!]))
        try Files.replace(path, with: JSONValue.object(stages).canonicalBytes)
    }
}

extension LoadedPipeline {
    /// Notes what ran, for `why`.
    public func remember(_ summary: RunSummary) {
        guard summary.ran > 0 || summary.records.contains(where: { isNew($0.key, $0.value) }) else { return }
        var memory = RunMemory(self)
        for (number, record) in summary.records {
            let name = plan.stages[number].stage.name
            memory.note(record.key, of: name, locked: lock.blocks[name]?.key)
        }
        try? memory.save()
    }

    private func isNew(_ number: Int, _ record: ActionRecord) -> Bool {
        lock.blocks[plan.stages[number].stage.name]?.key != record.key
    }
}
