/// A picture of numbers over two axes, as inline SVG. It holds no words but
/// the axes' titles and numbers; names of series belong into a `Legend` beside
/// it, which wraps where a picture would clip.
public struct Plot: Sendable {
    public struct Axis: Sendable {
        /// None where the text beside the picture says it.
        public var title: String
        public var range: ClosedRange<Double>
        public var ticks: [Tick]

        /// - Parameter range: A range that is a point is widened.
        public init(_ title: String, _ range: ClosedRange<Double>, ticks limit: Int = 6) {
            self.title = title
            if range.lowerBound < range.upperBound {
                self.range = range
            } else {
                let margin = range.lowerBound == 0 ? 1 : range.lowerBound.magnitude / 2
                self.range = range.lowerBound - margin...range.upperBound + margin
            }
            ticks = Tick.round(self.range, atMost: limit)
        }
    }

    public struct Point: Sendable, Hashable {
        public var x: Double
        public var y: Double

        public init(_ x: Double, _ y: Double) {
            self.x = x
            self.y = y
        }
    }

    /// A rectangle that stands on the lower edge.
    public struct Bar: Sendable, Hashable {
        public var from: Double
        public var to: Double
        public var height: Double

        public init(from: Double, to: Double, height: Double) {
            self.from = from
            self.to = to
            self.height = height
        }
    }

    /// What is drawn, later layers above earlier ones. A series is a number
    /// from 0 and stands for a colour of the page (see `PageStyle`).
    public enum Layer: Sendable {
        case line([Point], series: Int)
        /// Filled down to the lower edge.
        case area([Point], series: Int)
        case bars([Bar], series: Int)
        /// Radius in units of the picture.
        case dots([(point: Point, radius: Double)], series: Int)
        /// A thin dashed line: what chance or perfection would give.
        case reference(Point, Point)
    }

    /// Unique in its page: the picture's title and description hang on it.
    public var id: String
    /// What the picture shows, in a few words.
    public var title: String
    /// What is to be seen in it, for those who cannot see it.
    public var description: String
    public var x: Axis
    public var y: Axis
    public var layers: [Layer]

    public init(id: String, title: String, description: String, x: Axis, y: Axis, layers: [Layer]) {
        self.id = id
        self.title = title
        self.description = description
        self.x = x
        self.y = y
        self.layers = layers
    }
}

/// Names of series with their colours, as a list below a picture.
public struct Legend: Sendable {
    public enum Mark: String, Sendable { case line, area, dot, dashed }

    public var entries: [(name: String, mark: Mark, series: Int)]

    public init(_ entries: [(name: String, mark: Mark, series: Int)]) { self.entries = entries }

    public var markup: Markup {
        .element(
            "ul", ["class": "legend"],
            entries.map { entry in
                let colour = entry.mark == .dashed ? "reference" : "s\(entry.series % PageStyle.seriesCount)"
                return .element(
                    "li", [:],
                    [
                        .element(
                            "span", ["class": "key \(entry.mark.rawValue) \(colour)", "aria-hidden": "true"]),
                        .text(entry.name),
                    ])
            })
    }
}
