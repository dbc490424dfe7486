import Diagnostics
import YAMLSyntax

/// Takes a mapping apart key by key, and at the end reports every key nobody
/// asked for. All findings of one file go through one of these.
struct MappingReader {
    /// As messages call the mapping: "a stage", "the pipeline".
    let place: String
    let entries: [Node.Entry]

    /// Words of other tools, and what says the same here.
    static let foreignWords = [
        "needs": "'in' (to use another stage) or 'after' (only to come behind it)",
        "deps": "'in', which names stages and files",
        "depends_on": "'in' (to use another stage) or 'after' (only to come behind it)",
        "input": "'in'", "inputs": "'in'", "output": "'out'", "outputs": "'out'", "outs": "'out'",
        "cmd": "'run'", "command": "'run'", "script": "'run'", "shell_command": "'run'",
        "if": "'when'", "params": "'with' on a stage, or 'params' at the top of the pipeline",
        "foreach": "'matrix'", "metrics": "'out: { NAME: { metrics: PATH } }'", "wdir": "'workdir'",
        "frozen": "'cache'", "always_changed": "'cache: false'", "threads": "'resources: { cpu: N }'",
        "vars": "'params'", "steps": "'stages'", "jobs": "'stages'", "rules": "'stages'",
        "tasks": "'stages'", "rule": "'stages'", "variables": "'params'", "parameters": "'params'",
        "artifacts": "'out' or 'publish' on a stage", "plots": "'publish' of a report on a stage",
        "datasets": "a stage that uses collect.csv", "includes": "'include'", "import": "'include'",
        "imports": "'include'", "environment": "'env'", "variants": "'matrix'", "condition": "'when'",
        "on": "'when' on a stage", "image": "'tools', which puts the version of a program in the key",
    ]

    /// At the top of a file, where a word may mean something else.
    static let foreignWordsAtTop = [
        "params": "'params'", "metrics": "'out: { NAME: { metrics: PATH } }' on a stage",
        "outs": "'out' on a stage", "deps": "'in' on a stage", "matrix": "'matrix' on a stage",
        "env": "'env' on a stage", "input": "'inputs'", "stage": "'stages'", "steps": "'stages'",
    ]

    /// - Parameter node: Anything but a mapping is reported and reads as empty.
    init(_ node: Node, as place: String, into findings: inout Diagnostics) {
        self.place = place
        if let entries = node.entries {
            self.entries = entries
        } else if node.isReported {
            entries = []
        } else {
            entries = []
            let isMissing = node.scalar == .null
            findings.add(
                LanguageFinding.wrongType(
                    what: place, expected: "a mapping", found: isMissing ? "empty" : node.whatItIs),
                at: node.range)
        }
    }

    /// Entries of a mapping that has been read already.
    init(_ entries: [Node.Entry], as place: String) {
        self.place = place
        self.entries = entries
    }

    subscript(key: String) -> Node? { entries.first { $0.name == key }?.value }

    func checkKeys(
        _ known: [String], foreign: [String: String] = Self.foreignWords, into findings: inout Diagnostics
    ) {
        for entry in entries where !known.contains(entry.name) {
            if ReferenceScanner.mayHoldReference(entry.name) {
                findings.add(LanguageFinding.referenceInKey, at: entry.key.range)
            } else if let ours = foreign[entry.name] {
                findings.add(
                    LanguageFinding.foreignWord(entry.name, of: place, ours: ours), at: entry.key.range)
            } else {
                findings.add(
                    LanguageFinding.unknownKey(entry.name, of: place, known: known), at: entry.key.range)
            }
        }
    }
}

/// Typed values out of nodes, with a finding for each that is something else.
extension MappingReader {
    func text(_ key: String, into findings: inout Diagnostics) -> String? {
        guard let node = self[key] else { return nil }
        switch node.scalar {
        case .text(let text): return text
        default:
            reject(key, node, expected: "a text", into: &findings)
            return nil
        }
    }

    /// Any scalar, in the form it is written: `name: 2026` is a fine name.
    func scalarText(_ key: String, into findings: inout Diagnostics) -> String? {
        guard let node = self[key] else { return nil }
        if node.isReported { return nil }
        if let text = node.text, node.scalar != .null { return text }
        reject(key, node, expected: "a text", into: &findings)
        return nil
    }

    func integer(_ key: String, in interval: Interval<Int64>, into findings: inout Diagnostics) -> Int64? {
        guard let node = self[key] else { return nil }
        guard case .integer(let value) = node.scalar, interval.contains(value) else {
            reject(key, node, expected: ParameterType.integer(interval).description, into: &findings)
            return nil
        }
        return value
    }

    func flag(_ key: String, default fallback: Bool, into findings: inout Diagnostics) -> Bool {
        guard let node = self[key] else { return fallback }
        guard case .boolean(let value) = node.scalar else {
            reject(key, node, expected: "true or false", into: &findings)
            return fallback
        }
        return value
    }

    func word<Word: RawRepresentable<String> & CaseIterable>(
        _ key: String, _ type: Word.Type, into findings: inout Diagnostics
    ) -> Word? {
        guard let node = self[key] else { return nil }
        if let word = node.text.flatMap(Word.init(rawValue:)) { return word }
        reject(key, node, expected: Word.allCases.map(\.rawValue).joined(separator: " | "), into: &findings)
        return nil
    }

    /// A list of texts; a lone text counts as a list of one.
    func texts(_ key: String, into findings: inout Diagnostics) -> [Node] {
        guard let node = self[key] else { return [] }
        let nodes = node.elements ?? [node]
        return nodes.filter { element in
            if case .text = element.scalar { return true }
            reject(key, element, expected: "a text or a list of texts", into: &findings)
            return false
        }
    }

    func reject(_ key: String, _ node: Node, expected: String, into findings: inout Diagnostics) {
        if node.isReported { return }
        findings.add(
            LanguageFinding.wrongType(what: "'\(key)'", expected: expected, found: node.whatItIs),
            at: node.range)
    }
}
