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
        public var outputs: [String: Output]
        /// Of raw data, where the pipeline declares none: pinned when first read.
        public var schema: TableSchema?

        public init(
            key: Digest, recipe: Digest, outputs: [String: Output], schema: TableSchema? = nil
        ) {
            self.key = key
            self.recipe = recipe
            self.outputs = outputs
            self.schema = schema
        }
    }

    public var blocks: [String: Block]

    public init(_ blocks: [String: Block] = [:]) { self.blocks = blocks }

    /// The file's text. Equal locks give equal bytes.
    public var text: String {
        var text =
            "# Written by 'sluice run'. Review it, commit it, let the next run edit it.\nlock: \(Self.format)\n"
        text += blocks.isEmpty ? "stages: {}\n" : "stages:\n"
        for (name, block) in blocks.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            text += "  \(Self.scalar(name)):\n    key: \(block.key.hex)\n    recipe: \(block.recipe.hex)\n"
            if let schema = block.schema { text += "    schema: \(schema.json.canonicalText)\n" }
            if !block.outputs.isEmpty { text += "    outputs:\n" }
            for (port, output) in block.outputs.sorted(by: { $0.key < $1.key }) {
                text += "      \(Self.scalar(port)):\n        sha256: \(output.digest.hex)\n"
                text += "        size: \(output.size)\n"
                if let schema = output.schema { text += "        schema: \(schema.json.canonicalText)\n" }
                for (fact, value) in output.facts.sorted(by: { $0.key < $1.key }) {
                    text += "        \(Self.scalar(Self.written(fact))): \(value.canonicalText)\n"
                }
            }
        }
        return text
    }

    /// A metric may be called like what the lock itself says of an output, and
    /// then has a prefix there.
    private static func written(_ fact: String) -> String {
        ["sha256", "size", "schema"].contains(fact) || fact.hasPrefix(prefix) ? prefix + fact : fact
    }

    static let prefix = "metric."

    /// Plain where every YAML reader takes it for this text, else in quotes
    /// (a JSON string is a YAML double-quoted scalar).
    private static func scalar(_ text: String) -> String {
        let plain = text.utf8.allSatisfy {
            ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x41 && $0 <= 0x5A) || ($0 >= 0x30 && $0 <= 0x39)
                || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
        }
        let isWord = !["true", "false", "null", "True", "False", "Null", "TRUE", "FALSE", "NULL"].contains(
            text)
        let startsWithLetter = text.first.map { $0.isLetter } ?? false
        return plain && isWord && startsWithLetter ? text : JSONValue.string(text).canonicalText
    }
}
