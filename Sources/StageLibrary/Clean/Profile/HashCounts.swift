import DataFrames

/// How often each text of a column comes, by 64-bit hashes (`TextHash`): two texts of one hash count as one, which among a
/// million texts happens once in thirty million columns. The texts themselves are kept only of those that come again.
struct HashCounts {
    /// Open addressing; a count of 0 where none is, at most half of the places taken.
    private var hashes = [UInt64](repeating: 0, count: 64)
    private var counts = [UInt32](repeating: 0, count: 64)
    private var repeated: [(hash: UInt64, text: String)] = []
    /// Different texts.
    private(set) var distinct = 0
    /// Whether there were more than are told apart.
    private(set) var isOver = false

    /// So many are told apart: 24 MiB.
    static let most = 1 << 20
    private static let mostRepeated = 1 << 16

    mutating func add(_ text: UnsafeBufferPointer<UInt8>) {
        let hash = TextHash.of(text)
        let place = place(hash)
        if counts[place] == 0 {
            guard distinct < Self.most else {
                isOver = true
                return
            }
            hashes[place] = hash
            distinct += 1
        }
        counts[place] += 1
        if counts[place] == 2, repeated.count < Self.mostRepeated {
            repeated.append((hash, String(decoding: text, as: UTF8.self)))
        }
        if distinct * 2 > hashes.count { grow() }
    }

    private func place(_ hash: UInt64) -> Int {
        let mask = hashes.count &- 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while counts[place] != 0, hashes[place] != hash { place = (place &+ 1) & mask }
        return place
    }

    private mutating func grow() {
        let old = (hashes, counts)
        hashes = [UInt64](repeating: 0, count: old.0.count * 2)
        counts = [UInt32](repeating: 0, count: old.0.count * 2)
        for (hash, count) in zip(old.0, old.1) where count > 0 {
            let place = place(hash)
            (hashes[place], counts[place]) = (hash, count)
        }
    }

    /// Those that come most often, of those that come twice at least; equal ones by their bytes.
    func mostFrequent(_ limit: Int) -> [LevelCount] {
        let all = repeated.map { LevelCount(level: $0.text, count: Int(counts[place($0.hash)])) }
        return LevelCount.most(all, limit)
    }
}

/// A value as text, and how many rows have it.
struct LevelCount: Hashable {
    var level: String
    var count: Int

    /// The largest, equal ones by their bytes.
    static func most(_ all: [LevelCount], _ limit: Int) -> [LevelCount] {
        Array(
            all.sorted {
                $0.count != $1.count
                    ? $0.count > $1.count : $0.level.utf8.lexicographicallyPrecedes($1.level.utf8)
            }.prefix(limit))
    }
}
