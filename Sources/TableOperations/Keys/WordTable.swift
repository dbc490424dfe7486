/// Numbers 64-bit words in the order they first come: open addressing with
/// linear probing, at most half full.
///
/// The hash has a fixed seed and decides no order, so a number is a function
/// of the words alone (numerics rule 12).
struct WordTable {
    private struct Slot {
        var word: UInt64
        /// Below zero where the slot is free.
        var number: Int32
    }

    private var slots: [Slot]
    /// By number: what the table is grown from.
    private var words: [UInt64] = []

    var count: Int { words.count }

    init() { slots = [Slot](repeating: Slot(word: 0, number: -1), count: 1024) }

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
            // Within a stretch the table cannot fill up, so its memory stays put.
            let end = min(start + 4096, rows.upperBound)
            reserve(words.count + end - start)
            let mask = slots.count - 1
            var words = self.words
            self.words = []
            slots.withUnsafeMutableBufferPointer { slots in
                for row in start..<end {
                    guard let word = word(row) else { continue }
                    var place = Int(truncatingIfNeeded: Self.hash(word)) & mask
                    while true {
                        let number = slots[place].number
                        if number < 0 {
                            let new = Int32(words.count)
                            slots[place] = Slot(word: word, number: new)
                            words.append(word)
                            numbers[row] = new
                            break
                        }
                        if slots[place].word == word {
                            numbers[row] = number
                            break
                        }
                        place = (place + 1) & mask
                    }
                }
            }
            self.words = words
            start = end
        }
    }

    /// Writes the number of each row's word, and -1 for one that is not there.
    @inline(__always)
    func find(
        rows: Range<Int>, into numbers: UnsafeMutablePointer<Int32>, word: (Int) -> UInt64?
    ) {
        let mask = slots.count - 1
        slots.withUnsafeBufferPointer { slots in
            for row in rows {
                numbers[row] = -1
                guard let word = word(row) else { continue }
                var place = Int(truncatingIfNeeded: Self.hash(word)) & mask
                while slots[place].number >= 0 {
                    if slots[place].word == word {
                        numbers[row] = slots[place].number
                        break
                    }
                    place = (place + 1) & mask
                }
            }
        }
    }

    private mutating func reserve(_ wanted: Int) {
        guard wanted * 2 > slots.count else { return }
        var capacity = slots.count
        while wanted * 2 > capacity { capacity *= 2 }
        slots = [Slot](repeating: Slot(word: 0, number: -1), count: capacity)
        for (number, word) in words.enumerated() {
            var place = Int(truncatingIfNeeded: Self.hash(word)) & (capacity - 1)
            while slots[place].number >= 0 { place = (place + 1) & (capacity - 1) }
            slots[place] = Slot(word: word, number: Int32(number))
        }
    }
}
