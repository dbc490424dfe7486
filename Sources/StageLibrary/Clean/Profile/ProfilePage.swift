import Charts
import Diagnostics
import TableTypes

/// A profile as a page: what stands out, all columns at a glance, each by itself, how they go together, and what has moved.
/// A function of the tables; it names no time, host or path.
struct ProfilePage {
    let title: String
    let table: ProfiledTable

    var html: String {
        var page = Page(
            title: title, eyebrow: "Data report", lead: lead, tiles: tiles,
            sections: [notes, overview, drift, values, relations].compactMap { $0 })
        page.style = Self.style
        return page.html(
            footer: "Made by Sluice's clean.profile. This page is complete in itself and asks no network.")
    }

    private static func count(_ count: Int, _ what: String) -> String {
        "\(NumberText.count(count)) \(what)\(count == 1 ? "" : "s")"
    }

    private var lead: String {
        var text = "\(Self.count(table.rows, "row")) in \(Self.count(table.columns.count, "column")). "
        text +=
            table.missing == 0
            ? "Every cell has a value"
            : "\(ValueText.share(table.missingShare)) of the cells have no value, in \(Self.count(table.incomplete, "row"))"
        text +=
            table.repeated == 0
            ? ", and no row repeats another."
            : ", and \(Self.count(table.repeated, "row")) "
                + "\(table.repeated == 1 ? "repeats" : "repeat") one before."
        if let reference = table.reference {
            text += " Measured against a reference of \(Self.count(reference.rows, "row"))."
        }
        return text
    }

    private var tiles: [Page.Tile] {
        var tiles: [Page.Tile] = [
            .init(
                "Rows", ValueText.large(table.rows),
                about: table.rows < 1_000_000 ? nil : NumberText.count(table.rows)),
            .init("Columns", NumberText.count(table.columns.count), about: types),
            .init(
                "Missing cells", ValueText.share(table.missingShare),
                about: "\(NumberText.count(table.missing)) of \(NumberText.count(table.cells))"),
            .init(
                "Repeated rows", ValueText.large(table.repeated), about: ValueText.share(table.repeatedShare)
            ),
            .init(
                "Constant columns", NumberText.count(table.constant.count),
                about: "\(NumberText.count(table.nearConstant.count)) nearly so"),
        ]
        if table.reference != nil {
            tiles.append(
                .init("Drifted columns", NumberText.count(table.drifted.count), about: "PSI of 0.2 or more"))
        }
        return tiles
    }

    private var types: String {
        ColumnType.allCases.compactMap { type in
            let count = table.columns.count { $0.type == type }
            return count == 0 ? nil : "\(count) \(type.rawValue)"
        }.joined(separator: ", ")
    }

    private var notes: Page.Section {
        let notes = ProfileNote.all(table)
        let shown = notes.prefix(60)
        let content =
            notes.isEmpty
            ? Markup.element("p", [:], "Nothing stands out.")
            : PagePart.table(
                caption: notes.count > shown.count ? "The first \(shown.count) of \(notes.count)." : nil,
                header: [("Where", false), ("What", false), ("Weight", false)],
                rows: shown.map { [ValueText.level($0.subject), $0.text, $0.weight.rawValue] })
        return Page.Section(
            id: "notes", title: "Worth a look",
            note: "What is likely to matter before this table is learned from.",
            contents: [PagePart.card(title: nil, [content])])
    }

    private var overview: Page.Section? {
        guard !table.columns.isEmpty else { return nil }
        return Page.Section(
            id: "columns", title: "All columns",
            note:
                "A line a column; the small picture is of its values, for levels of the most frequent ones.",
            contents: [PagePart.card(title: nil, [ProfileOverview(table).table])])
    }

    private var values: Page.Section? {
        guard !table.columns.isEmpty else { return nil }
        let sampled =
            table.rows > SampledRows.most
            ? " Pictures and quantiles are of a sample of \(NumberText.count(SampledRows.most)) rows." : ""
        return Page.Section(
            id: "values", title: "Column by column",
            note:
                "Of numbers a histogram, its heights shares of the rows with a value; of levels the most frequent ones.\(sampled)",
            contents: [
                PagePart.cards(table.columns.enumerated().map { ProfileFigures.card($1, "column-\($0)") })
            ])
    }

    private var relations: Page.Section? {
        let relations = ProfileRelations(table)
        guard let contents = relations.contents else { return nil }
        return Page.Section(
            id: "relations", title: "How columns go together", note: relations.note, contents: contents)
    }

    private var drift: Page.Section? {
        guard table.reference != nil else { return nil }
        let ordered = table.columns.enumerated().sorted {
            ($1.element.drift?.index ?? -1, $0.offset) < ($0.element.drift?.index ?? -1, $1.offset)
        }.map(\.element)
        let rows = ordered.map { column -> [String] in
            guard let drift = column.drift else { return [column.name, "", "", "", ""] }
            switch drift {
            case .absent: return [column.name, "n/a", "not in the reference", "", ""]
            case .otherType(let type): return [column.name, "n/a", "is \(type.rawValue) there", "", ""]
            case .notMeasured: return [column.name, "n/a", "not measured", "", ""]
            case .measured(let index, let test):
                let (name, p): (String, String) =
                    switch test {
                    case .kolmogorovSmirnov(let statistic, let p):
                        ("KS \(NumberText.fixed(statistic, 4))", Self.p(p))
                    case .chiSquare(let statistic, let degrees, let p):
                        ("chi² \(NumberText.fixed(statistic, 1)), df \(degrees)", Self.p(p))
                    case nil: ("n/a", "n/a")
                    }
                return [column.name, NumberText.fixed(index, 4), drift.verdict?.rawValue ?? "", name, p]
            }
        }
        return Page.Section(
            id: "drift", title: "Drift from the reference",
            note:
                "The population stability index says how far; from 0.1 on some, from 0.2 on it counts as drifted. With "
                + "many rows a test finds the smallest difference, so that the verdict is by PSI.",
            contents: [
                PagePart.card(
                    title: nil,
                    [
                        PagePart.table(
                            caption: nil,
                            header: [
                                ("Column", false), ("PSI", true), ("Verdict", false), ("Test", true),
                                ("p", true),
                            ], rows: rows)
                    ])
            ])
    }

    private static func p(_ p: Double) -> String { p < 1e-4 ? "< 0.0001" : NumberText.fixed(p, 4) }

    private static let style = """
        .spark { display: block; width: 96px; height: 24px; }
        .spark rect { fill: currentColor; fill-opacity: 0.75; }
        td .type { display: block; color: var(--soft); font-size: 13px; }
        th .type { display: block; color: var(--soft); font-size: 13px; font-weight: 400; }
        .levels td, .levels th { padding: 6px 8px; border-top: 1px solid var(--edge); }
        .relations td.number { min-width: 4.2em; padding: 8px; text-align: center; }
        .relations thead th.number { min-width: 4.2em; padding: 8px; text-align: center; }
        .card > .facts { margin-top: 12px; }

        """
}
