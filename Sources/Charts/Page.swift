/// A self-contained HTML page: nothing is fetched, and a policy in the page
/// forbids it. It holds no time, host or path; equal contents give equal bytes.
public struct Page: Sendable {
    public var title: String
    /// Above the title: what kind of page it is.
    public var eyebrow: String
    /// A sentence or two that say the main thing.
    public var lead: String
    public var sections: [Section]

    public struct Section: Sendable {
        /// Unique in its page.
        public var id: String
        public var title: String
        public var note: String?
        public var contents: [Markup]

        public init(id: String, title: String, note: String? = nil, contents: [Markup]) {
            self.id = id
            self.title = title
            self.note = note
            self.contents = contents
        }
    }

    /// Large numbers under the title.
    public var tiles: [Tile]

    /// Rules of this kind of page, behind those of all.
    public var style = ""

    public struct Tile: Sendable {
        public var name: String
        public var value: String
        public var about: String?

        public init(_ name: String, _ value: String, about: String? = nil) {
            self.name = name
            self.value = value
            self.about = about
        }
    }

    public init(title: String, eyebrow: String, lead: String, tiles: [Tile] = [], sections: [Section] = []) {
        self.title = title
        self.eyebrow = eyebrow
        self.lead = lead
        self.tiles = tiles
        self.sections = sections
    }

    /// - Parameter footer: Small print.
    public func html(footer: String) -> String {
        let head: [Markup] = [
            .element("meta", ["charset": "utf-8"]),
            .element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
            .element("meta", ["name": "color-scheme", "content": "light dark"]),
            .element(
                "meta",
                [
                    "http-equiv": "Content-Security-Policy",
                    "content": "default-src 'none'; style-src 'unsafe-inline'",
                ]),
            .element("title", [:], "\(title) · \(eyebrow)"), .style(PageStyle.css + style),
        ]
        let header = Markup.element(
            "header", [:],
            [
                .element("p", ["class": "eyebrow"], eyebrow), .element("h1", [:], title),
                .element("p", ["class": "lead"], lead), tiles.isEmpty ? .group([]) : tileList,
            ])
        let main = Markup.element("main", [:], sections.map(Self.markup))
        let body = Markup.element("body", [:], [header, main, .element("footer", [:], footer)])
        let page = Markup.element("html", ["lang": "en"], [.element("head", [:], head), body])
        return "<!DOCTYPE html>\n" + page.html + "\n"
    }

    private var tileList: Markup {
        .element(
            "dl", ["class": "tiles"],
            tiles.map { tile in
                var children: [Markup] = [.element("dt", [:], tile.name), .element("dd", [:], tile.value)]
                if let about = tile.about { children.append(.element("dd", ["class": "about"], about)) }
                return .element("div", ["class": "tile"], children)
            })
    }

    private static func markup(_ section: Section) -> Markup {
        var children: [Markup] = [.element("h2", ["id": section.id], section.title)]
        if let note = section.note { children.append(.element("p", ["class": "note"], note)) }
        return .element("section", ["aria-labelledby": section.id], children + section.contents)
    }
}

/// What stands in a section.
public enum PagePart {
    /// Cards beside each other where there is room.
    public static func cards(_ cards: [Markup], wide: Bool = false) -> Markup {
        .element("div", ["class": wide ? "cards wide" : "cards"], cards)
    }

    public static func card(title: String?, _ contents: [Markup]) -> Markup {
        .element("div", ["class": "card"], (title.map { [.element("h3", [:], $0)] } ?? []) + contents)
    }

    /// A picture with its caption, legend and, folded away, its numbers.
    public static func figure(_ plot: Plot, legend: Legend? = nil, numbers: (String, Markup)? = nil) -> Markup
    {
        let caption = Markup.element(
            "figcaption", [:],
            [.element("h3", [:], plot.title), .element("p", [:], plot.description)])
        var children = [caption, plot.svg]
        if let legend { children.append(legend.markup) }
        if let (summary, table) = numbers {
            children.append(.element("details", [:], [.element("summary", [:], summary), table]))
        }
        return .element("figure", ["class": "card"], children)
    }

    /// Names and values.
    public static func facts(_ facts: [(name: String, value: String)]) -> Markup {
        .element(
            "dl", ["class": "facts"],
            facts.flatMap { [.element("dt", [:], $0.name), .element("dd", [:], $0.value)] })
    }

    /// A table that scrolls sideways by itself where it is too wide.
    ///
    /// - Parameters:
    ///   - header: Column titles; with which columns are numbers.
    ///   - rows: Cells; the first of each row is its title.
    public static func table(
        caption: String?, header: [(title: String, isNumber: Bool)], rows: [[String]]
    ) -> Markup {
        let head = header.map { column in
            Markup.element("th", ["scope": "col", "class": column.isNumber ? "number" : nil], column.title)
        }
        let body = rows.map { row in
            Markup.element(
                "tr", [:],
                row.enumerated().map { index, cell in
                    index == 0
                        ? .element("th", ["scope": "row"], cell)
                        : .element("td", ["class": header[index].isNumber ? "number" : "about"], cell)
                })
        }
        return scrolling(
            name: caption ?? header.map(\.title).joined(separator: ", "),
            .element(
                "table", [:],
                (caption.map { [.element("caption", [:], $0)] } ?? [])
                    + [.element("thead", [:], [.element("tr", [:], head)]), .element("tbody", [:], body)]))
    }

    /// What may be wider than the page, in a region that keys can scroll.
    public static func scrolling(name: String, _ content: Markup) -> Markup {
        .element(
            "div", ["class": "scroll", "role": "region", "aria-label": name, "tabindex": "0"], [content])
    }
}
