/// Counts of values in bins of equal width, the borders round numbers.
public struct Histogram: Sendable, Equatable {
    /// Ascending, one more than there are bins.
    public let edges: [Double]
    /// Of each bin, its lower border within and the upper one not; of the last both.
    public let counts: [Int]

    /// Bins, but for those that round borders add.
    public static let most = 40

    /// As wide as Freedman and Diaconis say, of `most` bins at most. Integers have the borders between them. A column of
    /// equal values has one bin; nil where there is no value.
    ///
    /// - Parameter range: What is counted; nil is all.
    ///
    /// Source: D. Freedman and P. Diaconis, "On the histogram as a density estimator: L2 theory", 1981.
    public init?(_ sorted: SortedValues, areIntegers: Bool = false, within range: ClosedRange<Double>? = nil)
    {
        guard let first = sorted.values.first, let last = sorted.values.last else { return nil }
        let (low, high) = range.map { ($0.lowerBound, $0.upperBound) } ?? (first, last)
        let edges = Self.edges(low, high, Self.width(sorted, low, high), areIntegers)
        self.init(sorted, edges: edges)
    }

    /// - Precondition: Two borders or more, ascending.
    public init(_ sorted: SortedValues, edges: [Double]) {
        precondition(edges.count > 1, "a histogram needs two borders")
        self.edges = edges
        let below = edges.dropLast().map { sorted.count(below: $0) } + [sorted.count(upTo: edges.last!)]
        counts = zip(below, below.dropFirst()).map { $1 - $0 }
    }

    /// Whether its width is a number: not from one end of the numbers to the other.
    public var isDrawable: Bool { (edges[edges.count - 1] - edges[0]).isFinite }

    private static func width(_ sorted: SortedValues, _ low: Double, _ high: Double) -> Double {
        let quartiles = sorted.quantiles([0.25, 0.75])!
        let rule = 2 * (quartiles[1] - quartiles[0]) / cubeRoot(Double(sorted.count))
        let narrowest = high / Double(most) - low / Double(most)
        return rule > narrowest ? rule : narrowest
    }

    private static func edges(_ low: Double, _ high: Double, _ width: Double, _ areIntegers: Bool) -> [Double]
    {
        let margin = areIntegers ? 0.5 : 0
        guard high > low, width.isFinite, width > 0 else {
            let half = areIntegers ? 0.5 : low == 0 ? 0.5 : low.magnitude * 0.05
            return low + half > low - half ? [low - half, low + half] : [low, low.nextUp]
        }
        let step = areIntegers ? roundStep(width < 1 ? 1 : width).rounded() : roundStep(width)
        let first = ((low + margin) / step).rounded(.down)
        // Beyond 2^50 steps from zero borders are no longer round.
        guard step.isFinite, first.magnitude < 0x1p50, (high / step).magnitude < 0x1p50 else {
            return (0...most).map { low + (high - low) * (Double($0) / Double(most)) }
        }
        var edges = [first * step - margin]
        while edges.last! < high, edges.count <= 2 * most {
            edges.append((first + Double(edges.count)) * step - margin)
        }
        return edges
    }

    /// The next of 1, 2 or 5 times a power of ten.
    static func roundStep(_ width: Double) -> Double {
        // log10 of 2 is 0.30103; one below, so that the first power is too small.
        var exponent = Int((Double(width.exponent) * 0.30103).rounded(.down)) - 1
        while exponent < 308 {
            for mantissa in [1, 2, 5] {
                let step = Double("\(mantissa)e\(exponent)") ?? 0
                if step >= width { return step }
            }
            exponent += 1
        }
        return .infinity
    }

    /// By Newton's method, from above.
    private static func cubeRoot(_ value: Double) -> Double {
        var root = value < 1 ? 1 : value
        for _ in 0..<200 {
            let next = (2 * root + value / (root * root)) / 3
            if next >= root { break }
            root = next
        }
        return root
    }
}
