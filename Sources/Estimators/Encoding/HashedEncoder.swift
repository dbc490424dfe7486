/// Levels to so many columns by their hash, without anything learned: a row has 1 or -1 in its level's column and 0 in
/// all others. Different levels can meet in one column; signs make that even out.
///
/// Meaning: scikit-learn's FeatureHasher(input_type="string") of one text a row.
///
/// Source: Weinberger, Dasgupta, Langford, Smola and Attenberg, "Feature hashing for large scale multitask learning",
/// ICML 2009.
public struct HashedEncoder: Sendable, Equatable {
    public static let columnsRange = OptionRange.whole("columns", from: 1, to: Int(Int32.max))

    public let columns: Int
    /// Else every sign is 1.
    public let alternatesSign: Bool

    public init(columns: Int, alternatesSign: Bool = true) throws(EstimatorError) {
        try Self.columnsRange.check(columns)
        self.columns = columns
        self.alternatesSign = alternatesSign
    }

    /// A text's column and its value there. `column=level` is what FeatureHasher makes of a dictionary of texts.
    ///
    /// - Complexity: O(bytes).
    public func callAsFunction(_ text: String) -> (column: Int, value: Double) {
        var text = text
        let hash = Int32(bitPattern: text.withUTF8 { MurmurHash3.of($0) })
        return (Int(hash.magnitude) % columns, hash < 0 && alternatesSign ? -1 : 1)
    }
}
