/// Neighbouring intervals of numbers, numbered from 0 in ascending order; the first and the last one have no end.
public struct Bins: Sendable, Equatable {
    public static let countRange = OptionRange.whole("bins", from: 2, to: 1 << 16)

    /// Where one bin ends and the next one begins, ascending and different.
    public let edges: [Double]
    /// Whether an edge itself lies in the bin below it, as in a decision tree; else in the one above it, as in
    /// scikit-learn's KBinsDiscretizer.
    public let includesUpperEdge: Bool

    public var count: Int { edges.count + 1 }

    /// - Precondition: The edges ascend.
    public init(edges: [Double], includesUpperEdge: Bool = false) {
        precondition(zip(edges, edges.dropFirst()).allSatisfy { $0 < $1 }, "edges that do not ascend")
        self.edges = edges
        self.includesUpperEdge = includesUpperEdge
    }

    /// The bin of each value; -1 where it is missing (NaN).
    ///
    /// - Complexity: O(values x log bins).
    public func callAsFunction(_ values: [Double]) -> [Int32] {
        [Int32](unsafeUninitializedCapacity: values.count) { codes, count in
            values.withUnsafeBufferPointer { write($0, to: codes) }
            count = values.count
        }
    }

    /// - Precondition: There is room for as many codes as values.
    public func write(_ values: UnsafeBufferPointer<Double>, to codes: UnsafeMutableBufferPointer<Int32>) {
        precondition(codes.count >= values.count, "\(codes.count) codes for \(values.count) values")
        if edges.count <= Self.few { return countEdges(values, codes) }
        edges.withUnsafeBufferPointer { edges in
            for (row, value) in values.enumerated() {
                codes[row] = value.isNaN ? -1 : Int32(truncatingIfNeeded: place(value, edges))
            }
        }
    }

    /// Up to so many edges all are compared, four values at a time.
    private static let few = 24

    private func countEdges(
        _ values: UnsafeBufferPointer<Double>, _ codes: UnsafeMutableBufferPointer<Int32>
    ) {
        let includesUpperEdge = includesUpperEdge
        edges.withUnsafeBufferPointer { edges in
            var row = 0
            while row + 4 <= values.count {
                let four = SIMD4(values[row], values[row + 1], values[row + 2], values[row + 3])
                // A true lane is -1; of a missing value one is taken off, and no comparison holds.
                var below = SIMD4<Int64>.zero
                if includesUpperEdge {
                    for edge in edges { below &+= Self.lanes(four .> edge) }
                } else {
                    for edge in edges { below &+= Self.lanes(four .>= edge) }
                }
                below = 0 &- below &+ Self.lanes(four .!= four)
                for lane in 0..<4 { codes[row + lane] = Int32(truncatingIfNeeded: below[lane]) }
                row += 4
            }
            while row < values.count {
                let value = values[row]
                codes[row] = value.isNaN ? -1 : Int32(truncatingIfNeeded: place(value, edges))
                row += 1
            }
        }
    }

    @inline(__always)
    private static func lanes(_ mask: SIMDMask<SIMD4<Int64>>) -> SIMD4<Int64> {
        SIMD4<Int64>.zero.replacing(with: -1, where: mask)
    }

    /// Halved without a branch, which would be guessed wrong.
    @inline(__always)
    private func place(_ value: Double, _ edges: UnsafeBufferPointer<Double>) -> Int {
        var (start, size) = (0, edges.count)
        while size > 1 {
            let half = size / 2
            let edge = edges[start + half - 1]
            let isBeyond = includesUpperEdge ? value > edge : value >= edge
            start += isBeyond ? half : 0
            size -= half
        }
        guard size == 1 else { return 0 }
        let isBeyond = includesUpperEdge ? value > edges[start] : value >= edges[start]
        return start + (isBeyond ? 1 : 0)
    }
}
