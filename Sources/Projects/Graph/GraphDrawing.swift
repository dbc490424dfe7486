import Charts

/// A graph as a picture that stands alone: SVG with its own styles, for light
/// and dark pages.
struct GraphDrawing {
    private static let height = 46.0
    private static let layerGap = 44.0
    private static let margin = 16.0
    /// Of a narrow character of a name, of a detail; a wide one is twice that.
    private static let (nameUnit, detailUnit) = (8.4, 6.9)
    /// Longer names are cut; the whole one is in the title.
    static let longest = 40

    let graph: PipelineGraph
    let layout: GraphLayout
    private let names: [String]

    init(_ graph: PipelineGraph) {
        self.graph = graph
        let names = graph.nodes.map { Self.cut($0.name) }
        self.names = names
        layout = GraphLayout(
            graph,
            widths: zip(graph.nodes, names).map { node, name in
                let text = max(
                    Double(GraphTree.columns(name)) * Self.nameUnit,
                    Double(GraphTree.columns(node.detail)) * Self.detailUnit)
                return text.rounded(.up) + 28
            })
    }

    var svg: String {
        let right = layout.places.map { $0.x + $0.width / 2 }.max() ?? 0
        let width = right + 2 * Self.margin
        let layers = Double(layout.layers.count)
        let height = max(0, layers * (Self.height + Self.layerGap) - Self.layerGap) + 2 * Self.margin
        let size = (Self.unit(width), Self.unit(height))
        var pieces = zip(graph.arrows, layout.routes).map { arrow, route in
            edge(arrow.from, arrow.to, arrow.labels, arrow.isOrder, route)
        }
        pieces += layout.places.compactMap { place in place.node.map { box($0, place) } }
        let picture = Markup.element(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "width": size.0, "height": size.1,
                "viewBox": "0 0 \(size.0) \(size.1)", "role": "img",
            ],
            [.element("title", [:], graph.name), .element("style", [:], Self.style), Self.arrowHead] + pieces)
        return picture.html + "\n"
    }

    /// Colours hold 4.5:1 against their ground, light and dark.
    private static let style = """
        svg { background: #ffffff; font-family: ui-monospace, DejaVu Sans Mono, Menlo, Consolas, monospace; }
        rect { fill: #f4f6f9; stroke: #5b6b82; stroke-width: 1.2; }
        .source rect { fill: #fdf6e3; stroke: #94761c; }
        .name { font-size: 14px; fill: #16202e; text-anchor: middle; }
        .detail { font-size: 11.5px; fill: #56647a; text-anchor: middle; }
        path { fill: none; stroke: #7b8aa0; stroke-width: 1.4; }
        .order path { stroke-dasharray: 5 4; }
        marker path { fill: #7b8aa0; stroke: none; }
        @media (prefers-color-scheme: dark) {
        svg { background: #12161c; }
        rect { fill: #1d2530; stroke: #7f92ad; }
        .source rect { fill: #2b2614; stroke: #c2a13c; }
        .name { fill: #e6ebf2; }
        .detail { fill: #9aa9bf; }
        path { stroke: #71829b; }
        marker path { fill: #71829b; }
        }

        """

    private static let arrowHead = Markup.element(
        "defs", [:],
        [
            .element(
                "marker",
                [
                    "id": "head", "viewBox": "0 0 8 8", "refX": "7", "refY": "4", "markerWidth": "7",
                    "markerHeight": "7", "orient": "auto",
                ],
                [.element("path", ["d": "M0 0.8 L7.5 4 L0 7.2 Z"])])
        ])

    private static func top(_ layer: Int) -> Double { margin + Double(layer) * (height + layerGap) }

    private func box(_ node: Int, _ place: GraphLayout.Place) -> Markup {
        let shown = graph.nodes[node]
        let top = Self.top(place.layer)
        let x = Self.unit(place.x + Self.margin)
        return .element(
            "g", ["class": shown.role == .source ? "source" : "stage"],
            [
                .element("title", [:], "\(shown.name): \(shown.detail)"),
                .element(
                    "rect",
                    [
                        "x": Self.unit(place.x + Self.margin - place.width / 2),
                        "y": Self.unit(top), "width": Self.unit(place.width),
                        "height": Self.unit(Self.height),
                        "rx": shown.role == .source ? "2" : "8",
                    ]),
                .element(
                    "text", ["class": "name", "x": x, "y": Self.unit(top + 20)], names[node]),
                .element(
                    "text", ["class": "detail", "x": x, "y": Self.unit(top + 36)], shown.detail),
            ])
    }

    /// Curves between layers, straight lines through the layers that are passed.
    private func edge(
        _ from: Int, _ to: Int, _ labels: [String], _ isOrder: Bool, _ route: [Int]
    ) -> Markup {
        func point(_ x: Double, _ y: Double) -> String {
            "\(Self.unit(x + Self.margin)) \(Self.unit(y))"
        }
        var path = ""
        for (upper, lower) in zip(route, route.dropFirst()) {
            let (a, b) = (layout.places[upper], layout.places[lower])
            let (start, end) = (Self.top(a.layer) + Self.height, Self.top(b.layer))
            let middle = (start + end) / 2
            path += path.isEmpty ? "M\(point(a.x, start))" : " L\(point(a.x, start))"
            path += " C\(point(a.x, middle)) \(point(b.x, middle)) \(point(b.x, end))"
        }
        let ports = labels.isEmpty ? "" : " (\(labels.joined(separator: ", ")))"
        let title = "\(graph.nodes[from].name)\(ports) → \(graph.nodes[to].name)"
        return .element(
            "g", ["class": isOrder ? "order" : "use"],
            [
                .element("title", [:], isOrder ? title + ", in order only" : title),
                .element("path", ["d": path, "marker-end": "url(#head)"]),
            ])
    }

    /// A place in the picture; far down a very long one, to a whole unit.
    private static func unit(_ value: Double) -> String {
        value.magnitude < 1e6 ? NumberText.coordinate(value) : "\(Int(value.rounded()))"
    }

    private static func cut(_ name: String) -> String {
        guard GraphTree.columns(name) > longest else { return name }
        var result = ""
        var columns = 1
        for character in name {
            columns += GraphTree.columns(String(character))
            if columns > longest { break }
            result.append(character)
        }
        return result + "…"
    }
}

extension PipelineGraph {
    /// A picture that stands alone.
    public var svg: String { GraphDrawing(self).svg }
}
