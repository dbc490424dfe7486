import Platform

/// Shingles of all texts as sets that can be compared.
struct ShingleSets {
    /// Of each text where its hashes lie.
    private var sets: [UnsafeMutableBufferPointer<UInt64>]
    private let keys: [UnsafePointer<UInt64>]

    /// - Parameters:
    ///   - rows: Must outlive this.
    ///   - parts: Which rows of which of them are the texts, in their order.
    init(_ rows: [Box<ShingleRows>], _ parts: [(rows: Int, range: Range<Int>)], bands: Int) {
        sets = []
        var places: [UnsafePointer<UInt64>] = []
        for (number, range) in parts {
            let (ends, hashes, own) = (
                rows[number].value.ends.start, rows[number].value.hashes.start, rows[number].value.keys.start
            )
            for row in range {
                let start = row == 0 ? 0 : ends[row - 1]
                sets.append(
                    UnsafeMutableBufferPointer(start: hashes + start, count: ends[row] - start))
                places.append(UnsafePointer(own + row * bands))
            }
        }
        keys = places
    }

    var count: Int { sets.count }

    func isEmpty(_ text: Int) -> Bool { sets[text].isEmpty }

    @inline(__always)
    func key(_ text: Int, _ band: Int) -> UInt64 { keys[text][band] }

    /// Brings texts that are to be compared into order, each hash once.
    mutating func sort(_ isWanted: [Bool], _ pool: WorkerPool) {
        let share = 1024
        sets.withUnsafeMutableBufferPointer { sets in
            pool.runEach((sets.count + share - 1) / share) { part in
                for text in part * share..<min(sets.count, (part + 1) * share) where isWanted[text] {
                    var set = sets[text]
                    set.sort()
                    var end = 0
                    for hash in set where end == 0 || set[end - 1] != hash {
                        set[end] = hash
                        end += 1
                    }
                    set = UnsafeMutableBufferPointer(start: set.baseAddress, count: end)
                    sets[text] = set
                }
            }
        }
    }

    /// The share of hashes that two texts have in common, of all that either has.
    ///
    /// - Precondition: Both are sorted.
    func similarity(_ a: Int, _ b: Int) -> Double {
        let (one, other) = (sets[a], sets[b])
        let common = common(one, other, atLeast: 0)
        return Double(common) / Double(one.count + other.count - common)
    }

    /// Whether the share is at least so large.
    func areSimilar(_ a: Int, _ b: Int, _ threshold: Double) -> Bool {
        let (one, other) = (sets[a], sets[b])
        let all = one.count + other.count
        // Of n in common, n / (all - n) is the share: no pair below this many can do.
        let needed = Int(threshold / (1 + threshold) * Double(all) * (1 - 1e-12))
        if min(one.count, other.count) < needed { return false }
        let common = common(one, other, atLeast: needed)
        return Double(common) >= threshold * Double(all - common)
    }

    /// How many two have in common; stops when it cannot be so many any more.
    private func common(
        _ one: UnsafeMutableBufferPointer<UInt64>, _ other: UnsafeMutableBufferPointer<UInt64>,
        atLeast least: Int
    ) -> Int {
        var (left, right, common) = (0, 0, 0)
        // How many of either may still be without a partner.
        let (spareLeft, spareRight) = (one.count - least, other.count - least)
        while left < one.count, right < other.count {
            let (a, b) = (one[left], other[right])
            common &+= a == b ? 1 : 0
            left &+= a <= b ? 1 : 0
            right &+= b <= a ? 1 : 0
            if left &- common > spareLeft || right &- common > spareRight { return common }
        }
        return common
    }
}
