/// How many different values there are, by their 64-bit hashes (`TextHash`): two values of one hash count as one, which among a
/// million values happens once in thirty million columns.
struct DistinctValues: Sendable {
    /// Open addressing; 0 where none is, at most half of them taken.
    private var hashes = [UInt64](repeating: 0, count: 8)
    private(set) var count = 0
    /// Whether some value came twice.
    private(set) var hasRepeats = false
    /// Whether counting ended for there are too many.
    private(set) var isOver = false

    /// So many are counted where values repeat, which cannot be a key any more.
    private static let mostOfRepeated = 100_000
    /// So many are counted in any case: 128 MiB of hashes.
    private static let most = 1 << 23

    mutating func insert(_ hash: UInt64) {
        if isOver { return }
        let hash = hash == 0 ? 1 : hash
        let mask = hashes.count &- 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while hashes[place] != 0 {
            if hashes[place] == hash {
                hasRepeats = true
                return
            }
            place = (place &+ 1) & mask
        }
        hashes[place] = hash
        count &+= 1
        if count &* 2 > hashes.count { grow() }
    }

    @inline(never)
    private mutating func grow() {
        if count >= Self.most || hasRepeats && count >= Self.mostOfRepeated {
            isOver = true
            hashes = []
            return
        }
        let old = hashes
        hashes = [UInt64](repeating: 0, count: old.count * 2)
        let mask = hashes.count - 1
        for hash in old where hash != 0 {
            var place = Int(truncatingIfNeeded: hash) & mask
            while hashes[place] != 0 { place = (place + 1) & mask }
            hashes[place] = hash
        }
    }

    /// Takes a value that is none of the others, as often as it came.
    mutating func addOther(times: Int) {
        count += 1
        if times > 1 { hasRepeats = true }
    }
}
