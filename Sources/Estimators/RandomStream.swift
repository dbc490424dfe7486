import TensorKernels

/// What a random number is for. The word enters the counter of Philox, so no
/// two uses of one seed see the same numbers.
///
/// Source of the layout: counter = (element, element's high word or sample,
/// step or epoch, use | layer << 8).
enum RandomStream: UInt32 {
    case split = 1
    case shuffle = 2
    case initialWeight = 3
    case dropout = 4

    /// A permutation of `0..<count` keyed by (seed, use, index): rows ordered
    /// by a random 64-bit word each, ties by row. O(n log n).
    func permutation(_ count: Int, seed: UInt64, index: UInt32 = 0) -> [Int] {
        let philox = Philox(seed: seed)
        let keys = (0..<count).map { row -> UInt64 in
            let words = philox(
                SIMD4(
                    UInt32(truncatingIfNeeded: row), UInt32(truncatingIfNeeded: row >> 32), index, rawValue))
            return UInt64(words[0]) << 32 | UInt64(words[1])
        }
        return (0..<count).sorted { (keys[$0], $0) < (keys[$1], $1) }
    }
}
