import CLibYAML
import Diagnostics

/// Reads one YAML document into nodes that keep their places.
///
/// libyaml gives events; nodes, anchors, merges and every check are ours. All
/// that can be found is found in one go: only a syntax error stops early.
///
/// - Returns: The root, or nil when the text is not YAML. Findings may have
///   been added either way.
/// - Complexity: O(size of the text); aliases are shared, not copied.
public func parseYAML(_ source: SourceText, into findings: inout Diagnostics) -> Node? {
    parseYAMLDocument(source, into: &findings)?.root
}

/// The same, with what only a whole document can tell.
public func parseYAMLDocument(_ source: SourceText, into findings: inout Diagnostics) -> YAMLDocument? {
    guard TextCheck(source: source).run(into: &findings) else { return nil }
    var parser = YAMLParser(source: source)
    let root = parser.parse()
    findings.add(parser.findings)
    return root.map { YAMLDocument(root: $0, hasAliases: parser.hasAliases) }
}

public struct YAMLDocument: Sendable {
    public let root: Node
    /// Whether a part of it means what is written in another one.
    public let hasAliases: Bool
}

/// Deeper nesting than this is no pipeline; it bounds the recursion of
/// everything that walks nodes.
private let depthLimit = 100
/// Values a document may have with all aliases expanded: a pipeline of ten
/// thousand stages has a tenth of this, a "billion laughs" a thousand times it.
private let expansionLimit = 1_000_000

private struct YAMLParser {
    let source: SourceText
    var findings = Diagnostics()
    private(set) var hasAliases = false
    private var parser = yaml_parser_t()
    private var event = yaml_event_t()
    private var anchors: [String: (node: Node, size: Int)] = [:]
    private var openAnchors: Set<String> = []
    /// Set by what makes going on pointless: a syntax error, a bomb, a depth.
    private var isStopped = false

    init(source: SourceText) { self.source = source }

    mutating func parse() -> Node? {
        guard yaml_parser_initialize(&parser) == 1 else { preconditionFailure("libyaml: out of memory") }
        defer { yaml_parser_delete(&parser) }
        return source.bytes.withUnsafeBufferPointer { bytes in
            // With the encoding set, libyaml counts a byte order mark as a column
            // of the first line, which would indent its key.
            let skipped = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
            let text = UnsafeBufferPointer(rebasing: bytes.dropFirst(skipped))
            yaml_parser_set_input_string(&parser, text.baseAddress, text.count)
            yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
            return document()
        }
    }

    private mutating func document() -> Node? {
        guard next(), next() else { return nil }  // stream start, then document start or stream end
        if event.type == YAML_STREAM_END_EVENT {
            let start = Mark(line: 1, column: 1)
            findings.add(YAMLFinding.emptyFile, at: SourceRange(source, start: start, end: start))
            return nil
        }
        guard next() else { return nil }
        let root = node(depth: 0)
        guard let root, !isStopped, next(), next() else { return nil }  // document end, then stream end
        if event.type == YAML_DOCUMENT_START_EVENT {
            findings.add(YAMLFinding.secondDocument, at: range)
            yaml_event_delete(&event)
        }
        return root.node
    }

    /// Moves to the next event; false after a syntax error, which it reports.
    private mutating func next() -> Bool {
        yaml_event_delete(&event)
        if yaml_parser_parse(&parser, &event) == 1 { return true }
        isStopped = true
        func words(_ text: UnsafePointer<CChar>?) -> String { text.map { String(cString: $0) } ?? "" }
        let mark = parser.problem_mark
        let start = Mark(line: mark.line + 1, column: mark.column + 1)
        let end = Mark(line: mark.line + 1, column: mark.column + 2)
        if TextCheck(source: source).reportTabs(through: Int(mark.line) + 1, into: &findings) { return false }
        findings.add(
            YAMLFinding.syntax(context: words(parser.context), problem: words(parser.problem)),
            at: SourceRange(source, start: start, end: end))
        return false
    }

    private var range: SourceRange {
        SourceRange(source, start: Self.mark(event.start_mark), end: Self.mark(event.end_mark))
    }

    private static func mark(_ mark: yaml_mark_t) -> Mark {
        Mark(line: mark.line + 1, column: mark.column + 1)
    }

    /// The node the current event begins, and how many values it expands to.
    private mutating func node(depth: Int) -> (node: Node, size: Int)? {
        guard depth < depthLimit else {
            findings.add(YAMLFinding.tooDeep(limit: depthLimit), at: range)
            isStopped = true
            return nil
        }
        switch event.type {
        case YAML_ALIAS_EVENT: return alias()
        case YAML_SCALAR_EVENT: return scalar()
        case YAML_SEQUENCE_START_EVENT: return sequence(depth: depth)
        case YAML_MAPPING_START_EVENT: return mapping(depth: depth)
        default: preconditionFailure("libyaml: event \(event.type) where a node begins")
        }
    }

    private mutating func alias() -> (node: Node, size: Int)? {
        hasAliases = true
        let name = String(cString: event.data.alias.anchor)
        if let found = anchors[name] { return found }
        if openAnchors.contains(name) {
            findings.add(YAMLFinding.aliasOfItself(name), at: range)
        } else {
            findings.add(YAMLFinding.unknownAnchor(name, known: anchors.keys.sorted()), at: range)
        }
        return (Node(.scalar("", isPlain: true), at: range), 1)
    }

