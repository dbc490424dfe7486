import Charts

/// How columns go together, as tables: the strongest pairs, and where there is room all of them.
struct ProfileRelations {
    /// Columns of a table of all pairs.
    private static let mostColumns = 24
    private static let mostPairs = 20

    private let relations: [Relation]
    private let names: [String]

    init(_ table: ProfiledTable) {
        relations = table.relations.filter { $0.strength != nil }
        names = table.columns.map(\.name)
    }

    let note =
        "Pearson's correlation sees lines, Spearman's any rise or fall; Cramér's V is of two columns of levels, the "
        + "correlation ratio of levels and numbers, both from 0 to 1. None of them says what causes what."

    /// Nil where no two columns could be compared.
    var contents: [Markup]? {
        guard !relations.isEmpty else { return nil }
        let strongest = relations.enumerated().sorted {
            ($1.element.strength ?? 0, $0.offset) < ($0.element.strength ?? 0, $1.offset)
        }.map(\.element)
        var cards = [
            PagePart.card(
                title: "The strongest",
                [
                    PagePart.table(
                        caption: nil,
                        header: [("Column", false), ("With", false), ("Measure", false), ("Value", true)],
                        rows: strongest.prefix(Self.mostPairs).map { relation in
                            [
                                ValueText.level(relation.one), ValueText.level(relation.other), relation.name,
                                NumberText.fixed(relation.value ?? 0, 3),
                            ]
                        })
                ])
        ]
        if let card = matrix("Numbers", "Pearson below the diagonal, Spearman above it.", Self.correlations) {
            cards.append(card)
        }
        if let card = matrix("Levels", "Cramér's V.", Self.association) { cards.append(card) }
        return cards.map { PagePart.cards([$0], wide: true) }
    }

    /// Below the diagonal and above it.
    private static func correlations(_ relation: Relation) -> (Double?, Double?)? {
        if case .correlation(let pearson, let spearman) = relation.measure {
            (pearson, spearman)
        } else {
            nil
        }
    }

    private static func association(_ relation: Relation) -> (Double?, Double?)? {
        if case .cramersV(let value) = relation.measure { (value, value) } else { nil }
    }

    /// Nil where there are less than three columns or too many.
    private func matrix(
        _ title: String, _ caption: String, _ values: (Relation) -> (Double?, Double?)?
    ) -> Markup? {
        var cells: [String: [String: Double]] = [:]
        var members: Set<String> = []
        for relation in relations {
            guard let (below, above) = values(relation) else { continue }
            members.formUnion([relation.one, relation.other])
            cells[relation.other, default: [:]][relation.one] = below
            cells[relation.one, default: [:]][relation.other] = above
        }
        let columns = names.filter(members.contains)
        guard columns.count > 2, columns.count <= Self.mostColumns else { return nil }
        let head =
            [Markup.element("th", ["scope": "col"], "Column")]
            + columns.map { .element("th", ["scope": "col", "class": "number"], ValueText.level($0, 24)) }
        let rows = columns.map { row -> Markup in
            .element(
                "tr", [:],
                [.element("th", ["scope": "row"], ValueText.level(row, 24))]
                    + columns.map { column in
                        if row == column { return .element("td", ["class": "number"], "1") }
                        guard let value = cells[row]?[column] else {
                            return .element("td", ["class": "number"], "n/a")
                        }
                        // At most 0.36, so that text keeps its contrast.
                        let tint = NumberText.fixed(value.magnitude * 0.36, 2)
                        return .element(
                            "td", ["class": "number", "style": "background:rgb(var(--heat) / \(tint))"],
                            NumberText.fixed(value, 2))
                    })
        }
        return PagePart.card(
            title: title,
            [
                PagePart.scrolling(
                    name: "\(title): \(caption)",
                    .element(
                        "table", ["class": "relations"],
                        [
                            .element("caption", [:], caption),
                            .element("thead", [:], [.element("tr", [:], head)]), .element("tbody", [:], rows),
                        ]))
            ])
    }
}
