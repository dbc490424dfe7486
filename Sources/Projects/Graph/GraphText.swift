/// A graph in the words of other tools' drawing programs.
extension PipelineGraph {
    /// Ports that an edge's label names: all but a main output.
    private func label(_ output: String?, of node: Int) -> String? {
        output == nodes[node].outputs.first?.name ? nil : output
    }

    /// Edges as a drawing has them: one between two nodes, with every port it
    /// stands for that is no main output.
    var arrows: [(from: Int, to: Int, labels: [String], isOrder: Bool)] {
        var arrows: [(from: Int, to: Int, labels: [String], isOrder: Bool)] = []
        var places: [Edge: Int] = [:]
        for edge in edges {
            let pair = Edge(edge.from, edge.to)
            let place = places[pair] ?? arrows.count
            if place == arrows.count {
                places[pair] = place
                arrows.append((edge.from, edge.to, [], edge.isOrder))
            }
            if let label = label(edge.output, of: edge.from), !arrows[place].labels.contains(label) {
                arrows[place].labels.append(label)
            }
        }
        return arrows
    }

    /// For Graphviz: `sluice dag --format dot | dot -Tsvg`.
    public var dot: String {
        func quoted(_ text: String) -> String {
            var result = "\""
            for character in text {
                if character == "\"" || character == "\\" { result += "\\" }
                result += character == "\n" ? "\\n" : String(character)
            }
            return result + "\""
        }
        var text = "digraph \(quoted(name)) {\n  node [shape=box, style=rounded];\n"
        for (number, node) in nodes.enumerated() {
            let shape = node.role == .source ? ", shape=note, style=\"\"" : ""
            text += "  n\(number) [label=\(quoted(node.name + "\n" + node.detail))\(shape)];\n"
        }
        for arrow in arrows {
            var attributes: [String] = []
            if !arrow.labels.isEmpty {
                attributes.append("label=\(quoted(arrow.labels.joined(separator: ", ")))")
            }
            if arrow.isOrder { attributes.append("style=dashed") }
            let tail = attributes.isEmpty ? "" : " [\(attributes.joined(separator: ", "))]"
            text += "  n\(arrow.from) -> n\(arrow.to)\(tail);\n"
        }
        return text + "}\n"
    }

    /// A Mermaid flowchart, which code hosts draw inside Markdown.
    public var mermaid: String {
        // Mermaid ends a text at a quote and reads `#...;` as a character.
        func quoted(_ text: String) -> String {
            var result = ""
            for scalar in text.unicodeScalars {
                switch scalar {
                case "\"", "#", "<", ">", "&", "`", "\\", "\n": result += "#\(scalar.value);"
                default: result.unicodeScalars.append(scalar)
                }
            }
            return "\"\(result)\""
        }
        var text = "flowchart TD\n"
        for (number, node) in nodes.enumerated() {
            let label = quoted(node.name).dropLast() + "<br/>" + quoted(node.detail).dropFirst()
            text += node.role == .source ? "  n\(number)[/\(label)/]\n" : "  n\(number)[\(label)]\n"
        }
        for arrow in arrows {
            let labels = arrow.labels.isEmpty ? "" : "|\(quoted(arrow.labels.joined(separator: ", ")))|"
            text += "  n\(arrow.from) \(arrow.isOrder ? "-.->" : "-->")\(labels) n\(arrow.to)\n"
        }
        return text
    }
}
