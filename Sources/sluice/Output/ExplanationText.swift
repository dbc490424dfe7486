import ContentStore
import Planner
import Projects

/// An explanation in sentences: the verdict, what changed, where it came from.
struct ExplanationText {
    let explanation: Explanation
    private let paint = Paint(isOn: Terminal.hasDataColor)

    init(_ explanation: Explanation) { self.explanation = explanation }

    var text: String { lines(explanation, indent: "").joined(separator: "\n") + "\n" }

    private func lines(_ explanation: Explanation, indent: String) -> [String] {
        var lines = [indent + headline(explanation)]
        for reason in explanation.reasons { lines.append("\(indent)  \(sentence(reason, explanation))") }
        for cause in explanation.causes { lines += self.lines(cause, indent: indent + "    ") }
        return lines
    }

    private func headline(_ explanation: Explanation) -> String {
        let name = paint(explanation.stage, .bold)
        let key = explanation.key.map { "  (\($0.hex.prefix(12)))" } ?? ""
        switch explanation.verdict {
        case .hit:
            return explanation.reasons.isEmpty
                ? "\(name): hit\(key)" : "\(name): hit\(key), and ran last because"
        case .run: return "\(name): miss\(key), it will run"
        case .maybe(let upstream): return "\(name): depends on '\(upstream)', which runs first"
        case .broken(let problem): return "\(name): cannot run: \(problem)"
        }
    }

    private func sentence(_ reason: Explanation.Reason, _ explanation: Explanation) -> String {
        switch reason {
        case .neverRan: "it never ran before"
        case .outputsMissing: "its outputs are gone from the store"
        case .neverCached: "'cache: false': it runs every time"
        case .unknownBefore(let key):
            "its key is not the locked one (\(key.prefix(12))), whose details this store does not have"
        case .changed(let change, let from):
            change.sentence + (from.map { ", from '\($0)'" } ?? "")
        }
    }
}
