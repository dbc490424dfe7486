import Diagnostics
import YAMLSyntax

/// Reads `include` and the files it names.
struct IncludeReader {
    let outer: FileReader

    /// Files inside files inside files: deeper is a mistake.
    static let depthLimit = 16
    /// Files of one pipeline; bounds what files that include each other twice
    /// can ask for.
    static let fileLimit = 500

    private static let keys = ["file", "as", "params", "in"]

    func read(_ node: Node, into findings: inout Diagnostics) {
        guard let elements = node.elements else {
            findings.add(
                LanguageFinding.wrongType(
                    what: "'include'", expected: "a list, each element a mapping with file and as",
                    found: node.whatItIs), at: node.range)
            return
        }
        var names: Set<String> = []
        for element in elements {
            let mapping = MappingReader(element, as: "an element of 'include'", into: &findings)
            guard element.entries != nil else { continue }
            mapping.checkKeys(Self.keys, into: &findings)
            if let reference = Self.reference(in: element) {
                findings.add(LanguageFinding.referenceIn("'include'"), at: reference.range)
                continue
            }
            let isComplete = Self.require("file", mapping, element, into: &findings)
            guard Self.require("as", mapping, element, into: &findings), isComplete,
                let written = mapping.text("file", into: &findings),
                let name = mapping.scalarText("as", into: &findings),
                let file = mapping["file"], let asNode = mapping["as"]
            else { continue }
            Name.check(asNode, into: &findings)
            if !names.insert(name).inserted {
                findings.add(LanguageFinding.includedTwice(as: name), at: asNode.range)
                continue
            }
            include(written, at: file.range, as: name, mapping, into: &findings)
        }
    }

    private static func require(
        _ key: String, _ mapping: MappingReader, _ element: Node, into findings: inout Diagnostics
    ) -> Bool {
        if mapping[key] != nil { return true }
        findings.add(LanguageFinding.missingKey(key, of: mapping.place), at: element.range)
        return false
    }

    /// The first value that holds a `${...}` of ours.
    private static func reference(in node: Node) -> Node? {
        switch node.content {
        case .scalar(let text, _):
            guard ReferenceScanner.mayHoldReference(text) else { return nil }
            let isOurs = ReferenceScanner.parts(text).contains {
                if case .literal = $0 { false } else { true }
            }
            return isOurs ? node : nil
        case .sequence(let elements):
            for element in elements { if let found = reference(in: element) { return found } }
        case .mapping(let entries):
            for entry in entries { if let found = reference(in: entry.value) { return found } }
        }
        return nil
    }

    private func include(
        _ written: String, at range: SourceRange, as name: String, _ mapping: MappingReader,
        into findings: inout Diagnostics
    ) {
        let expected = "a pipeline file of the project, such as steps/prepare.yaml"
        let path = ProjectPath(written: written, in: outer.file.folder)
        if written.hasPrefix("/"), !written.hasPrefix("//") {
            findings.add(LanguageFinding.absolutePath(written, expected: expected), at: range)
            return
        }
        if path.isOutside {
            findings.add(LanguageFinding.escapingPath(written, expected: expected), at: range)
            return
        }
        if let start = outer.chain.firstIndex(of: path) {
            findings.add(
                LanguageFinding.includeCycle((outer.chain[start...] + [path]).map(\.text)), at: range)
            return
        }
        if outer.chain.count >= Self.depthLimit {
            findings.add(LanguageFinding.includedTooDeep(limit: Self.depthLimit), at: range)
            return
        }
        if outer.assembly.inclusions >= Self.fileLimit {
            findings.add(LanguageFinding.tooManyFiles(limit: Self.fileLimit), at: range)
            return
        }
        let given = mapping["params"].map { node in
            MappingReader(node, as: "'params'", into: &findings).entries.map {
                GivenParameter(name: $0.name, range: $0.key.range, value: $0.value)
            }
        }
        let bound = mapping["in"].map { node in
            MappingReader(node, as: "'in'", into: &findings).entries.compactMap { entry in
                InputReader(folder: outer.file.folder, isCommand: false)
                    .readInput(entry.value, port: entry.name, into: &findings)
            }
        }
        let source: SourceText
        do {
            source = try outer.context.load(path)
        } catch {
            findings.add(LanguageFinding.unreadableFile(path.text, reason: "\(error)"), at: range)
            return
        }
        outer.assembly.inclusions += 1
        if !outer.assembly.files.contains(path) { outer.assembly.files.append(path) }
        guard let root = parseYAML(source, into: &findings) else { return }
        let folder = ProjectPath(path.text + "/..").text
        let inner = FileReader(
            catalog: outer.catalog, context: outer.context, assembly: outer.assembly,
            file: FileScope(prefix: outer.file.prefix + name + "/", folder: folder),
            chain: outer.chain + [path], given: given ?? [], bound: bound ?? [],
            includer: (outer.file, range))
        _ = inner.read(root, source, into: &findings)
    }
}

/// Reads `inputs`: what an included file takes from its includer.
enum InputDeclarations {
    struct Declaration {
        let name: String
        /// Nil when anything may be given.
        let type: PortType?
    }

    private static let types: [(word: String, type: PortType)] = [
        ("table", .table), ("transform", .transform), ("model", .model), ("metrics", .metrics),
        ("report", .report), ("file", .file), ("folder", .folder),
    ]

    static func read(_ node: Node, into findings: inout Diagnostics) -> [Declaration] {
        if let elements = node.elements {
            return elements.compactMap { element in
                guard case .text(let name) = element.scalar else {
                    findings.add(
                        LanguageFinding.wrongType(
                            what: "an element of 'inputs'", expected: "a name", found: element.whatItIs),
                        at: element.range)
                    return nil
                }
                Name.check(element, into: &findings)
                return Declaration(name: name, type: nil)
            }
        }
        return MappingReader(node, as: "'inputs'", into: &findings).entries.map { entry in
            Name.check(entry.key, into: &findings)
            if entry.value.scalar == .null { return Declaration(name: entry.name, type: nil) }
            let mapping = MappingReader(entry.value, as: "input '\(entry.name)'", into: &findings)
            mapping.checkKeys(["type", "description"], into: &findings)
            _ = mapping.scalarText("description", into: &findings)
            guard let word = mapping.text("type", into: &findings) else {
                return Declaration(name: entry.name, type: nil)
            }
            let type = types.first { $0.word == word }?.type
            if type == nil, let node = mapping["type"] {
                mapping.reject(
                    "type", node, expected: types.map(\.word).joined(separator: " | "), into: &findings)
            }
            return Declaration(name: entry.name, type: type)
        }
    }
}
