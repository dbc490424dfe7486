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
