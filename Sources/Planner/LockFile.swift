import CanonicalJSON
import ContentStore
import TableTypes

/// What a run left behind for review: beside `STEM.yaml`, `STEM.lock` holds a
/// block a stage with its key, its recipe and the digests of its outputs.
///
/// No times, hosts or paths of a machine, one fact a line and blocks in sorted
/// order, so that two branches that change unrelated stages merge cleanly.
public struct LockFile: Equatable, Sendable {
    /// Raised when the layout changes. An older file is read as if empty, so
    /// the next run writes it anew; a newer one is an error.
    public static let format = 1

    public struct Output: Equatable, Sendable {
        public var digest: Digest
        public var size: Int64
        /// Scalars worth reviewing, such as `rows`.
        public var facts: [String: JSONValue]
        /// Of a command's table, where the pipeline declares none.
        public var schema: TableSchema?

        public init(
            digest: Digest, size: Int64, facts: [String: JSONValue] = [:], schema: TableSchema? = nil
        ) {
            self.digest = digest
            self.size = size
            self.facts = facts
            self.schema = schema
        }
    }

    public struct Block: Equatable, Sendable {
        public var key: Digest
        /// The key with upstream recipes in place of upstream digests, and without
        /// what only says on which machine a command ran (`Action.onAnyMachine`).
        public var recipe: Digest
        public var outputs: Outputs
        /// Of raw data, where the pipeline declares none: pinned when first read.
        public var schema: TableSchema?
        /// Of a kind that fetches.
        public var snapshot: Snapshot?

        public init(
            key: Digest, recipe: Digest, outputs: Outputs, schema: TableSchema? = nil,
            snapshot: Snapshot? = nil
        ) {
            self.key = key
            self.recipe = recipe
            self.outputs = outputs
            self.schema = schema
            self.snapshot = snapshot
        }
    }

    /// What a fetch brought from outside the project.
    public struct Snapshot: Hashable, Sendable {
        /// See `ExternalSource.identity`.
        public var source: Digest
        public var digest: Digest
        /// What the source itself says of that state: an etag, a watermark.
        public var validator: JSONValue

        public init(source: Digest, digest: Digest, validator: JSONValue) {
            self.source = source
            self.digest = digest
            self.validator = validator
        }
    }

    public var blocks: [String: Block]

    public init(_ blocks: [String: Block] = [:]) { self.blocks = blocks }

    /// The file. Equal locks give equal bytes.
    public var bytes: [UInt8] {
        var file = LockText(reserving: 512 + 320 * blocks.count)
        file.line(0, "# Written by 'sluice run'. Review it, commit it, let the next run edit it.")
        file.line(0, "lock", "\(Self.format)")
        file.line(0, blocks.isEmpty ? "stages: {}" : "stages:")
        // Names are in NFC, in which Swift orders texts by their UTF-8 bytes.
        for (name, block) in blocks.sorted(by: { $0.key < $1.key }) {
            file.heading(2, name)
            file.line(4, "key", block.key)
            file.line(4, "recipe", block.recipe)
            if let schema = block.schema { file.line(4, "schema", schema.json.canonicalText) }
            if let snapshot = block.snapshot {
                file.line(4, "source", snapshot.source)
                file.line(4, "snapshot", snapshot.digest)
                file.line(4, "validator", snapshot.validator.canonicalText)
            }
            if !block.outputs.isEmpty { file.line(4, "outputs:") }
            for entry in block.outputs.entries {
                let output = entry.output
                file.heading(6, entry.port)
                file.line(8, "sha256", output.digest)
                file.line(8, "size", "\(output.size)")
                if let schema = output.schema { file.line(8, "schema", schema.json.canonicalText) }
                for (fact, value) in output.facts.sorted(by: { $0.key < $1.key }) {
                    file.line(8, LockText.scalar(Self.written(fact)), value.canonicalText)
                }
            }
        }
        return file.bytes
    }

    /// A metric may be called like what the lock itself says of an output, and
    /// then has a prefix there.
    private static func written(_ fact: String) -> String {
        ["sha256", "size", "schema"].contains(fact) || fact.hasPrefix(prefix) ? prefix + fact : fact
    }

    static let prefix = "metric."
}

/// The lines of a lock.
private struct LockText {
    private(set) var bytes: [UInt8] = []

    init(reserving capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func line(_ indent: Int, _ text: String) {
        for _ in 0..<indent { bytes.append(UInt8(ascii: " ")) }
        bytes.append(contentsOf: text.utf8)
        bytes.append(UInt8(ascii: "\n"))
    }

    mutating func line(_ indent: Int, _ key: String, _ value: String) {
        line(indent, key) { $0.append(contentsOf: value.utf8) }
    }

    private mutating func line(_ indent: Int, _ key: String, _ value: (inout [UInt8]) -> Void) {
        for _ in 0..<indent { bytes.append(UInt8(ascii: " ")) }
        bytes.append(contentsOf: key.utf8)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(UInt8(ascii: " "))
        value(&bytes)
        bytes.append(UInt8(ascii: "\n"))
    }

    mutating func line(_ indent: Int, _ key: String, _ digest: Digest) {
        line(indent, key) { digest.appendHex(to: &$0) }
    }

    mutating func heading(_ indent: Int, _ name: String) { line(indent, Self.scalar(name) + ":") }

    /// Plain where every YAML reader takes it for this text, else in quotes
    /// (a JSON string is a YAML double-quoted scalar).
    static func scalar(_ text: String) -> String {
        let plain = text.utf8.allSatisfy {
            ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x41 && $0 <= 0x5A) || ($0 >= 0x30 && $0 <= 0x39)
                || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
        }
        // Words that mean something have five letters at most.
        let isWord =
            text.utf8.count <= 5
            && ["true", "false", "null", "True", "False", "Null", "TRUE", "FALSE", "NULL"].contains(text)
        // Of the plain bytes, those above "9" but "_" are letters.
        let startsWithLetter =
            text.utf8.first.map { $0 > UInt8(ascii: "9") && $0 != UInt8(ascii: "_") } ?? false
        return plain && !isWord && startsWithLetter ? text : JSONValue.string(text).canonicalText
    }
}
