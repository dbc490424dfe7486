import CDataFrames

/// Numbers 64-bit words in the order they first come: open addressing by groups of eight slots, at most half full.
///
/// Of each slot one byte of the hash, the tag, lies beside the seven others of its group, and all eight are compared
/// at once (as in M. Kulukundis: "Designing a fast, efficient, cache-friendly hash table, step by step", CppCon 2017,
/// here without vectors). The words themselves lie by number. So a word is found, or found not to be there, in two
/// looks into little memory.
///
/// The hash has a fixed seed and decides no order, so a number is a function of the words alone (numerics rule 12).
struct WordTable {
    /// Of a group its tags, and then its numbers, two in a word; those of free slots are 0.
    private var groups: [UInt64]
    /// A power of two.
    private var groupCount = 128
    /// By number.
    private var words: [UInt64] = []

    private typealias Group = UnsafePointer<UInt64>

    /// Words of a group.
    private static let width = 5
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080
    /// The tag of a slot that is free; those of hashes are below.
    private static let free: UInt64 = 0x80

    var count: Int { words.count }

    init() { groups = Self.empty(groupCount) }

    private static func empty(_ count: Int) -> [UInt64] {
        var groups = [UInt64](repeating: 0, count: count * width)
        for group in 0..<count { groups[group * width] = highs }
        return groups
    }

    /// Both halves of a full product, folded.
    ///
    /// Source: Wang Yi, "wyhash", github.com/wangyi-fudan/wyhash, its `wymix`.
    @inline(__always)
    static func hash(_ word: UInt64) -> UInt64 {
        let product = (word ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
        return product.high ^ product.low
    }

    /// Writes the number of each row's word, new ones as they come.
    ///
    /// - Complexity: O(rows), expected.
    @inline(__always)
    mutating func number(
        rows: Range<Int>, into numbers: UnsafeMutablePointer<Int32>, word: (Int) -> UInt64?
    ) {
        var start = rows.lowerBound
        while start < rows.upperBound {
            // Within a stretch neither the groups nor the words need more room, so their memory stays put.
            let end = min(start + 4096, rows.upperBound)
            reserve(words.count + end - start)
            var known = words.count
            let mask = groupCount - 1
            words.append(contentsOf: repeatElement(0, count: end - start))
            groups.withUnsafeMutableBufferPointer { groups in
                words.withUnsafeMutableBufferPointer { words in
                    let (groups, words) = (groups.baseAddress!, words.baseAddress!)
                    for row in start..<end {
                        guard let word = word(row) else { continue }
                        let hash = Self.hash(word)
                        let group = groups + (Int(truncatingIfNeeded: hash) & mask) &* Self.width
                        let matches = Self.matches(group, hash)
                        if matches != 0 {
                            let number = Self.number(group, matches)
                            if words[Int(number)] == word {
                                numbers[row] = number
                                continue
                            }
                        }
                        var number = Self.findFurther(word, hash, groups, words, mask)
                        if number < 0 {
                            number = Int32(truncatingIfNeeded: known)
                            words[known] = word
                            known += 1
                            Self.put(number, hash, groups, mask)
                        }
                        numbers[row] = number
                    }
                }
            }
            words.removeLast(words.count - known)
            start = end
        }
    }

    /// Writes the number of each row's word, and -1 for one that is not there.
    ///
    /// Without a branch on which of the two it is: where half of the words are there none can be foretold, and what
    /// waits for a wrong one is memory.
    @inline(__always)
    func find(
        rows: Range<Int>, into numbers: UnsafeMutablePointer<Int32>, word: (Int) -> UInt64?
    ) {
        // The first word is looked at where no slot matches.
        guard !words.isEmpty else {
            for row in rows { numbers[row] = -1 }
            return
        }
        let mask = groupCount - 1
        groups.withUnsafeBufferPointer { groups in
            words.withUnsafeBufferPointer { words in
                let (groups, words) = (groups.baseAddress!, words.baseAddress!)
                for row in rows {
                    guard let word = word(row) else {
                        numbers[row] = -1
                        continue
                    }
                    let hash = Self.hash(word)
                    let group = groups + (Int(truncatingIfNeeded: hash) & mask) &* Self.width
                    let matches = Self.matches(group, hash)
                    let number = sluice_chosen(matches != 0, Self.number(group, matches), 0)
                    numbers[row] = sluice_chosen(words[Int(number)] == word, number, -1)
                    // Seldom another slot has the same tag, or the group is full: the word may be elsewhere.
                    let isFull: UInt64 = group[0] & Self.highs == 0 ? 1 : 0
                    if matches & (matches &- 1) | isFull != 0, numbers[row] < 0 {
                        numbers[row] = Self.findFurther(word, hash, groups, words, mask)
                    }
                }
            }
        }
    }

    /// High bits of the bytes of a group that are equal to a hash's tag; above the first of them some may be that are
    /// not (the test for a zero byte in D. Knuth: "The Art of Computer Programming", 7.1.3).
    @inline(__always)
    private static func matches(_ group: Group, _ hash: UInt64) -> UInt64 {
        let differences = group[0] ^ (hash &>> 57) &* ones
        return (differences &- ones) & ~differences & highs
    }

    /// The number in the first slot of those that match.
    @inline(__always)
    private static func number(_ group: Group, _ matches: UInt64) -> Int32 {
        // A bit beyond all, so that there is one.
        let slot = (matches | 1 << 63).trailingZeroBitCount &>> 3
        return UnsafeRawPointer(group + 1).load(fromByteOffset: slot &<< 2, as: Int32.self)
    }

    @inline(never)
    private static func findFurther(
        _ word: UInt64, _ hash: UInt64, _ groups: Group, _ words: UnsafePointer<UInt64>, _ mask: Int
    ) -> Int32 {
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let group = groups + place &* width
            var matches = matches(group, hash)
            while matches != 0 {
                let number = number(group, matches)
                if words[Int(number)] == word { return number }
                matches &= matches &- 1
            }
            if group[0] & highs != 0 { return -1 }
            place = (place &+ 1) & mask
        }
    }

    /// Puts a number into the first slot that is free.
    @inline(__always)
    private static func put(
        _ number: Int32, _ hash: UInt64, _ groups: UnsafeMutablePointer<UInt64>, _ mask: Int
    ) {
        var place = Int(truncatingIfNeeded: hash) & mask
        while groups[place &* width] & highs == 0 { place = (place &+ 1) & mask }
        let group = groups + place &* width
        let slot = (group[0] & highs).trailingZeroBitCount &>> 3
        group[0] ^= (free ^ hash &>> 57) &<< UInt64(truncatingIfNeeded: slot &<< 3)
        UnsafeMutableRawPointer(group + 1).storeBytes(of: number, toByteOffset: slot &<< 2, as: Int32.self)
    }

    private mutating func reserve(_ wanted: Int) {
        if wanted > words.capacity { words.reserveCapacity(max(wanted, 2 * words.capacity)) }
        guard wanted * 2 > groupCount * 8 else { return }
        while wanted * 2 > groupCount * 8 { groupCount *= 2 }
        groups = Self.empty(groupCount)
        groups.withUnsafeMutableBufferPointer { groups in
            for (number, word) in words.enumerated() {
                Self.put(Int32(number), Self.hash(word), groups.baseAddress!, groupCount - 1)
            }
        }
    }
}