    private mutating func scalar() -> (node: Node, size: Int)? {
        let data = event.data.scalar
        checkTag(data.tag)
        let text = String(
            decoding: UnsafeBufferPointer(start: data.value, count: data.length), as: UTF8.self)
        let isPlain = data.style == YAML_PLAIN_SCALAR_STYLE && data.tag == nil
        let node = Node(.scalar(text, isPlain: isPlain), at: range)
        if let anchor = data.anchor { anchors[String(cString: anchor)] = (node, 1) }
        return (node, 1)
    }

    private mutating func sequence(depth: Int) -> (node: Node, size: Int)? {
        let start = range
        checkTag(event.data.sequence_start.tag)
        let anchor = open(event.data.sequence_start.anchor)
        var elements: [Node] = []
        var size = 1
        while next(), event.type != YAML_SEQUENCE_END_EVENT {
            guard let element = node(depth: depth + 1), !isStopped else { return nil }
            elements.append(element.node)
            guard grow(&size, by: element.size) else { return nil }
        }
        if isStopped { return nil }
        return close(anchor, Node(.sequence(elements), at: span(from: start)), size)
    }

    private mutating func mapping(depth: Int) -> (node: Node, size: Int)? {
        let start = range
        checkTag(event.data.mapping_start.tag)
        let anchor = open(event.data.mapping_start.anchor)
        var entries: [Node.Entry] = []
        entries.reserveCapacity(4)
        var merges: [Node] = []
        var seen = SeenKeys()
        var size = 1
        while next(), event.type != YAML_MAPPING_END_EVENT {
            guard let key = node(depth: depth + 1), !isStopped, next() else { return nil }
            guard let value = node(depth: depth + 1), !isStopped else { return nil }
            guard grow(&size, by: key.size + value.size) else { return nil }
            guard case .scalar(let name, let isPlain) = key.node.content else {
                findings.add(YAMLFinding.keyIsNotScalar, at: key.node.range)
                continue
            }
            if name == "<<", isPlain {
                merges.append(value.node)
                continue
            }
            if let first = seen.entry(name, in: entries) {
                findings.add(
                    YAMLFinding.duplicateKey(name, firstLine: Int(first.key.range.start.line)),
                    at: key.node.range)
                continue
            }
            seen.append(Node.Entry(key: key.node, value: value.node), to: &entries)
        }
        if isStopped { return nil }
        for merge in merges { self.merge(merge, into: &entries, &seen) }
        return close(anchor, Node(.mapping(entries), at: span(from: start)), size)
    }

    /// Adds what a `<<` brings behind the mapping's own keys, which win; of
    /// several merged mappings the earlier wins. Source: YAML merge key draft
    /// (yaml.org/type/merge.html).
    private mutating func merge(_ node: Node, into entries: inout [Node.Entry], _ seen: inout SeenKeys) {
        for part in node.elements ?? [node] {
            guard let merged = part.entries else {
                findings.add(YAMLFinding.badMerge(part.whatItIs), at: part.range)
                continue
            }
            for entry in merged where seen.entry(entry.name, in: entries) == nil {
                seen.append(entry, to: &entries)
            }
        }
    }

    private mutating func open(_ anchor: UnsafePointer<yaml_char_t>?) -> String? {
        guard let anchor else { return nil }
        let name = String(cString: anchor)
        openAnchors.insert(name)
        anchors[name] = nil
        return name
    }

    private mutating func close(_ anchor: String?, _ node: Node, _ size: Int) -> (node: Node, size: Int) {
        if let anchor {
            openAnchors.remove(anchor)
            anchors[anchor] = (node, size)
        }
        return (node, size)
    }

    private mutating func grow(_ size: inout Int, by more: Int) -> Bool {
        size += more
        guard size <= expansionLimit else {
            findings.add(YAMLFinding.tooManyAliases(limit: expansionLimit), at: range)
            isStopped = true
            return false
        }
        return true
    }

    /// From the start of a collection to the end of its last event. A block
    /// collection's end mark stands at the next token, so only its first line
    /// is underlined by the renderer.
    private func span(from start: SourceRange) -> SourceRange {
        SourceRange(source, start: start.start, end: Self.mark(event.end_mark))
    }

    /// Only the tags of the core schema mean anything; `!!str` makes a text.
    private mutating func checkTag(_ tag: UnsafePointer<yaml_char_t>?) {
        guard let tag else { return }
        let name = String(cString: tag)
        let known = ["str", "seq", "map"].map { "tag:yaml.org,2002:" + $0 }
        if !known.contains(name), name != "!" { findings.add(YAMLFinding.unsupportedTag(name), at: range) }
    }
}

/// Finds the keys a mapping has so far: one by one while they are few, which
/// is cheaper than hashing them.
private struct SeenKeys {
    private static let few = 12
    private var places: [String: Int] = [:]

    func entry(_ name: String, in entries: [Node.Entry]) -> Node.Entry? {
        if entries.count <= Self.few { return entries.first { $0.name == name } }
        return places[name].map { entries[$0] }
    }

    mutating func append(_ entry: Node.Entry, to entries: inout [Node.Entry]) {
        entries.append(entry)
        if entries.count == Self.few + 1 {
            for (place, entry) in entries.enumerated() { places[entry.name] = place }
        } else if entries.count > Self.few {
            places[entry.name] = entries.count - 1
        }
    }
}
