extension Plot {
    /// Units of the picture: drawn so wide that on a small telephone a unit is
    /// about a pixel, and its text as large as the text around it.
    static let width = 360.0
    static let height = 300.0
    private static let (left, right, top, bottom) = (46.0, 14.0, 12.0, 44.0)

    public var svg: Markup {
        .element(
            "svg",
            [
                "viewBox": "0 0 \(NumberText.coordinate(Self.width)) \(NumberText.coordinate(Self.height))",
                "role": "img", "aria-labelledby": "\(id)-title \(id)-desc",
            ],
            [
                .element("title", ["id": "\(id)-title"], title),
                .element("desc", ["id": "\(id)-desc"], description),
            ]
                + grid + layers.map(drawn) + labels)
    }

    private func px(_ x: Double) -> Double {
        place(x, self.x.range, from: Self.left, to: Self.width - Self.right)
    }

    private func py(_ y: Double) -> Double {
        place(y, self.y.range, from: Self.height - Self.bottom, to: Self.top)
    }

    /// What lies outside an axis is drawn at its end; what is no number, at
    /// its start.
    private func place(
        _ value: Double, _ range: ClosedRange<Double>, from: Double, to: Double
    ) -> Double {
        let share = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
        guard share > 0 else { return from }
        return from + (to - from) * (share > 1 ? 1 : share)
    }

    private var grid: [Markup] {
        let (west, east) = (Self.left, Self.width - Self.right)
        let (north, south) = (Self.top, Self.height - Self.bottom)
        return x.ticks.map { line(px($0.value), north, px($0.value), south, "grid") }
            + y.ticks.map { line(west, py($0.value), east, py($0.value), "grid") }
            + [line(west, south, east, south, "axis"), line(west, north, west, south, "axis")]
    }

    private var labels: [Markup] {
        let south = Self.height - Self.bottom
        let middle = (Self.left + Self.width - Self.right) / 2
        let half = (Self.top + south) / 2
        return x.ticks.map { label($0.label, px($0.value), south + 18, "middle") }
            + y.ticks.map { label($0.label, Self.left - 6, py($0.value) + 4, "end") }
            + (x.title.isEmpty ? [] : [label(x.title, middle, Self.height - 8, "middle", isTitle: true)])
            + (y.title.isEmpty ? [] : [label(y.title, 12, half, "middle", isTitle: true, turned: true)])
    }

    private func drawn(_ layer: Layer) -> Markup {
        switch layer {
        case .line(let points, let series):
            return .element("polyline", ["class": "line \(colour(series))", "points": path(points)])
        case .area(let points, let series):
            guard let first = points.first, let last = points.last else { return .group([]) }
            let floor = y.range.lowerBound
            let closed = [Point(first.x, floor)] + points + [Point(last.x, floor)]
            return .element("polygon", ["class": "area \(colour(series))", "points": path(closed)])
        case .bars(let bars, let series):
            return .group(
                bars.map { bar in
                    let (west, east) = (px(bar.from) + 0.5, px(bar.to) - 0.5)
                    let north = py(bar.height)
                    return .element(
                        "rect",
                        [
                            "class": "bar \(colour(series))", "x": NumberText.coordinate(west),
                            "y": NumberText.coordinate(north),
                            "width": NumberText.coordinate(east > west ? east - west : 0),
                            "height": NumberText.coordinate(Self.height - Self.bottom - north),
                        ])
                })
        case .dots(let dots, let series):
            return .group(
                dots.map { dot in
                    .element(
                        "circle",
                        [
                            "class": "dot \(colour(series))", "cx": NumberText.coordinate(px(dot.point.x)),
                            "cy": NumberText.coordinate(py(dot.point.y)),
                            "r": NumberText.coordinate(dot.radius),
                        ])
                })
        case .reference(let from, let to):
            return line(px(from.x), py(from.y), px(to.x), py(to.y), "reference")
        }
    }

    private func colour(_ series: Int) -> String { "s\(series % PageStyle.seriesCount)" }

    /// Places as text. Of points that fall on one place, and of those inside a
    /// straight level or upright run, only the ends are kept: a curve over a
    /// million rows has no more points than the picture has places.
    private func path(_ points: [Point]) -> String {
        func tenths(_ value: Double) -> Int { Int((value * 10).rounded()) }
        func isBetween(_ a: Int, _ b: Int, _ c: Int) -> Bool { min(a, c) <= b && b <= max(a, c) }
        var kept: [(x: Int, y: Int)] = []
        for point in points {
            let next = (x: tenths(px(point.x)), y: tenths(py(point.y)))
            if let last = kept.last, last == next { continue }
            if kept.count >= 2 {
                let (a, b) = (kept[kept.count - 2], kept[kept.count - 1])
                let isUpright = a.x == b.x && b.x == next.x && isBetween(a.y, b.y, next.y)
                let isLevel = a.y == b.y && b.y == next.y && isBetween(a.x, b.x, next.x)
                if isUpright || isLevel { kept.removeLast() }
            }
            kept.append(next)
        }
        return kept.map { point in
            NumberText.coordinate(Double(point.x) / 10) + "," + NumberText.coordinate(Double(point.y) / 10)
        }.joined(separator: " ")
    }

    private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ name: String) -> Markup {
        .element(
            "line",
            [
                "class": name, "x1": NumberText.coordinate(x1), "y1": NumberText.coordinate(y1),
                "x2": NumberText.coordinate(x2), "y2": NumberText.coordinate(y2),
            ])
    }

    private func label(
        _ text: String, _ x: Double, _ y: Double, _ anchor: String, isTitle: Bool = false,
        turned: Bool = false
    ) -> Markup {
        let (x, y) = (NumberText.coordinate(x), NumberText.coordinate(y))
        return .element(
            "text",
            [
                "class": isTitle ? "axis-title" : "tick", "x": x, "y": y, "text-anchor": anchor,
                "transform": turned ? "rotate(-90 \(x) \(y))" : nil,
            ], text)
    }
}
