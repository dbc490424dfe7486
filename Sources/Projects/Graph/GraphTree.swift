import Diagnostics

/// A graph as an indented list: every node once, below the deepest node it
/// needs, what else it needs named behind it.
public struct GraphTree: Sendable {
    struct Line {
        var branch: String
        var node: Int
        /// Needed, but not the node it stands below.
        var others: [Int]
    }

    /// From this depth on an only child stands straight below its parent, so
    /// that a long chain does not run out of the page.
    static let deepest = 16

    let graph: PipelineGraph
    private(set) var lines: [Line] = []

    public init(_ graph: PipelineGraph) {
        self.graph = graph
        let needs = graph.needs
        let depths = graph.depths
        var children = [[Int]](repeating: [], count: graph.nodes.count)
        var roots: [Int] = []
        var parents = [Int?](repeating: nil, count: graph.nodes.count)
        for node in graph.nodes.indices {
            var parent: Int?
            for other in needs[node] where parent.map({ depths[other] > depths[$0] }) ?? true {
                parent = other
            }
            parents[node] = parent
            if let parent { children[parent].append(node) } else { roots.append(node) }
        }
        // A stack of our own: a chain of a thousand must not use up the program's.
        var open = roots.reversed().map { (node: $0, branch: "", below: "", depth: 0) }
        while let (node, branch, below, depth) = open.popLast() {
            lines.append(
                Line(branch: branch, node: node, others: needs[node].filter { $0 != parents[node] }))
            let own = children[node]
            if own.count == 1, depth >= Self.deepest {
                open.append((own[0], below + "↓  ", below, depth))
                continue
            }
            for (place, child) in own.enumerated().reversed() {
                let isLast = place == own.count - 1
                open.append(
                    (child, below + (isLast ? "└─ " : "├─ "), below + (isLast ? "   " : "│  "), depth + 1))
            }
        }
    }

    /// - Parameter faint: Makes what is secondary less visible.
    public func text(faint: (String) -> String = { $0 }) -> String {
        let width = lines.map { Self.columns($0.branch + graph.nodes[$0.node].name) }.max() ?? 0
        var text = ""
        for line in lines {
            let node = graph.nodes[line.node]
            let gap = width - Self.columns(line.branch + node.name)
            let others = line.others.map { graph.nodes[$0].name }.joined(separator: ", ")
            text += faint(line.branch) + node.name + String(repeating: " ", count: gap + 2)
            text += faint(node.detail + (others.isEmpty ? "" : "  ← " + others)) + "\n"
        }
        for name in graph.off { text += faint("\(name)  off") + "\n" }
        return text
    }

    static func columns(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + DiagnosticRenderer.width(of: $1) }
    }
}
