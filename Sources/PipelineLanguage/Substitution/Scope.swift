import Diagnostics
import YAMLSyntax

/// What `${...}` stands for in one stage, or one member of a matrix.
struct Scope {
    let params: ParameterTable
    /// The value of each axis of this member; empty outside of a matrix.
    var matrix: [MatrixAxis.Choice] = []
    let environment: @Sendable (String) -> String?
    /// Variables some stage calls secret, which stand in no text.
    var secrets: Set<String> = []

    enum Lookup {
        /// - Parameter label: What the value is called in a member's name.
        case value(Node, label: String?)
        case problem(LanguageFinding)
    }

    /// - Parameter range: Where it is written, for a value that has no place.
    func look(up space: String, _ name: String, at range: SourceRange) -> Lookup {
        switch space {
        case "params":
            if let node = params.use(name) { return .value(node, label: nil) }
            return .problem(.unknownReference(kind: "parameter", name: name, known: params.names))
        case "matrix":
            if let choice = matrix.first(where: { $0.axis == name }) {
                return .value(choice.value, label: choice.label)
            }
            return .problem(
                .unknownReference(kind: "matrix axis", name: name, known: matrix.map(\.axis)))
        case "env":
            if secrets.contains(name) { return .problem(.secretInText(name)) }
            if let text = environment(name) {
                return .value(Node(.scalar(text, isPlain: false), at: range), label: nil)
            }
            return .problem(.unsetVariable(name))
        case "in", "out": return .problem(.onlyInRun(space: space, name: name))
        default: return .problem(.unknownNamespace(space))
        }
    }
}

/// The parameters of one pipeline file with the values they have in this run.
///
/// A class, because every stage notes here which ones it uses.
final class ParameterTable {
    struct Entry {
        let name: String
        let range: SourceRange
        var value: Node
        var isUsed = false
    }

    private(set) var entries: [Entry] = []
    private var positions: [String: Int] = [:]

    var names: [String] { entries.map(\.name) }

    func declare(_ name: String, _ value: Node, at range: SourceRange) {
        guard positions[name] == nil else { return }
        positions[name] = entries.count
        entries.append(Entry(name: name, range: range, value: value))
    }

    func value(_ name: String) -> Node? { positions[name].map { entries[$0].value } }

    func set(_ name: String, to value: Node) {
        if let position = positions[name] { entries[position].value = value }
    }

    /// The value, noted as used.
    func use(_ name: String) -> Node? {
        guard let position = positions[name] else { return nil }
        entries[position].isUsed = true
        return entries[position].value
    }
}
