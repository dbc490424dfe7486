import CanonicalJSON
import ContentStore
import TableTypes

extension LockFile {
    /// Reads a lock as far as it is one: what a conflict, a torn write or a
    /// hand has made of it is absent, and the next run writes it anew.
    ///
    /// Only the layout that `text` writes is read, line by line; a block with
    /// any other line in it is left out whole.
    ///
    /// - Returns: Nil when it was written by a newer version.
    public init?(text: String) {
        self.init()
        var name: String?
        var draft = Draft()
        var isRead = false
        func finish(_ blocks: inout [String: Block]) {
            if let name, let block = draft.block { blocks[name] = block }
        }
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) where line.first != UInt8(ascii: "#") {
            let line = Substring(line)
            if line.hasPrefix("lock: ") {
                guard let format = Int(line.dropFirst(6)) else { continue }
                if format > Self.format { return nil }
                isRead = format == Self.format
                continue
            }
            guard isRead else { continue }
            let indent = line.utf8.prefix { $0 == UInt8(ascii: " ") }.count
            let (key, value) = Self.entry(Substring(line.utf8.dropFirst(indent)))
            if indent == 2, value == nil, let key {
                finish(&blocks)
                // Two sides of a conflict both name it: neither counts.
                if blocks[key] != nil || name == key {
                    blocks[key] = nil
                    draft = Draft(isBroken: true)
                } else {
                    draft = Draft()
                }
                name = key
            } else if indent == 0 {
                // A conflict marker ends the block it stands in.
                if !line.hasPrefix("stages:") { draft.isBroken = true }
            } else {
                draft.take(indent: indent, key, value)
            }
        }
        finish(&blocks)
    }

    private struct Draft {
        var isBroken = false
        var key: Digest?
        var recipe: Digest?
        var outputs: [String: Output] = [:]
        var schema: TableSchema?
        var port: String?
        var output: (digest: Digest?, size: Int64?, facts: [String: JSONValue], schema: TableSchema?) =
            (nil, nil, [:], nil)

        init(isBroken: Bool = false) { self.isBroken = isBroken }

        mutating func take(indent: Int, _ key: String?, _ value: Substring?) {
            guard let key else {
                isBroken = true
                return
            }
            switch (indent, key) {
            case (4, "key"): self.key = value.flatMap { Digest(hex: $0) }
            case (4, "recipe"): recipe = value.flatMap { Digest(hex: $0) }
            case (4, "schema"): schema = Self.schema(value)
            case (4, "outputs") where value == nil: break
            case (6, _) where value == nil:
                finishOutput()
                port = key
            case (8, "sha256") where port != nil: output.digest = value.flatMap { Digest(hex: $0) }
            case (8, "size") where port != nil: output.size = value.flatMap { Int64($0) }
            case (8, "schema") where port != nil: output.schema = Self.schema(value)
            case (8, _) where port != nil:
                let fact = key.hasPrefix(LockFile.prefix) ? String(key.dropFirst(LockFile.prefix.count)) : key
                output.facts[fact] = value.flatMap { try? JSONValue(parsing: String($0)) }
            default: isBroken = true
            }
        }

        private static func schema(_ text: Substring?) -> TableSchema? {
            text.flatMap { try? JSONValue(parsing: String($0)) }.flatMap { try? TableSchema($0) }
        }

        private mutating func finishOutput() {
            guard let port else { return }
            guard let digest = output.digest, let size = output.size else {
                isBroken = true
                return
            }
            outputs[port] = Output(digest: digest, size: size, facts: output.facts, schema: output.schema)
            output = (nil, nil, [:], nil)
        }

        var block: Block? {
            var whole = self
            whole.finishOutput()
            guard !whole.isBroken, let key, let recipe else { return nil }
            return Block(key: key, recipe: recipe, outputs: whole.outputs, schema: schema)
        }
    }

    /// A key, in quotes where it needs them, and what stands behind `: `.
    private static func entry(_ text: Substring) -> (key: String?, value: Substring?) {
        if text.hasPrefix("\"") {
            var end = text.index(after: text.startIndex)
            while end < text.endIndex, text[end] != "\"" {
                if text[end] == "\\" { end = text.index(after: end) }
                if end < text.endIndex { end = text.index(after: end) }
            }
            guard end < text.endIndex, let name = try? JSONValue(parsing: String(text[...end])).string else {
                return (nil, nil)
            }
            return (name, value(text[text.index(after: end)...]))
        }
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return (nil, nil) }
        return (String(text[..<colon]), value(text[colon...]))
    }

    private static func value(_ rest: Substring) -> Substring? {
        rest.utf8.starts(with: ": ".utf8) ? Substring(rest.utf8.dropFirst(2)) : nil
    }
}
