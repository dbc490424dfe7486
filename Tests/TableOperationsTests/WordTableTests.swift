import Testing

@testable import TableOperations

/// Words numbered as a dictionary numbers them.
@Suite struct WordTableTests {
    private func check(_ words: [UInt64?], absent: [UInt64]) {
        var table = WordTable()
        var known: [UInt64: Int32] = [:]
        var expected: [Int32] = []
        for word in words {
            guard let word else {
                expected.append(-7)
                continue
            }
            if known[word] == nil { known[word] = Int32(known.count) }
            expected.append(known[word]!)
        }
        // A row without a word is left as it is.
        var numbers = [Int32](repeating: -7, count: words.count)
        numbers.withUnsafeMutableBufferPointer { numbers in
            guard let start = numbers.baseAddress else { return }
            table.number(rows: 0..<words.count, into: start) { words[$0] }
        }
        #expect(numbers == expected && table.count == known.count)
        let asked: [UInt64?] = absent + [nil] + known.keys.sorted()
        var found = [Int32](repeating: -7, count: asked.count)
        found.withUnsafeMutableBufferPointer { found in
            table.find(rows: 0..<asked.count, into: found.baseAddress!) { asked[$0] }
        }
        #expect(found == asked.map { word in word.flatMap { known[$0] } ?? -1 })
    }

    @Test func `words that come again and words that do not`() {
        var random = Random(state: 4)
        for count in [0, 1, 7, 500, 513, 3000, 20_000] {
            let words = (0..<count).map { _ in UInt64.random(in: 0...UInt64(count), using: &random) }
            check(
                words.map { $0 % 17 == 0 ? nil : $0 &* 0x9E37_79B9_7F4A_7C15 },
                absent: (0..<500).map { _ in UInt64.random(in: 0...UInt64.max, using: &random) } + [0])
        }
    }

    @Test func `words of one group and one tag are told apart, and go on to the next groups`() {
        // Of the groups of a table of up to 4096 words, and of tags, all the same.
        func isAlike(_ word: UInt64) -> Bool { WordTable.hash(word) & (0xFE << 56 | 1023) == 5 << 57 | 77 }
        var alike: [UInt64] = []
        var word: UInt64 = 0
        while alike.count < 60 {
            if isAlike(word) { alike.append(word) }
            word += 1
        }
        check(Array(alike[..<40] + alike[..<40].reversed()), absent: Array(alike[40...]))
        // Only the group is the same.
        let group = (0..<200_000).filter { WordTable.hash($0) & 1023 == 1023 }
        check(Array(group[..<100] + group[..<100]), absent: Array(group[100...]))
    }
}
