/// When two texts are nearly the same: the share of shingles that they have in common, of all that either has (Jaccard).
public struct NearDuplicateOptions: Sendable, Equatable {
    /// What shingles are. A text too short for one is like a text of the same bytes only.
    public var shingles: TextAnalysis
    /// From this share on.
    public var threshold: Double
    /// Hash functions of a signature.
    public var permutations: Int
    /// Of the hash functions.
    public var seed: UInt64

    public init(
        shingles: TextAnalysis = TextAnalysis(unit: .characters, lengths: 5...5), threshold: Double = 0.8,
        permutations: Int = 128, seed: UInt64 = 0
    ) {
        self.shingles = shingles
        self.threshold = threshold
        self.permutations = permutations
        self.seed = seed
    }

    public static let thresholdRange = OptionRange.number(
        "the threshold", from: 0, to: 1, excludesLowest: true)
    public static let permutationRange = OptionRange.whole("the number of permutations", from: 16, to: 1024)

    func check() throws(EstimatorError) {
        try shingles.check()
        try Self.thresholdRange.check(threshold)
        try Self.permutationRange.check(permutations)
    }

    /// Hash functions that are compared together: as many as find 98 of 100 pairs at the threshold, since fewer make more
    /// candidates.
    var rowsOfBand: Int {
        (1...permutations).last { found(by: $0) >= 0.98 } ?? 1
    }

    /// The chance that a pair at the threshold agrees in a whole band, if bands have so many rows.
    func found(by rows: Int) -> Double {
        let agrees = (0..<rows).reduce(1.0) { product, _ in product * threshold }
        return 1 - (0..<permutations / rows).reduce(1.0) { product, _ in product * (1 - agrees) }
    }
}
