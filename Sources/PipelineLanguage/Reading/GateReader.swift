import Diagnostics
import YAMLSyntax

/// Reads bounds on metrics, `{ auc: ">= 0.70" }`, wherever they stand.
enum GateReader {
    /// The conditions that are bounds, by metric; the others are reported.
    static func read(_ entries: [Node.Entry], into findings: inout Diagnostics) -> [String: String] {
        var gates: [String: String] = [:]
        for entry in entries where !entry.value.isReported {
            if let text = entry.value.text, Gate(metric: entry.name, condition: text) != nil {
                gates[entry.name] = text
            } else {
                findings.add(LanguageFinding.badGate(metric: entry.name), at: entry.value.range)
            }
        }
        return gates
    }
}

/// Where a Table Schema lies: inside the project, since it is no source.
enum SchemaPath {
    static func read(
        _ written: String, in folder: String, at range: SourceRange, into findings: inout Diagnostics
    ) -> ProjectPath? {
        let expected = "a path of the project, such as //schemas/rows.yaml"
        let path = ProjectPath(written: written, in: folder)
        if written.hasPrefix("/"), !written.hasPrefix("//") {
            findings.add(LanguageFinding.absolutePath(written, expected: expected), at: range)
            return nil
        }
        if path.isOutside {
            findings.add(LanguageFinding.escapingPath(written, expected: expected), at: range)
            return nil
        }
        return path
    }
}
