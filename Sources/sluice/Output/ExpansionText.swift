import CanonicalJSON
import PipelineLanguage
import Planner

/// What selectors came to, and what could not be proved before the run.
struct ExpansionText {
    let plan: Plan

    init(_ plan: Plan) { self.plan = plan }

    var text: String {
        var text = ""
        for planned in plan.stages {
            guard let kind = planned.kind else { continue }
            let lines = expansions(planned.parameters, kind.parameters.map(\.name))
            if lines.isEmpty, !planned.needsActualTypes { continue }
            text += "\(planned.stage.name)\n"
            for line in lines { text += "  \(line)\n" }
            if planned.needsActualTypes { text += "  columns are looked up when its input is there\n" }
        }
        return text
    }

    /// Every list of columns, with the path of the parameter it stands under.
    private func expansions(_ values: JSONValue, _ names: [String]) -> [String] {
        var lines: [String] = []
        func walk(_ value: JSONValue, _ path: String) {
            if let columns = value.strings, !columns.isEmpty, path.hasSuffix("columns") {
                lines.append("\(path): \(columns.joined(separator: ", "))")
            } else if let elements = value.array {
                for (index, element) in elements.enumerated() { walk(element, "\(path)[\(index)]") }
            } else if let members = value.object {
                for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                    walk(member, path.isEmpty ? name : "\(path).\(name)")
                }
            }
        }
        walk(values, "")
        return lines
    }
}
