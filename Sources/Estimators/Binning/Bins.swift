/// Neighbouring intervals of numbers, numbered from 0 in ascending order; the first and the last one have no end.
public struct Bins: Sendable, Equatable {
    public static let countRange = OptionRange.whole("bins", from: 2, to: 1 << 16)

    /// Where one bin ends and the next one begins, ascending and different.
    public let edges: [Double]
    /// Whether an edge itself lies in the bin below it, as in a decision tree; else in the one above it, as in
    /// scikit-learn's KBinsDiscretizer.
    public let includesUpperEdge: Bool

    public var count: Int { edges.count + 1 }

    /// - Throws: `architecture` unless the edges are finite and ascend.
    public init(edges: [Double], includesUpperEdge: Bool = false) throws(EstimatorError) {
        guard edges.allSatisfy({ $0.isFinite }), zip(edges, edges.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw .architecture(key: "edges", expected: "numbers that ascend")
        }
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
            var row = 0
            while row + 8 <= values.count {
                let eight = UnsafeRawPointer(values.baseAddress! + row).loadUnaligned(as: SIMD8<Double>.self)
                let places = places(eight, edges)
                for lane in 0..<8 { codes[row + lane] = places[lane] }
                row += 8
            }
            while row < values.count {
                codes[row] = places(SIMD8(repeating: values[row]), edges)[0]
                row += 1
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
                codes[row] = places(SIMD8(repeating: values[row]), edges)[0]
                row += 1
            }
        }
    }

    @inline(__always)
    private static func lanes(_ mask: SIMDMask<SIMD4<Int64>>) -> SIMD4<Int64> {
        SIMD4<Int64>.zero.replacing(with: -1, where: mask)
    }

    /// Halved without a branch, which would be guessed wrong, and eight at a time, since each step waits for the one
    /// before. -1 for what is missing.
    @inline(__always)
    private func places(_ values: SIMD8<Double>, _ edges: UnsafeBufferPointer<Double>) -> SIMD8<Int32> {
        var starts = SIMD8<Int32>.zero
        var size = edges.count
        while size > 0 {
            let half = (size + 1) / 2
            for lane in 0..<8 {
                let edge = edges[Int(starts[lane]) + half - 1]
                let isBeyond = includesUpperEdge ? values[lane] > edge : values[lane] >= edge
                starts[lane] &+= Int32(truncatingIfNeeded: half) & (isBeyond ? -1 : 0)
            }
            size -= half
        }
        for lane in 0..<8 where values[lane].isNaN { starts[lane] = -1 }
        return starts
    }
}
