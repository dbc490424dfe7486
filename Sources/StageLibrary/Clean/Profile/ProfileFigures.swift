import Charts
import Estimators
import TableTypes

/// One column as a card.
enum ProfileFigures {
    /// Levels that are listed.
    private static let mostLevels = 10

    static func card(_ column: ProfiledColumn, _ id: String) -> Markup {
        switch column.values {
        case .none:
            PagePart.card(
                title: ValueText.level(column.name),
                [.element("p", [:], column.rows == 0 ? "There are no rows." : "No row has a value.")])
        case .numbers(let numbers): figure(numbers, column, id)
        case .levels(let levels):
            PagePart.card(
                title: ValueText.level(column.name),
                [
                    list(levels.counts, column.present, others: levels.counts.count, before: column.before),
                    facts(column),
                ])
        case .texts(let texts): card(texts, column, id)
        }
    }

    private static func facts(_ column: ProfiledColumn) -> Markup {
        PagePart.facts([
            ("Type", column.type.rawValue), ("Rows with a value", NumberText.count(column.present)),
            ("Missing", "\(NumberText.count(column.missing)) (\(ValueText.share(column.missingShare)))"),
        ])
    }

    // MARK: Numbers and times

    private static func figure(
        _ numbers: ProfiledColumn.Numbers, _ column: ProfiledColumn, _ id: String
    ) -> Markup {
        let quantiles = numbers.quantiles
        func value(_ value: Double) -> String { ValueText.short(value, column.type) }
        let description =
            numbers.distinct == 1
            ? "All values are \(value(quantiles[0]))."
            : "Half of the values lie between \(value(quantiles[2])) and \(value(quantiles[4])), the middle one is "
                + "\(value(quantiles[3]))." + beyond(numbers)
        guard numbers.histogram.isDrawable else {
            return PagePart.card(
                title: ValueText.level(column.name),
                [.element("p", [:], description), details(numbers, column)])
        }
        return PagePart.figure(
            plot(
                numbers, id, ValueText.level(column.name), description, column.type, axis: "",
                before: column.before),
            legend: column.before.isEmpty
                ? nil : Legend([("this table", .area, 0), ("reference", .line, 1)]),
            numbers: ("Numbers", details(numbers, column)))
    }

    private static func beyond(_ numbers: ProfiledColumn.Numbers) -> String {
        guard numbers.beyond > 0 else { return "" }
        return
            " \(NumberText.count(numbers.beyond)) far from them \(numbers.beyond == 1 ? "is" : "are") not drawn."
    }

    private static func plot(
        _ numbers: ProfiledColumn.Numbers, _ id: String, _ title: String, _ description: String,
        _ type: ColumnType, axis: String, before: [Double] = []
    ) -> Plot {
        let (edges, counts) = (numbers.histogram.edges, numbers.histogram.counts)
        let all = Double(max(1, numbers.sampled))
        let bars = counts.enumerated().filter { $1 > 0 }.map { place, count in
            Plot.Bar(from: edges[place], to: edges[place + 1], height: Double(count) / all)
        }
        var x = Plot.Axis(axis, edges[0]...edges[edges.count - 1], ticks: 5)
        x.ticks = ticks(x, type)
        let outline = before.enumerated().flatMap { place, share in
            [Plot.Point(edges[place], share), Plot.Point(edges[place + 1], share)]
        }
        var y = Plot.Axis("", 0...((bars.map(\.height) + before).max() ?? 1))
        y.ticks = y.ticks.map { Tick($0.value, NumberText.shortest(($0.value * 1e6).rounded() / 1e4) + "%") }
        return Plot(
            id: id, title: title, description: description, x: x, y: y,
            layers: [.bars(bars, series: 0)] + (outline.isEmpty ? [] : [.line(outline, series: 1)]))
    }

    /// Those whose labels lie within the picture and beside each other.
    private static func ticks(_ axis: Plot.Axis, _ type: ColumnType) -> [Tick] {
        let (low, span) = (axis.range.lowerBound, axis.range.upperBound - axis.range.lowerBound)
        guard span > 0, span.isFinite else { return [] }
        let (width, margin, letter) = (300.0, 13.0, 6.6)
        let places = type == .integer ? axis.ticks.filter { $0.value == $0.value.rounded() } : axis.ticks
        let labelled = places.map { tick in
            type == .date || type == .timestamp
                ? Tick(tick.value, String(ValueText.text(tick.value, type).prefix(10)))
                : Tick(tick.value, ValueText.tick(tick.value))
        }
        var end = -Double.infinity
        return labelled.filter { tick in
            let place = (tick.value - low) / span * width
            let half = Double(tick.label.count) * letter / 2
            guard place + half <= width + margin, place - half > end + letter else { return false }
            end = place + half
            return true
        }
    }

