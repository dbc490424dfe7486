import CanonicalJSON
import ContentStore
import Platform
import TableTypes

extension LockFile {
    /// Reads a lock as far as it is one: what a conflict, a torn write or a
    /// hand has made of it is absent, and the next run writes it anew.
    ///
    /// Only the layout that `bytes` writes is read, line by line; a block with
    /// any other line in it is left out whole.
    ///
    /// - Returns: Nil when it was written by a newer version.
    public init?(bytes: [UInt8]) {
        var reader = LockReader()
        let isKnown = bytes.withUnsafeBufferPointer { text in
            var rest = text
            while !rest.isEmpty {
                let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.count
                // A checkout may have given its lines the ends of another system.
                let line = end > 0 && rest[end - 1] == UInt8(ascii: "\r") ? rest[..<(end - 1)] : rest[..<end]
                guard reader.take(UnsafeBufferPointer(rebasing: line)) else { return false }
                rest = UnsafeBufferPointer(rebasing: rest[min(end + 1, rest.count)...])
            }
            return true
        }
        guard isKnown else { return nil }
        self.init(reader.finished())
    }
}

/// A part of the file's bytes, good while they are read.
private typealias Text = UnsafeBufferPointer<UInt8>

/// Puts a lock together from its lines.
private struct LockReader {
    private var blocks: [String: LockFile.Block] = [:]
    /// Of blocks that could not be read too.
    private var names: Set<String> = []
    private var name: String?
    private var draft = BlockDraft()
    /// Whether the format is ours.
    private var isRead = false

    /// - Returns: False when a newer version wrote the file.
    mutating func take(_ line: Text) -> Bool {
        guard let first = line.first, first != UInt8(ascii: "#") else { return true }
        let indent = line.prefix { $0 == UInt8(ascii: " ") }.count
        let entry = Entry(Text(rebasing: line[indent...]))
        if indent == 0, entry?.key == "lock" {
            guard let format = entry?.value.flatMap({ Int(String(decoding: $0, as: UTF8.self)) }) else {
                return true
            }
            isRead = format == LockFile.format
            return format <= LockFile.format
        }
        guard isRead else { return true }
        if indent == 2, let entry, entry.value == nil {
            begin(entry.key)
        } else if indent == 0 {
            // A conflict marker ends the block it stands in.
            if entry?.key != "stages" { draft.isBroken = true }
        } else {
            draft.take(indent: indent, entry)
        }
        return true
    }

    mutating func finished() -> [String: LockFile.Block] {
        if let name, let block = draft.block { blocks[name] = block }
        return blocks
    }

    private mutating func begin(_ key: String) {
        blocks = finished()
        // The sides of a conflict all name it: none of them counts.
        let isTwice = !names.insert(key).inserted
        if isTwice { blocks[key] = nil }
        draft = BlockDraft(isBroken: isTwice)
        name = key
    }
}

/// One line: a key, in quotes where it needs them, and what stands behind `: `.
private struct Entry {
    let key: String
    let value: Text?

    /// - Returns: Nil for a line that is no entry.
    init?(_ text: Text) {
        var end: Int
        if text.first == UInt8(ascii: "\"") {
            end = 1
            while end < text.count, text[end] != UInt8(ascii: "\"") {
                end += text[end] == UInt8(ascii: "\\") ? 2 : 1
            }
            end += 1
            guard end < text.count, let key = (try? JSONValue(parsing: Array(text[..<end])))?.string else {
                return nil
            }
            self.key = key
        } else {
            guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            end = colon
            key = String(decoding: text[..<end], as: UTF8.self)
        }
        guard text[end] == UInt8(ascii: ":") else { return nil }
        let hasValue = end + 1 < text.count && text[end + 1] == UInt8(ascii: " ")
        value = hasValue ? Text(rebasing: text[(end + 2)...]) : nil
    }
}

/// A block whose lines are still coming.
private struct BlockDraft {
    var isBroken = false
    private var key: Digest?
    private var recipe: Digest?
    private var outputs: LockFile.Outputs = [:]
    private var schema: TableSchema?
    private var source: Digest?
    private var snapshot: Digest?
    private var validator: JSONValue?
    private var port: String?
    private var output = OutputDraft()

    private struct OutputDraft {
        var digest: Digest?
        var size: Int64?
        var facts: [String: JSONValue] = [:]
        var schema: TableSchema?
    }

    init(isBroken: Bool = false) { self.isBroken = isBroken }

    mutating func take(indent: Int, _ entry: Entry?) {
        guard let entry else {
            isBroken = true
            return
        }
        switch (indent, entry.key) {
        case (4, "key"): Self.set(&key, entry.value.flatMap { Digest(hexDigits: $0) }, &isBroken)
        case (4, "recipe"): Self.set(&recipe, entry.value.flatMap { Digest(hexDigits: $0) }, &isBroken)
        case (4, "source"): Self.set(&source, entry.value.flatMap { Digest(hexDigits: $0) }, &isBroken)
        case (4, "snapshot"): Self.set(&snapshot, entry.value.flatMap { Digest(hexDigits: $0) }, &isBroken)
        case (4, "validator"): Self.set(&validator, Self.json(entry.value), &isBroken)
        case (4, "schema"): Self.set(&schema, Self.schema(entry.value), &isBroken)
        case (4, "outputs") where entry.value == nil: break
        case (6, _) where entry.value == nil:
            finishOutput()
            port = entry.key
        case (8, "sha256") where port != nil:
            Self.set(&output.digest, entry.value.flatMap { Digest(hexDigits: $0) }, &isBroken)
        case (8, "size") where port != nil:
            Self.set(
                &output.size, entry.value.flatMap { Int64(String(decoding: $0, as: UTF8.self)) }, &isBroken)
        case (8, "schema") where port != nil: Self.set(&output.schema, Self.schema(entry.value), &isBroken)
        case (8, let key) where port != nil:
            let fact = key.hasPrefix(LockFile.prefix) ? key.dropping(bytes: LockFile.prefix.utf8.count) : key
            Self.set(&output.facts[fact], Self.json(entry.value), &isBroken)
        default: isBroken = true
        }
    }

    /// A value that cannot be read, or comes twice, breaks the block.
    private static func set<Value>(_ place: inout Value?, _ value: Value?, _ isBroken: inout Bool) {
        if place != nil || value == nil { isBroken = true }
        place = value
    }

    private static func json(_ text: Text?) -> JSONValue? {
        text.flatMap { try? JSONValue(parsing: Array($0)) }
    }

    private static func schema(_ text: Text?) -> TableSchema? {
        json(text).flatMap { try? TableSchema($0) }
    }

    private mutating func finishOutput() {
        guard let port else { return }
        guard let digest = output.digest, let size = output.size else {
            isBroken = true
            return
        }
        if outputs[port] != nil { isBroken = true }
        outputs[port] = LockFile.Output(
            digest: digest, size: size, facts: output.facts, schema: output.schema)
        output = OutputDraft()
    }

    /// Nil for what is not whole.
    var block: LockFile.Block? {
        var whole = self
        whole.finishOutput()
        guard !whole.isBroken, let key, let recipe else { return nil }
        var block = LockFile.Block(key: key, recipe: recipe, outputs: whole.outputs, schema: schema)
        switch (source, snapshot, validator) {
        case (let source?, let digest?, let validator?):
            block.snapshot = LockFile.Snapshot(source: source, digest: digest, validator: validator)
        case (nil, nil, nil): break
        default: return nil
        }
        return block
    }
}
