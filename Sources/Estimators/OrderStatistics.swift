/// Values by their place in ascending order, found without sorting all.
///
/// Source: radix selection as in Alabi, Blanchard, Gordon and Steinbach, "Fast k-selection algorithms for graphics
/// processing units", ACM Journal of Experimental Algorithmics 17, 2012: values are counted by their leading bits, and
/// only those whose leading bits are a wanted value's are looked at further.
enum OrderStatistics {
    /// Bits by which values are told apart in one pass; the first ones are sign and exponent.
    private static let digit = 12
    /// So many are sorted.
    private static let few = 256

    /// Those that are not NaN.
    static func present(in values: [Double]) -> [Double] {
        // Without a branch: many at a time.
        let missing = values.withUnsafeBufferPointer { $0.reduce(0) { $0 &+ ($1.isNaN ? 1 : 0) } }
        return missing == 0 ? values : values.filter { !$0.isNaN }
    }

    /// `values.sorted()[rank]` for each rank, but that -0 is 0.
    ///
    /// - Complexity: O(values) in time, in memory the values that share their first 12 bits with a wanted one.
    /// - Precondition: No value is NaN; ranks lie in `0..<values.count`; there are at most 2^32 - 1 values.
    static func select(_ values: UnsafeBufferPointer<Double>, ranks: [Int]) -> [Double] {
        precondition(ranks.allSatisfy { values.indices.contains($0) }, "a rank beyond \(values.count) values")
        precondition(values.count <= UInt32.max, "\(values.count) values are more than are counted")
        return select(values.count, ranks, below: UInt64.bitWidth) { key(values[$0]) }.map(value)
    }

    /// Of keys that agree in all bits from `top` on.
    private static func select(
        _ keys: UnsafeBufferPointer<UInt64>, _ ranks: [Int], below top: Int
    ) -> [UInt64] {
        select(keys.count, ranks, below: top) { keys[$0] }
    }

    @inline(__always)
    private static func select(
        _ count: Int, _ ranks: [Int], below top: Int, _ key: (Int) -> UInt64
    ) -> [UInt64] {
        guard count > few, top > 0 else {
            let sorted = (0..<count).map(key).sorted()
            return ranks.map { sorted[$0] }
        }
        let shift = UInt64(max(0, top - digit))
        let mask = (UInt64(1) << UInt64(top) &- 1) >> shift
        // Neighbours are often alike, and a counter that was just written is slow to read.
        var counts = [UInt32](repeating: 0, count: 2 << digit)
        counts.withUnsafeMutableBufferPointer { counts in
            for place in 0..<count { counts[Int(key(place) >> shift & mask) << 1 | place & 1] &+= 1 }
        }
        let bins = Bins((0..<1 << digit).map { Int(counts[2 * $0]) + Int(counts[2 * $0 + 1]) }, ranks)
        return bins.values(below: Int(shift)) { ends in
            // Every key is written, those that nobody wants all to one place: a branch would be guessed wrong.
            bins.groups.withUnsafeBufferPointer { groups in
                for place in 0..<count {
                    let key = key(place)
                    let group = Int(groups[Int(key >> shift & mask)])
                    ends[group].pointee = key
                    ends[group] += group == 0 ? 0 : 1
                }
            }
        }
    }

    /// The bins of one pass that hold wanted values, numbered from 1.
    private struct Bins {
        /// Of each bin its number; 0 where no value is wanted.
        private(set) var groups: [Int16]
        /// Keys of each of them; one place for all others.
        private var sizes = [1]
        /// Of each rank its group and its rank there.
        private var wanted: [(group: Int, rank: Int)]

        init(_ counts: [Int], _ ranks: [Int]) {
            groups = [Int16](repeating: 0, count: counts.count)
            wanted = [(Int, Int)](repeating: (0, 0), count: ranks.count)
            var (bin, before) = (0, 0)
            for place in ranks.indices.sorted(by: { ranks[$0] < ranks[$1] }) {
                while before + counts[bin] <= ranks[place] {
                    before += counts[bin]
                    bin += 1
                }
                if groups[bin] == 0 {
                    groups[bin] = Int16(sizes.count)
                    sizes.append(counts[bin])
                }
                wanted[place] = (Int(groups[bin]), ranks[place] - before)
            }
        }

        /// The keys of the ranks, in the order they were asked for.
        ///
        /// - Parameter fill: Puts each key to the end of its group.
        @inline(__always)
        func values(
            below top: Int, _ fill: (_ ends: UnsafeMutableBufferPointer<UnsafeMutablePointer<UInt64>>) -> Void
        ) -> [UInt64] {
            let room = UnsafeMutablePointer<UInt64>.allocate(capacity: sizes.reduce(0, +))
            defer { room.deallocate() }
            var ends: [UnsafeMutablePointer<UInt64>] = [room]
            for size in sizes.dropLast() { ends.append(ends[ends.count - 1] + size) }
            let starts = ends
            ends.withUnsafeMutableBufferPointer { fill($0) }
            var found = [UInt64](repeating: 0, count: wanted.count)
            for group in 1..<sizes.count {
                let places = wanted.indices.filter { wanted[$0].group == group }
                let keys = UnsafeBufferPointer(start: starts[group], count: sizes[group])
                let values = OrderStatistics.select(keys, places.map { wanted[$0].rank }, below: top)
                for (place, value) in zip(places, values) { found[place] = value }
            }
            return found
        }
    }

    /// Unsigned integers that are in the order of the values, -0 as 0.
    @inline(__always)
    static func key(_ value: Double) -> UInt64 {
        let bits = (value + 0).bitPattern
        return bits ^ (UInt64(bitPattern: Int64(bitPattern: bits) >> 63) | 1 << 63)
    }

    static func value(_ key: UInt64) -> Double {
        Double(bitPattern: key >> 63 == 1 ? key ^ 1 << 63 : ~key)
    }
}
