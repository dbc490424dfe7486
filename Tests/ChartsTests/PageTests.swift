import Charts
import Testing

@Suite struct PageTests {
    @Test func textAndAttributesAreEscapedAndControlCharactersReplaced() {
        let markup = Markup.element("p", ["title": "a\"b", "id": nil], "<script>&'\u{7}x\n")
        #expect(markup.html == "<p title=\"a&quot;b\">&lt;script&gt;&amp;&#39;\u{FFFD}x\n</p>")
    }

    private func plot(_ layers: [Plot.Layer]) -> String {
        Plot(
            id: "p", title: "T", description: "D", x: .init("x", 0...1, ticks: 2),
            y: .init("y", 0...1, ticks: 2),
            layers: layers
        ).svg.html
    }

    @Test func aPictureIsNamedAndDescribed() {
        let svg = plot([])
        #expect(
            svg.hasPrefix(
                "<svg viewBox=\"0 0 360 300\" role=\"img\" aria-labelledby=\"p-title p-desc\">"
                    + "<title id=\"p-title\">T</title><desc id=\"p-desc\">D</desc>"))
    }

    @Test func aLineRunsFromCornerToCornerOfTheAxes() {
        let svg = plot([.line([.init(0, 0), .init(1, 1)], series: 7)])
        #expect(svg.contains("<polyline class=\"line s1\" points=\"46,256 346,12\"></polyline>"))
    }

    @Test func aLongLevelRunKeepsItsEndsAndASpikeItsTop() {
        let run = (0...1000).map { Plot.Point(Double($0) / 1000, 0.5) }
        #expect(plot([.line(run, series: 0)]).contains("points=\"46,134 346,134\""))
        let spike = [Plot.Point(0.5, 0), .init(0.5, 1), .init(0.5, 0.5)]
        #expect(plot([.line(spike, series: 0)]).contains("points=\"196,256 196,12 196,134\""))
    }

    @Test func whatLiesOutsideOrIsNoNumberStaysInsideThePicture() {
        let svg = plot([
            .line([.init(-5, 2), .init(.nan, .infinity), .init(1e300, -1e300)], series: 0),
            .bars([.init(from: 0.5, to: 0.5, height: 3)], series: 0),
        ])
        #expect(svg.contains("points=\"46,12 346,256\""))
        #expect(svg.contains("x=\"196.5\" y=\"12\" width=\"0\" height=\"244\""))
    }

    @Test func anAxisOverAPointIsWidened() {
        #expect(Plot.Axis("x", 3...3).range == 1.5...4.5)
        #expect(Plot.Axis("x", 0...0).range == -1...1)
    }

    @Test func theConfusionTableTintsByShareOfTheActualClass() {
        let html = ConfusionTable.markup(levels: ["a", "b"], counts: [[3, 1], [0, 0]]).html
        #expect(
            html.contains(
                "<tr><th scope=\"row\">a</th><td class=\"number hit\" style=\"background:rgb(var(--heat) / 0.27)\">3"
                    + "<span class=\"share\">75%</span></td>"))
        #expect(html.contains("0.00)\">0<span class=\"share\">0%</span>"))
    }

    @Test func aPageFetchesNothingAndHasItsLandmarks() {
        let page = Page(
            title: "A < B", eyebrow: "Report", lead: "L",
            tiles: [.init("AUC", "0.79", about: "1 is perfect")],
            sections: [.init(id: "s", title: "S", contents: [PagePart.facts([("k", "v")])])])
        let html = page.html(footer: "F")
        #expect(html.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"))
        #expect(html.contains("<title>A &lt; B · Report</title>"))
        #expect(html.contains("content=\"default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;\""))
        #expect(html.contains("<section aria-labelledby=\"s\"><h2 id=\"s\">S</h2><dl class=\"facts\">"))
        for landmark in ["<header>", "<main>", "<footer>F</footer>"] { #expect(html.contains(landmark)) }
        #expect(!html.contains("http://") && !html.contains("https://") && !html.contains("url("))
    }
}
