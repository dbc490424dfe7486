/// Finds the distinct values of a chunk, in the order in which they first
/// occur, as long as a dictionary of them pays.
///
/// A table of places with open addressing: as many slots as 4 times the most
/// distinct values, so that a search takes hardly more than one look.
struct DistinctValues {
    /// Of every value its place among the distinct ones.
    private(set) var indices: [UInt32] = []
    /// Which value was the first of each.
    private(set) var firsts: [Int] = []

    /// With more than 32,768 distinct values, more than a quarter of all, or
    /// more than half of the first 4,096, plain values are as good.
    private static let most = 1 << 15
    private static let sample = 4096

    /// Nil where a dictionary does not pay.
    ///
    /// - Parameters:
    ///   - hash: Of a value; equal values have equal ones.
    ///   - isEqual: Whether two values, by their places, are equal.
    /// - Complexity: O(count) expected.
    @inline(__always)
    init?(count: Int, hash: (Int) -> UInt64, isEqual: (Int, Int) -> Bool) {
        guard count >= 32 else { return nil }
        let limit = min(Self.most, count / 4)
        var bits = 8
        while 1 << bits < limit * 4 { bits += 1 }
        let shift = UInt64(64 - bits)
        let mask = 1 << bits - 1
        var slots = [Int32](repeating: -1, count: 1 << bits)
        var firsts: [Int] = []
        var pays = true
        indices = [UInt32](unsafeUninitializedCapacity: count) { indices, filled in
            slots.withUnsafeMutableBufferPointer { slots in
                for value in 0..<count {
                    // The upper bits of a product with 2^64 / golden ratio are
                    // spread well (Knuth, TAOCP 3, 6.4).
                    var slot = Int(truncatingIfNeeded: (hash(value) &* 0x9E37_79B9_7F4A_7C15) &>> shift)
                    while true {
                        let found = slots[slot]
                        if found < 0 {
                            slots[slot] = Int32(truncatingIfNeeded: firsts.count)
                            indices[value] = UInt32(truncatingIfNeeded: firsts.count)
                            firsts.append(value)
                            break
                        }
                        if isEqual(firsts[Int(found)], value) {
                            indices[value] = UInt32(truncatingIfNeeded: found)
                            break
                        }
                        slot = (slot &+ 1) & mask
                    }
                    if firsts.count > limit || value == Self.sample && firsts.count > Self.sample / 2 {
                        pays = false
                        return
                    }
                }
                filled = count
            }
        }
        guard pays else { return nil }
        self.firsts = firsts
    }
}
