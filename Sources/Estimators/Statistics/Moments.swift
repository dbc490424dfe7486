/// Count, extent, mean, deviation and skewness of values that come in pieces.
///
/// Source: P. Pébay, "Formulas for robust, one-pass parallel computation of covariances and arbitrary-order statistical
/// moments", Sandia report 2008-6212: pieces, each in two passes, are put together.
public struct Moments: Sendable, Equatable {
    public private(set) var count = 0
    public private(set) var mean = 0.0
    /// Sums of powers of the distances from the mean.
    private var second = 0.0
    private var third = 0.0
    public private(set) var least = Double.infinity
    public private(set) var most = -Double.infinity
    public private(set) var zeros = 0
    public private(set) var negatives = 0
    /// Values that are infinite; they count nowhere else.
    public private(set) var infinite = 0

    public init() {}

    /// Takes values in order; NaN is missing.
    public mutating func add(_ values: [Double]) {
        var piece = Moments()
        var sum = 0.0
        for value in values where !value.isNaN {
            if value.isInfinite {
                piece.infinite += 1
                continue
            }
            piece.count += 1
            sum += value
            if value < piece.least { piece.least = value }
            if value > piece.most { piece.most = value }
            if value == 0 { piece.zeros += 1 }
            if value < 0 { piece.negatives += 1 }
        }
        if piece.count > 0 {
            piece.mean = sum / Double(piece.count)
            for value in values where value.isFinite {
                let distance = value - piece.mean
                piece.second += distance * distance
                piece.third += distance * distance * distance
            }
        }
        add(piece)
    }

    private mutating func add(_ piece: Moments) {
        infinite += piece.infinite
        guard piece.count > 0 else { return }
        zeros += piece.zeros
        negatives += piece.negatives
        least = Swift.min(least, piece.least)
        most = Swift.max(most, piece.most)
        let (a, b) = (Double(count), Double(piece.count))
        let (total, delta) = (a + b, piece.mean - mean)
        third +=
            piece.third + delta * delta * delta * a * b * (a - b) / (total * total)
            + 3 * delta * (a * piece.second - b * second) / total
        second += piece.second + delta * delta * a * b / total
        mean += delta * b / total
        count += piece.count
    }

    /// Of a sample, by n - 1 as pandas has it; nil below two values.
    public var deviation: Double? { count < 2 ? nil : (second / Double(count - 1)).squareRoot() }

    /// Third moment over the deviation's cube, both by n as scipy has it; nil where all values are equal.
    public var skewness: Double? {
        guard count > 1, least < most, second > 0 else { return nil }
        let variance = second / Double(count)
        let skewness = third / Double(count) / (variance * variance.squareRoot())
        return skewness.isFinite ? skewness : nil
    }
}
