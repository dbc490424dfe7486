/// How many elements a tensor has along each axis; none for a scalar.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
    public let sizes: Axes

    /// - Precondition: No size is negative, the elements can be counted, and there are at most
    ///   `Axes.limit` axes.
    public init(_ sizes: Axes) {
        var count = 1
        for size in sizes {
            precondition(size >= 0, "a shape cannot hold \(size)")
            let (product, overflows) = count.multipliedReportingOverflow(by: size)
            precondition(!overflows, "more elements than can be counted in \(sizes)")
            count = product
        }
        self.sizes = sizes
        self.count = count
    }

    public init(_ sizes: some Sequence<Int>) { self.init(Axes(sizes)) }

    public init(arrayLiteral sizes: Int...) { self.init(Axes(sizes)) }

    /// Elements; 1 for a scalar.
    public let count: Int

    public var rank: Int { sizes.count }

    /// - Parameter axis: From 0, or from -1 for the last.
    public subscript(axis: Int) -> Int { sizes[axis < 0 ? axis + rank : axis] }

    /// Strides of elements that lie in row-major order without gaps.
    public var strides: Axes {
        var strides = Axes(repeating: 1, count: rank)
        for axis in sizes.indices.dropLast().reversed() {
            strides[axis] = strides[axis + 1] * sizes[axis + 1]
        }
        return strides
    }

    /// `[32, 64]`
    public var description: String { "\(sizes)" }

    /// How many of `rows`, of which each sample of axis 0 has as many, make a leaf of
    /// `segment` samples; 0, for all, where there would be one leaf.
    package func leaf(_ segment: Int, of rows: Int) -> Int {
        guard let samples = sizes.first, segment > 0, segment < samples else { return 0 }
        return segment * (rows / samples)
    }

    /// An axis counted from 0.
    package func axis(_ axis: Int) throws(TensorError) -> Int {
        guard (-rank..<rank).contains(axis) else { throw .axis(axis, shape: self) }
        return axis < 0 ? axis + rank : axis
    }

    /// The shape that both can be repeated to: aligned at the last axis, sizes
    /// are equal or one of them is 1.
    public func broadcast(with other: Shape) throws(TensorError) -> Shape {
        if sizes == other.sizes { return self }
        let rank = max(self.rank, other.rank)
        var result = Axes(repeating: 1, count: rank)
        for place in 1...rank {
            let (mine, theirs) = (size(fromEnd: place), other.size(fromEnd: place))
            guard mine == theirs || mine == 1 || theirs == 1 else { throw .broadcast(self, other) }
            result[rank - place] = mine == 1 ? theirs : mine
        }
        return Shape(result)
    }

    private func size(fromEnd place: Int) -> Int { place <= rank ? sizes[rank - place] : 1 }
}
