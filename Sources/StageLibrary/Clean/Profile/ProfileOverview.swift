import Charts
import Estimators
import TableTypes

/// All columns in one table, a line each.
struct ProfileOverview {
    private let profiled: ProfiledTable

    init(_ table: ProfiledTable) { profiled = table }

    var table: Markup {
        let head = [
            ("Column", false), ("Values", false), ("Missing", true), ("Different", true), ("Middle", true),
            ("From", true), ("To", true),
        ].map { title, isNumber in
            Markup.element("th", ["scope": "col", "class": isNumber ? "number" : nil], title)
        }
        return PagePart.scrolling(
            name: "All columns",
            .element(
                "table", [:],
                [
                    .element("thead", [:], [.element("tr", [:], head)]),
                    .element("tbody", [:], profiled.columns.map(line)),
                ]))
    }

    private func line(_ column: ProfiledColumn) -> Markup {
        let type = column.type.rawValue + (column.role.map { ", \($0.rawValue)" } ?? "")
        func number(_ text: String) -> Markup { .element("td", ["class": "number"], text) }
        let tint = NumberText.fixed(column.missingShare * 0.36, 2)
        let (middle, from, to) = Self.extent(column)
        return .element(
            "tr", [:],
            [
                .element(
                    "th", ["scope": "row"],
                    [.text(ValueText.level(column.name)), .element("span", ["class": "type"], type)]),
                .element("td", [:], [Sparkline.bars(Self.heights(column))]),
                .element(
                    "td",
                    [
                        "class": "number",
                        "style": column.missing > 0 ? "background:rgb(var(--heat) / \(tint))" : nil,
                    ], column.missing == 0 ? "0" : ValueText.share(column.missingShare)),
                number(column.distinct.map { NumberText.count($0) } ?? "many"), number(middle), number(from),
                number(to),
            ])
    }

    private static func heights(_ column: ProfiledColumn) -> [Double] {
        switch column.values {
        case .none: []
        case .numbers(let numbers): numbers.histogram.counts.map { Double($0) }
        case .levels(let levels): levels.counts.prefix(16).map { Double($0.count) }
        case .texts(let texts): texts.lengths.histogram.counts.map { Double($0) }
        }
    }

    /// The median, or the most frequent level; the least and the most.
    private static func extent(_ column: ProfiledColumn) -> (String, String, String) {
        switch column.values {
        case .none: ("n/a", "n/a", "n/a")
        case .numbers(let numbers):
            (
                ValueText.short(numbers.quantiles[3], column.type),
                ValueText.short(numbers.moments.least, column.type),
                ValueText.short(numbers.moments.most, column.type)
            )
        case .levels(let levels): (ValueText.level(levels.counts.first?.level ?? "", 24), "", "")
        case .texts(let texts):
            (
                "\(ValueText.short(texts.lengths.quantiles[3])) \(texts.areFiles ? "bytes" : "chars")",
                ValueText.short(texts.lengths.moments.least), ValueText.short(texts.lengths.moments.most)
            )
        }
    }
}
