import CanonicalJSON
import Diagnostics
import YAMLSyntax

/// Reads `with` by the parameters a stage kind declares: the one decoder of
/// all kinds, so that a new kind brings no code for it.
struct ArgumentReader {
    let kind: StageKind
    /// Root-relative folder that paths are relative to.
    let folder: String

    /// The values given, without defaults; what is wrong is left out of them.
    ///
    /// - Parameter range: The stage, where a missing parameter is reported.
    func read(_ with: Node?, stage range: SourceRange, into findings: inout Diagnostics) -> JSONValue {
        let place = "'with' of \(kind.name)"
        guard let with else {
            return record([], kind.allParameters, place: place, at: range, into: &findings)
        }
        let mapping = MappingReader(with, as: place, into: &findings)
        guard with.entries != nil else { return .object([:]) }
        return record(mapping.entries, kind.allParameters, place: place, at: range, into: &findings)
    }

    private func record(
        _ entries: [Node.Entry], _ parameters: [Parameter], place: String, at range: SourceRange,
        into findings: inout Diagnostics
    ) -> JSONValue {
        var values: [String: JSONValue] = [:]
        let known = parameters.map(\.name)
        for entry in entries {
            guard let parameter = parameters.first(where: { $0.name == entry.name }) else {
                let finding =
                    ReferenceScanner.mayHoldReference(entry.name)
                    ? LanguageFinding.referenceInKey : .unknownKey(entry.name, of: place, known: known)
                findings.add(finding, at: entry.key.range)
                continue
            }
            values[parameter.name] = value(
                entry.value, parameter.type, what: parameter.name, at: entry.value.range, into: &findings)
        }
        for parameter in parameters
        where parameter.isRequired && !entries.contains(where: { $0.name == parameter.name }) {
            findings.add(
                LanguageFinding.missingParameter(
                    parameter.name, of: place, expected: parameter.type.description),
                at: range)
        }
        return .object(values)
    }

    private func value(
        _ node: Node, _ type: ParameterType, what: String, at range: SourceRange,
        into findings: inout Diagnostics
    ) -> JSONValue? {
        if node.isReported { return nil }
        let result = fitted(node, type, what: what, at: range, into: &findings)
        if case .misfit = result {
            findings.add(
                LanguageFinding.wrongType(
                    what: "'\(what)'", expected: type.description, found: node.whatItIs),
                at: range)
        }
        if case .value(let value) = result { return value }
        return nil
    }

    private enum Fit {
        case value(JSONValue)
        /// Not of the type's form; the caller says so.
        case misfit
        /// Of the form, with findings inside that have been reported.
        case reported
    }

    private func fitted(
        _ node: Node, _ type: ParameterType, what: String, at range: SourceRange,
        into findings: inout Diagnostics
    ) -> Fit {
        switch type {
        case .boolean:
            if case .boolean(let flag) = node.scalar { return .value(.boolean(flag)) }
        case .integer(let interval):
            if case .integer(let number) = node.scalar, interval.contains(number) {
                return .value(.integer(number))
            }
        case .number(let interval):
            if let number = node.number, number.isFinite, interval.contains(number) {
                return .value(.number(number))
            }
        case .text, .column:
            if case .text(let text) = node.scalar { return .value(.string(text)) }
        case .path, .paths:
            if case .text(let text) = node.scalar, !text.isEmpty {
                return .value(.string(ProjectPath(written: text, in: folder).text))
            }
        case .schema:
            if case .text(let text) = node.scalar, !text.isEmpty {
                guard let path = SchemaPath.read(text, in: folder, at: range, into: &findings) else {
                    return .reported
                }
                return .value(.string(path.text))
            }
            if node["fields"]?.elements != nil { return .value(JSONValue(node)) }
        case .gates:
            guard let entries = node.entries else { return .misfit }
            let gates = GateReader.read(entries, into: &findings)
            return .value(.object(gates.mapValues { .string($0) }))
        case .choice(let choices):
            if let word = node.text, choices.contains(where: { $0.word == word }) {
                return .value(.string(word))
            }
        case .selector:
            if let selector = selector(node) { return .value(selector) }
        case .list(let element):
            guard let elements = node.elements else { return .misfit }
            let values = elements.enumerated().map { index, item in
                value(item, element, what: "\(what)[\(index)]", at: item.range, into: &findings)
            }
            return values.contains(nil) ? .reported : .value(.array(values.compactMap { $0 }))
        case .map(let element):
            guard let entries = node.entries else { return .misfit }
            var members: [String: JSONValue] = [:]
            for entry in entries {
                members[entry.name] = value(
                    entry.value, element, what: "\(what).\(entry.name)", at: entry.value.range,
                    into: &findings)
            }
            return .value(.object(members))
        case .record(let parameters):
            guard let entries = node.entries else { return .misfit }
            return .value(record(entries, parameters, place: "'\(what)'", at: range, into: &findings))
        case .variant(let variants):
            return variant(node, variants, what: what, into: &findings)
        case .either(let types):
            for type in types where type.hasForm(of: node) {
                return fitted(node, type, what: what, at: range, into: &findings)
            }
        }
        return .misfit
    }

    private func variant(
        _ node: Node, _ variants: [ParameterType.Variant], what: String, into findings: inout Diagnostics
    ) -> Fit {
        guard let entries = node.entries, entries.count == 1 else { return .misfit }
        let entry = entries[0]
        guard let variant = variants.first(where: { $0.name == entry.name }) else {
            findings.add(
                LanguageFinding.unknownKey(entry.name, of: "'\(what)'", known: variants.map(\.name)),
                at: entry.key.range)
            return .reported
        }
        let place = "'\(what).\(variant.name)'"
        if entry.value.isReported { return .reported }
        guard let members = entry.value.entries ?? (entry.value.scalar == .null ? [] : nil) else {
            findings.add(
                LanguageFinding.wrongType(what: place, expected: "a mapping", found: entry.value.whatItIs),
                at: entry.value.range)
            return .reported
        }
        let values = record(members, variant.parameters, place: place, at: entry.key.range, into: &findings)
        return .value(.object([variant.name: values]))
    }

    /// A name, a glob, a list of those, or `{ except: ... }`.
    private func selector(_ node: Node) -> JSONValue? {
        if case .text(let text) = node.scalar { return .string(text) }
        if let elements = node.elements {
            let parts = elements.map(selector)
            return parts.contains(nil) ? nil : .array(parts.compactMap { $0 })
        }
        guard let entries = node.entries, entries.count == 1, entries[0].name == "except" else { return nil }
        return selector(entries[0].value).map { .object(["except": $0]) }
    }
}

extension Node {
    fileprivate var number: Double? {
        switch scalar {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}

extension ParameterType {
    /// Whether a value is written in this type's form, so that its mistakes
    /// are told in this type's words.
    fileprivate func hasForm(of node: Node) -> Bool {
        switch self {
        case .boolean: if case .boolean = node.scalar { true } else { false }
        case .integer: if case .integer = node.scalar { true } else { false }
        case .number: node.number != nil
        case .schema: node["fields"] != nil || node.text != nil
        case .gates: node.entries != nil
        case .text, .path, .paths, .column: if case .text = node.scalar { true } else { false }
        case .choice(let choices): choices.contains { $0.word == node.text }
        case .selector: true
        case .list: node.elements != nil
        case .map, .record, .variant: node.entries != nil
        case .either(let types): types.contains { $0.hasForm(of: node) }
        }
    }
}
