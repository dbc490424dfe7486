/// What a random number is for. The word enters the counter of Philox, so no
/// two uses of one seed see the same numbers.
///
/// Source of the layout: counter = (element, element's high word or sample,
/// step or epoch, use | layer << 8).
public enum RandomStream: UInt32 {
    case split = 1
    case shuffle = 2
    case initialWeight = 3
    case dropout = 4
    case targetFold = 16
    case isolationForest = 17

    /// A permutation of `0..<count` keyed by (seed, use, index): rows ordered
    /// by a random 64-bit word each, ties by row. O(n log n).
    public func permutation(_ count: Int, seed: UInt64, index: UInt32 = 0) -> [Int] {
        let philox = Philox(seed: seed)
        let keys = (0..<count).map { word(ofRow: $0, philox, index: index) }
        return (0..<count).sorted { (keys[$0], $0) < (keys[$1], $1) }
    }

    /// What `permutation` orders a row by.
    public func word(ofRow row: Int, _ philox: Philox, index: UInt32) -> UInt64 {
        let words = philox(
            SIMD4(UInt32(truncatingIfNeeded: row), UInt32(truncatingIfNeeded: row >> 32), index, rawValue))
        return UInt64(words[0]) << 32 | UInt64(words[1])
    }
}

extension RandomStream {
    /// Two independent numbers of the normal distribution (Box and Muller, "A note
    /// on the generation of random normal deviates", 1958) from four random words.
    public static func normal(_ words: SIMD4<UInt32>) -> (Double, Double) {
        // In (0, 1], so that the logarithm is finite.
        let u = (Double(UInt64(words[0]) << 21 ^ UInt64(words[1] >> 11)) + 1) * 0x1p-53
        let v = Double(UInt64(words[2]) << 21 ^ UInt64(words[3] >> 11)) * 0x1p-53
        let radius = (-2 * Elementary.log(u)).squareRoot()
        return (radius * Elementary.cosinePi(2 * v), radius * Elementary.cosinePi(2 * v - 0.5))
    }
}
