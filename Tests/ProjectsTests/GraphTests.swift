import CanonicalJSON
import Diagnostics
import Platform
import Testing

@testable import Projects

@Suite struct GraphTests {
    private static func graph(
        _ names: [String], _ edges: [(Int, Int)], orders: [(Int, Int)] = []
    ) -> PipelineGraph {
        PipelineGraph(
            name: "g", nodes: names.map { .init($0, "run", outputs: [.init("out", "table")]) },
            edges: edges.map { .init($0, $1, output: "out", input: "in") }
                + orders.map { .init($0, $1) })
    }

    private static let diamond = graph(["top", "left", "right", "end"], [(0, 1), (0, 2), (1, 3), (2, 3)])
    private static let two = graph(["a", "b", "c", "d"], [(0, 1), (2, 3)])
    private static let wide = graph(["数据", "clean", "größe"], [(0, 1), (1, 2), (0, 2)])

    @Test func everyStageStandsOnceBelowItsDeepestDependency() {
        #expect(
            GraphTree(Self.diamond).text() == """
                top        run
                ├─ left    run
                │  └─ end  run  ← right
                └─ right   run

                """)
        let deep = Self.graph(["a", "b", "c", "d"], [(0, 1), (1, 2), (0, 3), (2, 3)])
        #expect(
            GraphTree(deep).text() == """
                a           run
                └─ b        run
                   └─ c     run
                      └─ d  run  ← a

                """)
    }

    @Test func componentsStandBelowOneAnother() {
        #expect(
            GraphTree(Self.two).text() == """
                a     run
                └─ b  run
                c     run
                └─ d  run

                """)
    }

    @Test func wideNamesAreAligned() {
        #expect(
            GraphTree(Self.wide).text() == """
                数据         run
                └─ clean     run
                   └─ größe  run  ← 数据

                """)
    }

    @Test func aLongChainNeitherOverflowsNorRunsOutOfThePage() {
        let count = 1000
        let chain = Self.graph((0..<count).map { "s\($0)" }, (1..<count).map { ($0 - 1, $0) })
        let lines = GraphTree(chain).text().split(separator: "\n")
        #expect(lines.count == count)
        #expect(lines.allSatisfy { $0.count < 80 })
        #expect(lines[0].hasPrefix("s0 "))
        #expect(lines[999].contains("↓  s999"))
        #expect(chain.svg.utf8.count > 100_000)
        #expect(chain.depths.last == 999)
    }

    @Test func dotNamesPortsThatAreNoMainOutputs() {
        var graph = Self.two
        graph.nodes[0].outputs.append(.init("rest", "table"))
        graph.nodes[1].name = "say \"hi\"\\"
        graph.edges.append(.init(0, 1, output: "rest", input: "more"))
        graph.edges.append(.init(1, 2))
        #expect(
            graph.dot == #"""
                digraph "g" {
                  node [shape=box, style=rounded];
                  n0 [label="a\nrun"];
                  n1 [label="say \"hi\"\\\nrun"];
                  n2 [label="c\nrun"];
                  n3 [label="d\nrun"];
                  n0 -> n1 [label="rest"];
                  n2 -> n3;
                  n1 -> n2 [style=dashed];
                }

                """#)
    }

    @Test func mermaidEscapesWhatItWouldRead() {
        var graph = Self.two
        graph.nodes[0] = .init("data/#1 \"x\".csv", "file", role: .source)
        graph.edges[0].output = nil
        graph.edges.append(.init(1, 2))
        #expect(
            graph.mermaid == """
                flowchart TD
                  n0[/"data/#35;1 #34;x#34;.csv<br/>file"/]
                  n1["b<br/>run"]
                  n2["c<br/>run"]
                  n3["d<br/>run"]
                  n0 --> n1
                  n2 --> n3
                  n1 -.-> n2

                """)
    }

    @Test func jsonHasNodesAndEdgesWithTheirPorts() {
        let graph = Self.graph(["a", "b"], [(0, 1)], orders: [])
        #expect(
            graph.json.canonicalText
                == #"{"edges":[{"from":"a","input":"in","output":"out","to":"b"}],"name":"g","nodes":[{"kind":"run","name":"a","outputs":[{"name":"out","type":"table"}],"role":"stage"},{"kind":"run","name":"b","outputs":[{"name":"out","type":"table"}],"role":"stage"}],"off":[]}"#
        )
    }

    /// Layers, whatever the graph: no two places overlap, edges go down.
    @Test func nothingOverlapsInALayout() {
        var seed: UInt64 = 7
        func random(_ bound: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % bound
        }
        for _ in 0..<40 {
            let count = 2 + random(40)
            var edges: [(Int, Int)] = []
            for to in 1..<count { for _ in 0..<random(4) { edges.append((random(to), to)) } }
            let graph = Self.graph((0..<count).map { "stage\($0)" }, edges)
            let layout = GraphLayout(graph, widths: (0..<count).map { _ in 20 + Double(random(200)) })
            #expect(layout.layers.joined().sorted() == Array(layout.places.indices))
            for layer in layout.layers {
                for (left, right) in zip(layer, layer.dropFirst()) {
                    let (a, b) = (layout.places[left], layout.places[right])
                    #expect(a.x + a.width / 2 + GraphLayout.gap <= b.x - b.width / 2 + 1e-6)
                }
            }
            for route in layout.routes {
                for (upper, lower) in zip(route, route.dropFirst()) {
                    #expect(layout.places[upper].layer + 1 == layout.places[lower].layer)
                }
            }
            #expect(graph.svg == graph.svg)
        }
    }

    @Test func aSourceStandsJustAboveItsFirstReader() {
        var graph = Self.graph(["a", "b", "c"], [(0, 1), (1, 2)])
        graph.nodes.append(.init("x.csv", "file", role: .source))
        graph.edges.append(.init(3, 2, input: "in"))
        #expect(GraphLayout(graph, widths: [50, 50, 50, 50]).layers == [[0], [1, 3], [2]])
    }

    @Test func edgesThatCanBeUncrossedAre() {
        let graph = Self.graph(["a", "b", "c", "d"], [(0, 3), (1, 2)])
        let layout = GraphLayout(graph, widths: [50, 50, 50, 50])
        #expect(layout.layers == [[0, 1], [3, 2]])
        #expect(GraphLayout.inversions([3, 1, 2, 0]) == 5)
    }

    @Test func thePictureEscapesTextsAndCutsLongNames() throws {
        let long = String(repeating: "名", count: 30)
        let graph = Self.graph(["<a&b>", long], [(0, 1)])
        let svg = graph.svg
        #expect(svg.contains("&lt;a&amp;b&gt;</text>"))
        #expect(!svg.contains("<a&b>"))
        #expect(svg.contains(String(repeating: "名", count: 19) + "…</text>"))
        #expect(svg.contains("<title>\(long): run</title>"))
        try expectGolden(Self.diamond.svg, "diamond.svg")
    }
}
