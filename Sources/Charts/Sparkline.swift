/// A histogram as small as a word, for a cell of a table. It is for the eye alone: what it shows stands in numbers beside
/// it.
public enum Sparkline {
    private static let (width, height) = (96.0, 24.0)

    /// - Parameter heights: Not negative; the largest fills the height, and what is above nothing is seen.
    public static func bars(_ heights: [Double]) -> Markup {
        let most = heights.max() ?? 0
        let step = width / Double(max(1, heights.count))
        let bars = heights.enumerated().compactMap { place, value -> Markup? in
            guard value > 0, most > 0 else { return nil }
            let tall = max(1, height * value / most)
            return .element(
                "rect",
                [
                    "x": NumberText.coordinate(Double(place) * step),
                    "y": NumberText.coordinate(height - tall),
                    "width": NumberText.coordinate(max(0.5, min(step - (step > 3 ? 1 : 0), 12))),
                    "height": NumberText.coordinate(tall),
                ])
        }
        return .element(
            "svg",
            [
                "class": "spark s0",
                "viewBox": "0 0 \(NumberText.coordinate(width)) \(NumberText.coordinate(height))",
                "aria-hidden": "true",
            ], bars)
    }
}
