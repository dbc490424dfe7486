/// Texts with equal keys of a band, found and compared by one thread.
final class BandBuckets {
    let groups: TextGroups
    /// Texts that share a bucket with another in some band.
    private(set) var isMarked: [Bool]
    /// Those of buckets of two or more, ascending in each.
    private var members: [Int32] = []
    /// Where the members of each bucket end.
    private var ends: [Int] = []

    init(_ texts: Int) {
        groups = TextGroups(texts)
        isMarked = [Bool](repeating: false, count: texts)
    }

    /// Finds the buckets of bands.
    func find(_ sets: ShingleSets, _ bands: some Sequence<Int>) {
        let count = sets.count
        var size = 64
        while size < 2 * count { size *= 2 }
        // The first text of the bucket at a place, -1 where there is none, and the next of each text.
        var heads = [Int32](repeating: -1, count: size)
        var nexts = [Int32](repeating: -1, count: count)
        for band in bands {
            let keys = (0..<count).map { sets.key($0, band) }
            for place in heads.indices { heads[place] = -1 }
            // From behind, so that the next is a later one.
            for text in stride(from: count - 1, through: 0, by: -1) where !sets.isEmpty(text) {
                let key = keys[text]
                var place = Int(truncatingIfNeeded: key ^ key >> 32) & (size - 1)
                while heads[place] >= 0, keys[Int(heads[place])] != key { place = (place + 1) & (size - 1) }
                nexts[text] = heads[place]
                heads[place] = Int32(text)
            }
            for head in heads where head >= 0 && nexts[Int(head)] >= 0 { add(head, nexts) }
        }
    }

    private func add(_ head: Int32, _ nexts: [Int32]) {
        var text = head
        while text >= 0 {
            members.append(text)
            isMarked[Int(text)] = true
            text = nexts[Int(text)]
        }
        ends.append(members.count)
    }

    /// Joins texts of a bucket whose shingles are alike.
    func join(_ sets: ShingleSets, _ threshold: Double) {
        var kinds: [[Int]] = []
        var start = 0
        for end in ends {
            kinds.removeAll(keepingCapacity: true)
            for text in members[start..<end] {
                add(Int(text), to: &kinds) { sets.areSimilar($0, $1, threshold) }
            }
            start = end
        }
    }

    /// Compares a text with those of other groups that the bucket has, until one of each is alike.
    private func add(_ text: Int, to kinds: inout [[Int]], _ areSimilar: (Int, Int) -> Bool) {
        var own: Int?
        for kind in kinds.indices {
            if groups.first(of: text) != groups.first(of: kinds[kind][0]) {
                guard let other = kinds[kind].first(where: { areSimilar($0, text) }) else { continue }
                groups.join(other, text)
            }
            own = own ?? kind
        }
        if let own { kinds[own].append(text) } else { kinds.append([text]) }
    }
}
