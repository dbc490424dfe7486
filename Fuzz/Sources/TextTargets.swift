import CanonicalJSON
import Diagnostics
import YAMLSyntax

extension FuzzTarget {
    /// The YAML reader. What it finds can be shown, and a text without a root
    /// says why.
    static let yaml = FuzzTarget(name: "yaml") { bytes in
        var findings = Diagnostics()
        let root = parseYAML(SourceText(path: "p.yaml", bytes: bytes), into: &findings)
        precondition(root != nil || findings.hasErrors, "no root and no error")
        precondition(
            findings.isEmpty == DiagnosticRenderer().render(findings).isEmpty, "a finding is not shown")
    }

    /// The JSON reader and writer: canonical text is read back as itself.
    static let json = FuzzTarget(name: "json") { bytes in
        guard let value = try? JSONValue(parsing: bytes) else { return }
        let text = value.canonicalText
        do {
            let again = try JSONValue(parsing: text).canonicalText
            precondition(again == text, "canonical text changed: \(text) became \(again)")
        } catch {
            preconditionFailure("canonical text is refused: \(error)")
        }
    }
}
