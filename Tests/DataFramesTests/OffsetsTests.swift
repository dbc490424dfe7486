import Testing

@testable import DataFrames

/// Offsets of buffers that no test could hold: only their ends are told.
@Suite("Offsets") struct OffsetsTests {
    static let past = 1 << 32

    static let some: [[Int]] = [
        [0], [0, 0, 0], [0, 3, 3, 10], [0, past - 1], [0, past], [0, past - 1, past, past + 1],
        [0, 5, 3 * past + 7, 3 * past + 7, 4 * past],
        [0, past - 2, past - 1, past - 1, past + 5, 2 * past - 1, 2 * past],
    ]

    @Test("What is appended is what is there, whichever way it came", arguments: some)
    func roundTrip(_ told: [Int]) {
        let whole = Offsets(told)
        var one = Offsets()
        for offset in told.dropFirst() { one.append(offset) }
        #expect(Array(whole) == told)
        #expect(one == whole)
        #expect(whole.withView { view in told.indices.map { view[$0] } } == told)
        #expect(whole.words == told.map { UInt32(truncatingIfNeeded: $0) })
    }

    @Test("Rows of others are moved behind", arguments: some, some)
    func joined(_ a: [Int], _ b: [Int]) {
        for lower in b.indices {
            for upper in lower..<b.count {
                var offsets = Offsets(a)
                offsets.append(Offsets(b), lower..<upper)
                let expected = a + b[(lower + 1)..<(upper + 1)].map { $0 - b[lower] + a.last! }
                #expect(Array(offsets) == expected)
                #expect(offsets == Offsets(expected))
            }
        }
    }

    @Test("Many at once, across 4 GiB")
    func filled() {
        let told = (1...9).map { $0 * (1 << 30) }
        var offsets = Offsets()
        for part in [told[..<2], told[2..<2], told[2..<9]] {
            offsets.append(part.count) { words in
                for (place, offset) in part.enumerated() { words[place] = UInt32(truncatingIfNeeded: offset) }
                return part.last ?? told[1]
            }
        }
        #expect(Array(offsets) == [0] + told)
        #expect(offsets == Offsets([0] + told))
    }

    @Test("Empty rows end where the last one does")
    func empty() {
        var offsets = Offsets([0, Self.past + 4])
        offsets.append(empty: 2)
        #expect(Array(offsets) == [0, Self.past + 4, Self.past + 4, Self.past + 4])
    }
}
