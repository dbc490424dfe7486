/// Places in ascending values.
enum SortedSearch {
    /// How many are below a value.
    static func countBelow(_ value: Double, _ sorted: [Double]) -> Int {
        first(sorted.count) { sorted[$0] >= value }
    }

    /// How many are not above a value.
    static func countUpTo(_ value: Double, _ sorted: [Double]) -> Int {
        first(sorted.count) { sorted[$0] > value }
    }

    /// The first place from 0 on where a condition holds that holds from there on; `count` if there is none.
    @inline(__always)
    static func first(_ count: Int, where holds: (Int) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = low + (high - low) / 2
            if holds(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
