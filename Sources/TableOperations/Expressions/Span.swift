/// A stretch of an expression's text, counted in Unicode scalars from 0.
public struct Span: Hashable, Sendable {
    public var offset: Int
    public var length: Int

    public init(offset: Int, length: Int) {
        self.offset = offset
        self.length = length
    }

    /// From the start of one to the end of the other.
    func joined(_ other: Span) -> Span {
        Span(offset: offset, length: other.offset + other.length - offset)
    }
}

/// What is wrong with an expression, and where in its text.
public struct PlacedFinding: Hashable, Sendable {
    public var finding: ExpressionFinding
    public var span: Span

    public init(_ finding: ExpressionFinding, _ span: Span) {
        self.finding = finding
        self.span = span
    }
}
