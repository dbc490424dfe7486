import ContentStore
import Executor
import PipelineLanguage
import Planner
import Platform

/// The key each stage had before its present one, so that `why` can tell the
/// reason of a run that is over. Belongs to the checkout; losing it loses
/// explanations only.
///
/// A line a stage: `KEY BEFORE NAME`, the second word `-` where nothing was
/// before; the last of a stage counts. A line of another form says nothing.
struct RunMemory {
    private struct Entry {
        var key: Digest
        var before: Digest?
    }

    private let path: String
    private var stages: [String: Entry] = [:]
    /// What the file does not say yet.
    private var changed: [String] = []
    private var lines = 0

    init(_ loaded: LoadedPipeline) {
        path =
            "\(loaded.project.workspace.local)/memory/\(Digest.of(Array(loaded.lockPath.utf8)).hex.prefix(32))"
        let bytes = (try? Files.read(path)) ?? []
        bytes.withUnsafeBufferPointer { text in
            for line in text.split(separator: UInt8(ascii: "\n")) {
                take(UnsafeBufferPointer(rebasing: line))
            }
        }
    }

    private mutating func take(_ line: UnsafeBufferPointer<UInt8>) {
        let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2).map(UnsafeBufferPointer.init)
        guard words.count == 3, let key = Digest(hexDigits: words[0]) else { return }
        lines += 1
        stages[String(decoding: words[2], as: UTF8.self)] = Entry(
            key: key, before: Digest(hexDigits: words[1]))
    }

    /// The key before `key`, if the memory knows that one.
    func key(before key: Digest, of stage: String) -> Digest? {
        stages[stage].flatMap { $0.key == key ? $0.before : nil }
    }

    mutating func note(_ key: Digest, of stage: String, locked: Digest?) {
        let before = stages[stage]?.key ?? locked
        guard before != key else { return }
        stages[stage] = Entry(key: key, before: before)
        changed.append(stage)
    }

    func save() throws(SystemError) {
        if changed.isEmpty { return }
        if lines + changed.count <= 2 * stages.count, lines > 0 {
            return try Files.append(text(of: changed.sorted()), to: path)
        }
        try Files.makeDirectories(String(path[..<path.lastIndex(of: "/")!]))
        try Files.replace(path, with: text(of: stages.keys.sorted()))
    }

    private func text(of names: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        for name in names {
            guard let entry = stages[name] else { continue }
            // On a line of its own, even behind one that was cut short.
            bytes += "\n\(entry.key.hex) \(entry.before?.hex ?? "-") \(name)\n".utf8
        }
        return bytes
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