    private static func details(_ numbers: ProfiledColumn.Numbers, _ column: ProfiledColumn) -> Markup {
        func value(_ value: Double) -> String { ValueText.short(value, column.type) }
        let names = ["least", "5%", "25%", "50%", "75%", "95%", "most"]
        var rows = zip(names, numbers.quantiles).map { [$0, value($1)] }
        rows.append(["mean", value(numbers.moments.mean)])
        if !column.isTime {
            rows.append(["deviation", numbers.moments.deviation.map { ValueText.short($0) } ?? "n/a"])
            rows.append(["skewness", numbers.moments.skewness.map { NumberText.fixed($0, 3) } ?? "n/a"])
        }
        rows += [
            ["rows with a value", NumberText.count(column.present)],
            ["missing", "\(NumberText.count(column.missing)) (\(ValueText.share(column.missingShare)))"],
            ["different", column.distinct.map { NumberText.count($0) } ?? "many"],
            ["most frequent", "\(value(numbers.mode)), \(NumberText.count(numbers.modeCount)) times"],
        ]
        if !column.isTime {
            rows += [
                ["zeros", NumberText.count(numbers.moments.zeros)],
                ["negative", NumberText.count(numbers.moments.negatives)],
                [
                    "outliers",
                    "\(NumberText.count(numbers.outliers)), outside \(ValueText.short(numbers.fences.lowerBound)) to "
                        + ValueText.short(numbers.fences.upperBound),
                ],
            ]
        }
        return PagePart.table(
            caption: "Of \(ValueText.level(column.name))", header: [("What", false), ("Value", true)],
            rows: rows)
    }

    // MARK: Levels and texts

    private static func card(_ texts: ProfiledColumn.Texts, _ column: ProfiledColumn, _ id: String) -> Markup
    {
        let unit = texts.areFiles ? "Bytes" : "Characters"
        let middle = ValueText.short(texts.lengths.quantiles[3])
        let what =
            texts.areFiles
            ? "Sizes in bytes; the middle one is \(middle)."
            : "Lengths in characters; the middle one is \(middle). "
                + (texts.distinct.map { "\(NumberText.count($0)) different texts." }
                    ?? "More than \(NumberText.count(HashCounts.most)) different texts.")
        let picture = plot(texts.lengths, id, ValueText.level(column.name), what, .integer, axis: unit)
        guard !texts.mostFrequent.isEmpty else { return PagePart.figure(picture) }
        return PagePart.figure(
            picture,
            numbers: (
                "Texts that come again",
                list(texts.mostFrequent, column.present, others: texts.distinct)
            ))
    }

    /// - Parameters:
    ///   - others: Levels in all; nil where they are not known.
    ///   - before: Shares of the reference; none without one.
    private static func list(
        _ counts: [LevelCount], _ present: Int, others: Int?, before: [Double] = []
    ) -> Markup {
        let shown = counts.prefix(mostLevels)
        let rows = shown.enumerated().map { place, entry -> Markup in
            let share = Double(entry.count) / Double(max(1, present))
            let part = NumberText.fixed(share * 100, 1)
            return .element(
                "tr", [:],
                [
                    .element(
                        "th",
                        [
                            "scope": "row",
                            "style":
                                "background:linear-gradient(90deg,rgb(var(--heat) / 0.18) \(part)%,transparent 0)",
                        ], ValueText.level(entry.level)),
                    .element("td", ["class": "number"], NumberText.count(entry.count)),
                    .element("td", ["class": "number"], ValueText.share(share)),
                ]
                    + (before.isEmpty
                        ? [] : [.element("td", ["class": "number"], ValueText.share(before[place]))]))
        }
        let rest = (others ?? shown.count) - shown.count
        let left = present - shown.reduce(0) { $0 + $1.count }
        let caption =
            rest > 0
            ? "The first \(shown.count) of \(NumberText.count(others ?? 0)); the others have \(NumberText.count(left)) rows."
            : nil
        let titles =
            [("Level", false), ("Rows", true), ("Share", true)] + (before.isEmpty ? [] : [("Before", true)])
        let head = titles.map { title, isNumber in
            Markup.element("th", ["scope": "col", "class": isNumber ? "number" : nil], title)
        }
        return PagePart.scrolling(
            name: "Levels and their rows",
            .element(
                "table", ["class": "levels"],
                (caption.map { [.element("caption", [:], $0)] } ?? []) + [
                    .element("thead", [:], [.element("tr", [:], head)]), .element("tbody", [:], rows),
                ]))
    }
}
