import Diagnostics
import YAMLSyntax

/// Reads `params` and `profiles` of one file and settles the value each
/// parameter has: the default, what the profile says, what was given.
struct ParameterReader {
    /// Values given from outside, which win: by `-S`, or by an includer.
    let given: [GivenParameter]
    let profile: String?

    /// - Parameters:
    ///   - pipeline: The pipeline file's mapping.
    ///   - isMain: Whether a profile it does not have is a finding.
    func read(_ pipeline: MappingReader, isMain: Bool, into findings: inout Diagnostics) -> ParameterTable {
        let table = ParameterTable()
        if let node = pipeline["params"] {
            for entry in MappingReader(node, as: "'params'", into: &findings).entries {
                Name.check(entry.key, into: &findings)
                table.declare(entry.name, constant(entry.value, into: &findings), at: entry.key.range)
            }
        }
        let defaults = Dictionary(uniqueKeysWithValues: table.entries.map { ($0.name, $0.value) })
        readProfiles(pipeline, isMain: isMain, table, defaults, into: &findings)
        for item in given { set(item, table, defaults, into: &findings) }
        return table
    }

    private func readProfiles(
        _ pipeline: MappingReader, isMain: Bool, _ table: ParameterTable, _ defaults: [String: Node],
        into findings: inout Diagnostics
    ) {
        var names: [String] = []
        if let node = pipeline["profiles"] {
            for entry in MappingReader(node, as: "'profiles'", into: &findings).entries {
                Name.check(entry.key, into: &findings)
                names.append(entry.name)
                let values = MappingReader(entry.value, as: "profile '\(entry.name)'", into: &findings)
                values.checkKeys(table.names, into: &findings)
                for value in values.entries {
                    let constant = constant(value.value, into: &findings)
                    guard let standard = defaults[value.name] else { continue }
                    guard fits(constant, standard, value.name, at: value.value.range, into: &findings) else {
                        continue
                    }
                    if entry.name == profile { table.set(value.name, to: constant) }
                }
            }
        }
        if let profile, isMain, !names.contains(profile) {
            findings.add(LanguageFinding.unknownProfile(profile, known: names), at: nil)
        }
    }

    private func set(
        _ item: GivenParameter, _ table: ParameterTable, _ defaults: [String: Node],
        into findings: inout Diagnostics
    ) {
        guard let standard = defaults[item.name] else {
            findings.add(
                LanguageFinding.unknownReference(kind: "parameter", name: item.name, known: table.names),
                at: item.range)
            return
        }
        if fits(item.value, standard, item.name, at: item.value.range, into: &findings) {
            table.set(item.name, to: item.value)
        }
    }

    /// A parameter keeps the sort of value it is declared with; an integer and
    /// a number are one sort, and a default of nothing says nothing.
    private func fits(
        _ value: Node, _ standard: Node, _ name: String, at range: SourceRange,
        into findings: inout Diagnostics
    ) -> Bool {
        if value.isReported || standard.isReported || standard.scalar == .null { return true }
        if value.sort == standard.sort { return true }
        findings.add(
            LanguageFinding.parameterType(name, expected: standard.sort, found: value.whatItIs), at: range)
        return false
    }

    /// A value of a parameter stands for itself, so that parameters never go
    /// in circles.
    private func constant(_ node: Node, into findings: inout Diagnostics) -> Node {
        switch node.content {
        case .sequence(let elements):
            return Node(.sequence(elements.map { constant($0, into: &findings) }), at: node.range)
        case .mapping(let entries):
            let values = entries.map { Node.Entry(key: $0.key, value: constant($0.value, into: &findings)) }
            return Node(.mapping(values), at: node.range)
        case .scalar(let text, _):
            guard ReferenceScanner.mayHoldReference(text) else { return node }
            let parts = ReferenceScanner.parts(text)
            guard parts.allSatisfy({ if case .literal = $0 { true } else { false } }) else {
                findings.add(LanguageFinding.referenceIn("a parameter's value"), at: node.range)
                return .reported(at: node.range)
            }
            let plain = parts.map { if case .literal(let text) = $0 { text } else { "" } }.joined()
            return Node(.scalar(plain, isPlain: false), at: node.range)
        }
    }
}

/// A value from outside of the file.
struct GivenParameter {
    let name: String
    /// Where the name stands.
    let range: SourceRange
    let value: Node
}

extension Node {
    /// What a parameter is typed by.
    var sort: String {
        switch content {
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .scalar:
            switch scalar {
            case .boolean: "true or false"
            case .integer, .number: "a number"
            case .null, nil: "nothing"
            case .text: "a text"
            }
        }
    }
}
