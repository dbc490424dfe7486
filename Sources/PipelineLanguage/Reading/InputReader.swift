import Diagnostics
import YAMLSyntax

/// Reads `in`, of a stage or of an included file.
struct InputReader {
    /// Root-relative folder that paths are relative to.
    let folder: String
    /// Whether every input must have a name of its own.
    let isCommand: Bool

    func read(_ node: Node?, into findings: inout Diagnostics) -> [DraftInput] {
        guard let node, !node.isReported else { return [] }
        let isOne = node.entries.map(Self.isOneInput) ?? true
        guard let entries = node.entries, !isOne else {
            if isCommand {
                findings.add(
                    LanguageFinding.wrongType(
                        what: "'in' of a command",
                        expected: "a mapping of names to inputs, such as { rows: STAGE }",
                        found: isOne && node.entries != nil ? "one input without a name" : node.whatItIs),
                    at: node.range)
                return []
            }
            return readInput(node, port: "", into: &findings).map { [$0] } ?? []
        }
        return entries.compactMap { entry in
            Name.check(entry.key, into: &findings)
            return readInput(entry.value, port: entry.name, into: &findings)
        }
    }

    /// `in: { from: x, as: csv }` is one input, not two ports.
    private static func isOneInput(_ entries: [Node.Entry]) -> Bool {
        entries.contains { ["from", "file", "dir", "glob"].contains($0.name) && $0.value.text != nil }
            && entries.allSatisfy { keys.contains($0.name) }
    }

    private static let keys = ["from", "as", "optional", "file", "dir", "exclude", "glob"]
    private static let forms = [
        "from": ["from", "as", "optional"], "file": ["file"], "dir": ["dir", "exclude"], "glob": ["glob"],
    ]

    func readInput(_ node: Node, port: String, into findings: inout Diagnostics) -> DraftInput? {
        if node.isReported { return nil }
        if let elements = node.elements {
            let references = elements.compactMap { reference($0, into: &findings) }
            return DraftInput(
                port: port, origin: .references(references), form: nil, isOptional: false, range: node.range)
        }
        guard node.entries != nil else {
            return reference(node, into: &findings).map {
                DraftInput(
                    port: port, origin: .reference($0), form: nil, isOptional: false, range: node.range)
            }
        }
        let place = port.isEmpty ? "'in'" : "input '\(port)'"
        let mapping = MappingReader(node, as: place, into: &findings)
        guard let form = ["from", "file", "dir", "glob"].first(where: { mapping[$0] != nil }) else {
            mapping.checkKeys(Self.keys, into: &findings)
            findings.add(
                LanguageFinding.missingKey("from', 'file', 'dir' or 'glob", of: mapping.place), at: node.range
            )
            return nil
        }
        mapping.checkKeys(Self.forms[form] ?? [], into: &findings)
        guard let origin = readOrigin(form, mapping, into: &findings) else { return nil }
        return DraftInput(
            port: port, origin: origin, form: mapping.word("as", Input.Form.self, into: &findings),
            isOptional: mapping.flag("optional", default: false, into: &findings),
            range: mapping[form]?.range ?? node.range)
    }

    private func readOrigin(
        _ form: String, _ mapping: MappingReader, into findings: inout Diagnostics
    ) -> DraftInput.Origin? {
        if form == "from", let from = mapping["from"] {
            if let elements = from.elements {
                return .references(elements.compactMap { reference($0, into: &findings) })
            }
            return reference(from, into: &findings).map { .reference($0) }
        }
        guard let written = mapping.text(form, into: &findings) else { return nil }
        if written.isEmpty, let node = mapping[form] {
            mapping.reject(form, node, expected: "a path", into: &findings)
            return nil
        }
        let path = ProjectPath(written: written, in: folder)
        switch form {
        case "file": return .source(.file(path))
        case "glob": return .source(.glob(path))
        default:
            let exclude = mapping.texts("exclude", into: &findings).compactMap(\.text)
            return .source(.folder(path, exclude: exclude))
        }
    }

    private func reference(_ node: Node, into findings: inout Diagnostics) -> DraftReference? {
        if node.isReported { return nil }
        guard case .text(let text) = node.scalar, !text.isEmpty else {
            findings.add(
                LanguageFinding.wrongType(
                    what: "an input",
                    expected: "STAGE, STAGE.PORT, or a mapping with from, file, dir or glob",
                    found: node.whatItIs), at: node.range)
            return nil
        }
        return DraftReference(text: text, range: node.range)
    }
}
