import CanonicalJSON
import PipelineLanguage
import Planner

/// A plan as it is drawn: stages, on request the sources they read, and who
/// needs what of whom. Every drawing is a function of this value.
public struct PipelineGraph: Hashable, Sendable {
    public struct Node: Hashable, Sendable {
        public enum Role: String, Hashable, Sendable { case stage, source }

        public var name: String
        /// `train.model`, `run`; of a source `file` or `folder`.
        public var detail: String
        public var role: Role
        /// What it gives, the main output first.
        public var outputs: [Port]

        public init(_ name: String, _ detail: String, role: Role = .stage, outputs: [Port] = []) {
            self.name = name
            self.detail = detail
            self.role = role
            self.outputs = outputs
        }
    }

    public struct Port: Hashable, Sendable {
        public var name: String
        public var type: String

        public init(_ name: String, _ type: String) {
            self.name = name
            self.type = type
        }
    }

    public struct Edge: Hashable, Sendable {
        /// The node that comes first.
        public var from: Int
        public var to: Int
        /// Output and input port; nil for an order without a use (`after`), and
        /// for the output of a source.
        public var output: String?
        public var input: String?

        public init(_ from: Int, _ to: Int, output: String? = nil, input: String? = nil) {
            self.from = from
            self.to = to
            self.output = output
            self.input = input
        }

        public var isOrder: Bool { input == nil }
    }

    public var name: String
    /// In file order, sources behind the stages.
    public var nodes: [Node]
    /// By the node they lead to, then as its inputs stand in the file.
    public var edges: [Edge]
    /// Stages that `when` turned off.
    public var off: [String]

    /// - Precondition: Edges join nodes that exist, and form no cycle.
    public init(name: String, nodes: [Node], edges: [Edge], off: [String] = []) {
        self.name = name
        self.nodes = nodes
        self.edges = edges
        self.off = off
    }

    /// - Parameter withSources: Whether files and folders of the project are nodes.
    public init(_ plan: Plan, name: String, withSources: Bool) {
        var nodes = plan.stages.map { planned in
            Node(
                planned.stage.name, planned.kind?.name ?? "run",
                outputs: planned.outputs.map { Port($0.port, "\($0.type)") })
        }
        var edges: [Edge] = []
        for (number, planned) in plan.stages.enumerated() {
            var used: Set<Int> = []
            for input in planned.inputs {
                switch input.origin {
                case .output(let stage, let port):
                    used.insert(stage)
                    edges.append(Edge(stage, number, output: port, input: input.port))
                case .source(let source):
                    guard withSources else { continue }
                    edges.append(Edge(plan.stages.count + source, number, input: input.port))
                }
            }
            for stage in planned.dependencies where !used.contains(stage) {
                edges.append(Edge(stage, number))
            }
        }
        if withSources {
            nodes += plan.sources.map { source in
                switch source {
                case .file(let path): Node(path.text, "file", role: .source)
                case .folder(let path, _): Node(path.text, "folder", role: .source)
                case .external: Node(source.name, "outside", role: .source)
                }
            }
        }
        self.init(name: plan.name ?? name, nodes: nodes, edges: edges, off: plan.off)
    }

    /// For each node the nodes it needs, each once, in the order of its inputs.
    var needs: [[Int]] {
        var needs = [[Int]](repeating: [], count: nodes.count)
        for edge in edges where !needs[edge.to].contains(edge.from) { needs[edge.to].append(edge.from) }
        return needs
    }

    /// For each node the length of the longest way to it.
    ///
    /// - Complexity: O(nodes + edges); no recursion, so a chain may be long.
    var depths: [Int] {
        let needs = needs
        var missing = needs.map(\.count)
        var followers = [[Int]](repeating: [], count: nodes.count)
        for (node, needed) in needs.enumerated() { for other in needed { followers[other].append(node) } }
        var depths = [Int](repeating: 0, count: nodes.count)
        var ready = nodes.indices.filter { missing[$0] == 0 }
        var next = 0
        while next < ready.count {
            let node = ready[next]
            next += 1
            for follower in followers[node] {
                depths[follower] = max(depths[follower], depths[node] + 1)
                missing[follower] -= 1
                if missing[follower] == 0 { ready.append(follower) }
            }
        }
        precondition(ready.count == nodes.count, "a cycle among \(nodes.count) nodes")
        return depths
    }

    /// Nodes and edges with their ports.
    public var json: JSONValue {
        [
            "name": .string(name),
            "nodes": .array(
                nodes.map { node in
                    [
                        "name": .string(node.name), "kind": .string(node.detail),
                        "role": .string(node.role.rawValue),
                        "outputs": .array(
                            node.outputs.map { ["name": .string($0.name), "type": .string($0.type)] }),
                    ]
                }),
            "edges": .array(
                edges.map { edge in
                    var json: JSONValue = [
                        "from": .string(nodes[edge.from].name), "to": .string(nodes[edge.to].name),
                    ]
                    json["output"] = edge.output.map(JSONValue.string)
                    json["input"] = edge.input.map(JSONValue.string)
                    return json
                }),
            "off": .strings(off),
        ]
    }
}
