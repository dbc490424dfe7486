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

    public static let lengthRange = OptionRange.whole("the length of terms", from: 1, to: 32)
    public static let minimumLengthRange = OptionRange.whole("the least length of words", from: 1, to: 1024)

    func check() throws(EstimatorError) {
        try Self.lengthRange.check(lengths.lowerBound)
        try Self.lengthRange.check(lengths.upperBound)
        if case .words(let length) = unit { try Self.minimumLengthRange.check(length) }
    }
}
