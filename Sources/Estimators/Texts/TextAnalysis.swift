/// How a text is cut into terms, as scikit-learn's vectorizers do with `analyzer`, `ngram_range` and `lowercase`.
public struct TextAnalysis: Sendable, Equatable {
    public enum Unit: Sendable, Equatable {
        /// Runs of letters, digits and low lines of at least so many characters: 2 is the pattern `\b\w\w+\b`.
        case words(minimumLength: Int = 2)
        /// Characters (Unicode scalars); two or more spaces together count as one.
        case characters
        /// Characters within words between spaces, each word with a space on either side.
        case charactersInWords
    }

    public var unit: Unit
    /// How many units a term has: from so many to so many.
    public var lengths: ClosedRange<Int>
    /// To small letters first, as Unicode has them.
    public var lowercase: Bool

    public init(unit: Unit = .words(), lengths: ClosedRange<Int> = 1...1, lowercase: Bool = true) {
        self.unit = unit
        self.lengths = lengths
        self.lowercase = lowercase
    }

    /// Units of a term at most.
    public static let mostUnits = 32

    func check() throws(EstimatorError) {
        guard lengths.lowerBound >= 1, lengths.upperBound <= Self.mostUnits else {
            throw .option(
                "the length of terms", value: "\(lengths.lowerBound) to \(lengths.upperBound)",
                expected: "from at least 1 to at most \(Self.mostUnits)")
        }
        if case .words(let length) = unit, length < 1 {
            throw .option("the least length of words", value: "\(length)", expected: "at least 1")
        }
    }
}

/// A bound on how many texts hold a term.
public enum TextShare: Sendable, Equatable {
    case count(Int)
    /// Of all texts, in [0, 1].
    case share(Double)

    func check(_ name: String) throws(EstimatorError) {
        switch self {
        case .count(let count) where count < 1:
            throw .option(name, value: "\(count)", expected: "a count of at least 1 or a share in [0, 1]")
        case .share(let share) where !(share >= 0 && share <= 1):
            throw .option(name, value: "\(share)", expected: "a count of at least 1 or a share in [0, 1]")
        default: break
        }
    }

    func texts(of all: Int) -> Double {
        switch self {
        case .count(let count): Double(count)
        case .share(let share): share * Double(all)
        }
    }
}

/// Which terms become columns.
public struct TermSelection: Sendable, Equatable {
    /// Terms in fewer texts are left out (`min_df`).
    public var least: TextShare
    /// Terms in more texts are left out (`max_df`).
    public var most: TextShare
    /// Of the rest so many that come most often; of equally frequent ones those first in the order of their bytes
    /// (docs/decisions/0018-where-text-features-differ.md).
    public var limit: Int?

    public init(least: TextShare = .count(1), most: TextShare = .share(1), limit: Int? = nil) {
        self.least = least
        self.most = most
        self.limit = limit
    }

    func check() throws(EstimatorError) {
        try least.check("min_df")
        try most.check("max_df")
        if let limit, limit < 1 {
            throw .option("max_features", value: "\(limit)", expected: "at least 1")
        }
    }
}

/// What a count becomes, as scikit-learn's TfidfTransformer has it.
public struct TermWeighting: Sendable, Equatable {
    public enum Norm: String, Sendable, CaseIterable {
        /// Divides a row by the sum of its absolute values.
        case l1
        /// Divides a row by the root of its sum of squares.
        case l2
        case none
    }

    /// 1 + ln(count) in place of the count.
    public var sublinear: Bool
    /// Times ln(texts / texts with the term) + 1.
    public var usesInverseFrequency: Bool
    /// As if one more text held every term: ln((1 + texts) / (1 + texts with the term)) + 1.
    public var smooth: Bool
    public var norm: Norm

    public init(
        sublinear: Bool = false, usesInverseFrequency: Bool = true, smooth: Bool = true, norm: Norm = .l2
    ) {
        self.sublinear = sublinear
        self.usesInverseFrequency = usesInverseFrequency
        self.smooth = smooth
        self.norm = norm
    }
}
