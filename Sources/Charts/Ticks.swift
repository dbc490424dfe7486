/// A marked place on an axis.
public struct Tick: Sendable, Hashable {
    public var value: Double
    public var label: String

    public init(_ value: Double, _ label: String) {
        self.value = value
        self.label = label
    }

    /// Round places within a range: multiples of 1, 2 or 5 times a power of
    /// ten, all with as many decimals, at most `limit` of them.
    ///
    /// - Precondition: A finite range that is not a point; a limit of at least 2.
    public static func round(_ range: ClosedRange<Double>, atMost limit: Int) -> [Tick] {
        let span = range.upperBound - range.lowerBound
        precondition(span > 0 && span.isFinite && limit >= 2, "no ticks over \(range)")
        // log10 of 2 is 0.30103; one below, so that the first step is too small.
        var exponent = Int((Double(span.exponent) * 0.30103).rounded(.down)) - 2
        while exponent < 300 {
            for mantissa in [1, 2, 5] {
                let step = power(mantissa, exponent)
                let first = (range.lowerBound / step - 1e-9).rounded(.up)
                let last = (range.upperBound / step + 1e-9).rounded(.down)
                // Beyond 2^50 steps from zero a double no longer tells them apart.
                guard last - first < Double(limit), max(first.magnitude, last.magnitude) < 0x1p50 else {
                    continue
                }
                guard first <= last else { return [] }
                return (Int(first)...Int(last)).map { index in
                    Tick(
                        power(index * mantissa, exponent),
                        NumberText.scaled(index * mantissa, exponent: exponent))
                }
            }
            exponent += 1
        }
        return []
    }

    /// The double nearest to a count of a power of ten: 6 of 10^-1 is 0.6, and
    /// not 6 * 0.1.
    private static func power(_ count: Int, _ exponent: Int) -> Double {
        Double("\(count)e\(exponent)") ?? 0
    }
}
