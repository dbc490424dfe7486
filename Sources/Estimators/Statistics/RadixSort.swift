/// Sorts keys, and with each what belongs to it.
///
/// By the highest bits in which keys differ, then each part by its next ones, so that parts soon lie in the cache; a part of
/// few keys by insertion. Source: P. M. McIlroy, K. Bostic, M. D. McIlroy, "Engineering radix sort", Computing Systems 6, 1993.
///
/// Complexity: O(keys) as a rule; 24 bytes a key beside them while it works.
enum RadixSort {
    private typealias Keys = UnsafeMutablePointer<UInt64>
    private typealias Rows = UnsafeMutablePointer<UInt32>

    /// Bits of a part that are looked at together; of a part of few keys fewer.
    private static let mostBits = 11
    private static let few = 24

    static func sort(_ keys: inout [UInt64], _ rows: inout [UInt32]) {
        precondition(keys.count == rows.count, "\(keys.count) keys and \(rows.count) rows")
        let count = keys.count
        let (otherKeys, otherRows) = (Keys.allocate(capacity: count), Rows.allocate(capacity: count))
        defer {
            otherKeys.deallocate()
            otherRows.deallocate()
        }
        keys.withUnsafeMutableBufferPointer { keys in
            rows.withUnsafeMutableBufferPointer { rows in
                guard let keys = keys.baseAddress, let rows = rows.baseAddress else { return }
                sort((keys, rows), (otherKeys, otherRows), count, comesBack: true)
            }
        }
    }

    /// - Parameter comesBack: Whether the sorted keys are to lie where they come from, or in the other room.
    private static func sort(
        _ from: (keys: Keys, rows: Rows), _ to: (keys: Keys, rows: Rows), _ count: Int, comesBack: Bool
    ) {
        var differing: UInt64 = 0
        for place in 0..<count { differing |= from.keys[place] ^ from.keys[0] }
        if count <= few || differing == 0 {
            if differing != 0 { insertionSort(from, count) }
            if !comesBack { move(from, to, count) }
            return
        }
        let bits = min(mostBits, Int.bitWidth - count.leadingZeroBitCount)
        let top = UInt64.bitWidth - differing.leadingZeroBitCount
        let shift = UInt64(max(0, top - bits))
        let mask = UInt64(1) << UInt64(top) &- 1
        let ends = UnsafeMutablePointer<Int>.allocate(capacity: 1 << bits + 1)
        defer { ends.deallocate() }
        ends.initialize(repeating: 0, count: 1 << bits + 1)
        for place in 0..<count { ends[Int((from.keys[place] & mask) >> shift) + 1] += 1 }
        var largest = 0
        for bin in 1...1 << bits {
            largest = max(largest, ends[bin])
            ends[bin] += ends[bin - 1]
        }
        for place in 0..<count {
            let key = from.keys[place]
            let bin = Int((key & mask) >> shift)
            to.keys[ends[bin]] = key
            to.rows[ends[bin]] = from.rows[place]
            ends[bin] += 1
        }
        if largest <= few {
            // Nothing is far from its place.
            insertionSort(to, count)
            if comesBack { move(to, from, count) }
            return
        }
        // Where each bin ended, the next began.
        var start = 0
        for bin in 0..<1 << bits where ends[bin] > start {
            sort(
                (to.keys + start, to.rows + start), (from.keys + start, from.rows + start),
                ends[bin] - start, comesBack: !comesBack)
            start = ends[bin]
        }
    }

    private static func move(
        _ from: (keys: Keys, rows: Rows), _ to: (keys: Keys, rows: Rows), _ count: Int
    ) {
        to.keys.update(from: from.keys, count: count)
        to.rows.update(from: from.rows, count: count)
    }

    private static func insertionSort(_ all: (keys: Keys, rows: Rows), _ count: Int) {
        for place in 1..<count {
            let (key, row) = (all.keys[place], all.rows[place])
            var hole = place
            while hole > 0, all.keys[hole - 1] > key {
                all.keys[hole] = all.keys[hole - 1]
                all.rows[hole] = all.rows[hole - 1]
                hole -= 1
            }
            all.keys[hole] = key
            all.rows[hole] = row
        }
    }
}
