import CanonicalJSON
import Diagnostics
import YAMLSyntax

/// Puts parameters, matrix values and environment in for `${...}`, node by
/// node, before anything is read from them.
struct Substitution {
    let scope: Scope

    /// A stage's mapping. `run` is the command text's own, since there a value
    /// must be written for the shell; `when` is an expression; `matrix` has
    /// made the scope; and what a stage is may not depend on parameters.
    static func isOwn(_ key: String) -> Bool {
        switch key {
        case "run", "when", "matrix", "uses": true
        default: false
        }
    }

    /// The mapping with values put in at every depth.
    func stage(_ node: Node, into findings: inout Diagnostics) -> Node {
        guard let entries = node.entries else { return node }
        var changed: [Node.Entry]?
        for (index, entry) in entries.enumerated() where !Self.isOwn(entry.name) {
            let place: Place =
                switch entry.name {
                case "publish": .publication
                case "in", "after": .reference
                default: .value
                }
            let value = self.value(entry.value, place, into: &findings)
            if value !== entry.value {
                changed = changed ?? entries
                changed?[index] = Node.Entry(key: entry.key, value: value)
            }
        }
        return changed.map { Node(.mapping($0), at: node.range) } ?? node
    }

    /// Where a text stands: a matrix value that has a name of its own stands
    /// as that name where the text names a member or a file of it.
    enum Place { case value, publication, reference }

    /// - Returns: The same node when nothing is put in.
    func value(_ node: Node, _ place: Place = .value, into findings: inout Diagnostics) -> Node {
        switch node.content {
        case .scalar(let text, _):
            return ReferenceScanner.mayHoldReference(text)
                ? self.text(node, text, place, into: &findings) : node
        case .sequence(let elements):
            var changed: [Node]?
            for (index, element) in elements.enumerated() {
                let value = self.value(element, place, into: &findings)
                if value !== element {
                    changed = changed ?? elements
                    changed?[index] = value
                }
            }
            return changed.map { Node(.sequence($0), at: node.range) } ?? node
        case .mapping(let entries):
            var changed: [Node.Entry]?
            for (index, entry) in entries.enumerated() {
                let value = self.value(entry.value, place, into: &findings)
                if value !== entry.value {
                    changed = changed ?? entries
                    changed?[index] = Node.Entry(key: entry.key, value: value)
                }
            }
            return changed.map { Node(.mapping($0), at: node.range) } ?? node
        }
    }

    private func text(
        _ node: Node, _ text: String, _ place: Place, into findings: inout Diagnostics
    ) -> Node {
        let parts = ReferenceScanner.parts(text)
        var places = PlaceFinder(node.range)
        var result = ""
        for part in parts {
            switch part {
            case .literal(let literal): result += literal
            case .unclosed(let space):
                places.pass(space, nil)
                findings.add(LanguageFinding.unclosedReference, at: places.place())
                return Self.missing(node)
            case .reference(let space, let name):
                places.pass(space, name)
                switch scope.look(up: space, name, at: node.range) {
                case .problem(let problem):
                    findings.add(problem, at: places.place())
                    return Self.missing(node)
                case .value(let value, let label):
                    if parts.count == 1 {
                        if place == .publication, let label {
                            return Node(.scalar(label, isPlain: false), at: node.range)
                        }
                        return Node(value.content, at: node.range)
                    }
                    let named = place == .publication || place == .reference && result.contains("@")
                    guard let written = named ? label ?? value.shortText : value.shortText else {
                        findings.add(
                            LanguageFinding.notInText(name: "\(space).\(name)", found: value.whatItIs),
                            at: places.place())
                        return Self.missing(node)
                    }
                    result += written
                }
            }
        }
        return Node(.scalar(result, isPlain: false), at: node.range)
    }

    /// What stands for a value that has been reported: readers pass it over.
    private static func missing(_ node: Node) -> Node { Node.reported(at: node.range) }
}

extension Node {
    /// Stands for a value of which a finding has been made already, so that
    /// nobody makes another. No file can hold it: a plain scalar has no control
    /// characters.
    static func reported(at range: SourceRange) -> Node {
        Node(.scalar("\u{1}", isPlain: true), at: range)
    }

    var isReported: Bool {
        if case .scalar("\u{1}", isPlain: true) = content { true } else { false }
    }

    /// A scalar in its shortest form; nil for a list or a mapping.
    var shortText: String? {
        switch scalar {
        case .text(let text): text
        case .null: "null"
        case .boolean(let flag): flag ? "true" : "false"
        case .integer(let number): String(number)
        case .number(let number):
            number.isFinite ? JSONValue.number(number).canonicalText : text
        case nil: nil
        }
    }
}
