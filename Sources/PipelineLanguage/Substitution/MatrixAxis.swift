import Diagnostics
import YAMLSyntax

/// One axis of a matrix: a name and the values it takes.
struct MatrixAxis {
    /// One value, and what it is called in a member's name.
    struct Choice {
        let axis: String
        let value: Node
        let label: String
    }

    let name: String
    let choices: [Choice]

    /// The members in written order, the last axis running fastest.
    static func members(of axes: [MatrixAxis]) -> [[Choice]] {
        axes.reduce([[]]) { members, axis in
            members.flatMap { member in axis.choices.map { member + [$0] } }
        }
    }

    /// `lr=0.1+depth=2`.
    static func label(of member: [Choice]) -> String {
        member.map { "\($0.axis)=\($0.label)" }.joined(separator: "+")
    }
}

/// Reads `matrix`.
struct MatrixReader {
    /// A stage with more members than this is a mistake; it bounds what a
    /// small file can ask for.
    static let memberLimit = 10_000

    /// - Parameter node: With parameters put in.
    /// - Returns: Nil when no member can be made of it, which is reported.
    func read(_ node: Node, into findings: inout Diagnostics) -> [MatrixAxis]? {
        if node.isReported { return nil }
        let mapping = MappingReader(node, as: "'matrix'", into: &findings)
        guard let entries = node.entries else { return nil }
        if entries.isEmpty {
            findings.add(
                LanguageFinding.wrongType(
                    what: "'matrix'", expected: "an axis with a list of values", found: "empty"),
                at: node.range)
            return nil
        }
        var isWhole = true
        var size = 1
        var axes: [MatrixAxis] = []
        for entry in mapping.entries {
            Name.check(entry.key, into: &findings)
            guard let axis = readAxis(entry, into: &findings) else {
                isWhole = false
                continue
            }
            axes.append(axis)
            if size <= Self.memberLimit { size *= axis.choices.count }
        }
        if size > Self.memberLimit {
            findings.add(LanguageFinding.tooManyMembers(limit: Self.memberLimit), at: node.range)
            return nil
        }
        return isWhole ? axes : nil
    }

    private func readAxis(_ entry: Node.Entry, into findings: inout Diagnostics) -> MatrixAxis? {
        if entry.value.isReported { return nil }
        guard let values = entry.value.elements, !values.isEmpty else {
            findings.add(
                LanguageFinding.wrongType(
                    what: "'\(entry.name)'", expected: "a list of values",
                    found: entry.value.elements == nil ? entry.value.whatItIs : "an empty list"),
                at: entry.value.range)
            return nil
        }
        var seen: Set<String> = []
        var choices: [MatrixAxis.Choice] = []
        for value in values {
            guard let choice = readChoice(value, axis: entry.name, into: &findings) else { continue }
            guard seen.insert(choice.label).inserted else {
                findings.add(
                    LanguageFinding.sameMember(axis: entry.name, label: choice.label), at: value.range)
                continue
            }
            choices.append(choice)
        }
        return choices.count == values.count ? MatrixAxis(name: entry.name, choices: choices) : nil
    }

    private func readChoice(
        _ node: Node, axis: String, into findings: inout Diagnostics
    ) -> MatrixAxis.Choice? {
        if node.isReported { return nil }
        if let entries = node.entries, Set(entries.map(\.name)) == ["name", "value"],
            let name = node["name"], let value = node["value"]
        {
            if name.isReported || value.isReported { return nil }
            guard let label = name.shortText, Self.isLabel(label) else {
                findings.add(LanguageFinding.badMemberName(name.text ?? name.whatItIs), at: name.range)
                return nil
            }
            return MatrixAxis.Choice(axis: axis, value: value, label: label)
        }
        // `+` joins axes in a member's name, so 1e+21 is called 1e21.
        let short = node.scalar == .null ? nil : node.shortText
        let isNumber = node.sort == "a number"
        let label = isNumber ? short.map { String($0.filter { $0 != "+" }) } : short
        guard let label, Self.isLabel(label) else {
            findings.add(
                LanguageFinding.valueNeedsName(
                    axis: axis, found: node.scalar == .null ? "an empty value" : node.whatItIs),
                at: node.range)
            return nil
        }
        return MatrixAxis.Choice(axis: axis, value: node, label: label)
    }

    /// Part of a stage's name: a name that may hold dots, as numbers do.
    static func isLabel(_ text: String) -> Bool {
        Name.isNormal(text) && !text.isEmpty
            && text.unicodeScalars.allSatisfy { $0 == "." || Name.isPart($0) }
    }
}
