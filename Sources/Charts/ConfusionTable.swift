/// Counts of actual against predicted classes as a table, each cell tinted by
/// its share of the row.
public enum ConfusionTable {
    /// - Parameter counts: `counts[actual][predicted]`, square, one row a level.
    public static func markup(levels: [String], counts: [[Int]]) -> Markup {
        precondition(counts.count == levels.count, "\(levels.count) levels, \(counts.count) rows")
        let top = Markup.element(
            "tr", [:],
            [.element("th", ["scope": "col"], "Actual")]
                + levels.map { .element("th", ["scope": "col", "class": "number"], "predicted \($0)") })
        let rows = levels.indices.map { actual in
            let total = counts[actual].reduce(0, +)
            let cells = levels.indices.map { predicted -> Markup in
                let share = total == 0 ? 0 : Double(counts[actual][predicted]) / Double(total)
                // At most 0.36, so that text keeps its contrast.
                let tint = NumberText.fixed(share * 0.36, 2)
                return .element(
                    "td",
                    [
                        "class": actual == predicted ? "number hit" : "number",
                        "style": "background:rgb(var(--heat) / \(tint))",
                    ],
                    [
                        .text(NumberText.count(counts[actual][predicted])),
                        .element("span", ["class": "share"], NumberText.percent(share, 0)),
                    ])
            }
            return Markup.element("tr", [:], [.element("th", ["scope": "row"], levels[actual])] + cells)
        }
        return PagePart.scrolling(
            name: "Confusion matrix",
            .element(
                "table", ["class": "matrix"],
                [
                    .element("caption", [:], "Rows, and each cell's share of its actual class."),
                    .element("thead", [:], [top]), .element("tbody", [:], rows),
                ]))
    }
}
