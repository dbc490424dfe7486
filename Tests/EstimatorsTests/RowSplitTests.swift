import Estimators
import TensorKernels
import Testing

@Suite struct RowSplitTests {
    private let thirds: [RowSplit.Part] = [.init("train", 0.7), .init("validation", 0.1), .init("test", 0.2)]

    private func message(
        _ rows: Int, _ parts: [RowSplit.Part], _ method: RowSplit.Method = .random
    ) -> String {
        do {
            _ = try RowSplit(rows: rows, parts: parts, method: method)
            return "split"
        } catch { return "\(error)" }
    }

    @Test func partsCoverEveryRowOnceInSizesOfTheLargestRemainder() throws {
        for (count, sizes) in [
            (10, [7, 1, 2]), (11, [8, 1, 2]), (13, [9, 1, 3]), (1000, [700, 100, 200]),
        ] {
            for seed in 0..<5 as Range<UInt64> {
                let split = try RowSplit(rows: count, parts: thirds, seed: seed)
                #expect(split.rows.map(\.count) == sizes, "\(count) rows")
                #expect(split.rows.allSatisfy { $0 == $0.sorted() })
                #expect(split.rows.flatMap { $0 }.sorted() == Array(0..<count))
            }
        }
        let exact = try RowSplit(rows: 100, parts: [.init("a", 0.29), .init("b", 0.71)])
        #expect(exact.rows.map(\.count) == [29, 71])
    }

    /// Fixed bits: a change here changes every cached split.
    @Test func theSameSeedGivesTheSameRowsAndAnotherSeedOthers() throws {
        let parts: [RowSplit.Part] = [.init("train", 0.75), .init("test", 0.25)]
        let first = try RowSplit(rows: 12, parts: parts, seed: 7)
        #expect(first["test"] == [0, 2, 7])
        #expect(first == (try RowSplit(rows: 12, parts: parts, seed: 7)))
        #expect(first != (try RowSplit(rows: 12, parts: parts, seed: 8)))
        #expect(first["nothing"] == nil)
    }

    /// The order is never made as a whole, but parts are cut where it would be.
    @Test func partsAreTheStretchesOfThePermutation() throws {
        for count in [10, 11, 64, 1000, 4001] {
            for seed in 0..<10 as Range<UInt64> {
                let split = try RowSplit(rows: count, parts: thirds, seed: seed)
                let order = RandomStream.split.permutation(count, seed: seed)
                var start = 0
                for rows in split.rows {
                    #expect(order[start..<(start + rows.count)].sorted() == rows)
                    start += rows.count
                }
            }
        }
    }

    @Test func everyRowIsAsLikelyToBeTested() throws {
        var counts = [Int](repeating: 0, count: 10)
        for seed in 0..<2000 as Range<UInt64> {
            let split = try RowSplit(rows: 10, parts: [.init("train", 0.8), .init("test", 0.2)], seed: seed)
            for row in split.rows[1] { counts[row] += 1 }
        }
        // 400 expected, deviation 18.
        for count in counts { #expect(abs(count - 400) < 80) }
    }

    @Test func eachClassIsWithinOneOfItsShareAndPartsKeepTheirSizes() throws {
        // 40 classes of 3 to 12 rows, whose codes need not be dense.
        let labels = (0..<40).flatMap { [Int32](repeating: 5 * $0 - 60, count: 3 + Int($0) % 10) }
        for seed in 0..<5 as Range<UInt64> {
            let split = try RowSplit(
                rows: labels.count, parts: thirds, method: .stratified(labels), seed: seed)
            #expect(split.rows.flatMap { $0 }.sorted() == Array(labels.indices))
            for label in Set(labels).sorted() {
                let all = labels.count { $0 == label }
                for (part, rows) in zip(thirds, split.rows) {
                    let here = rows.count { labels[$0] == label }
                    #expect(abs(Double(here) - part.fraction * Double(all)) < 1, "\(label) \(part.name)")
                }
            }
            for (part, rows) in zip(thirds, split.rows) {
                #expect(abs(Double(rows.count) - part.fraction * Double(labels.count)) <= 2, "\(part.name)")
            }
        }
    }

    @Test func aGroupLiesWholeInOnePart() throws {
        let groups = (0..<300).map { Int32(($0 * $0) % 37 - 5) }
        let largest = Set(groups).map { code in groups.count { $0 == code } }.max() ?? 0
        for seed in 0..<20 as Range<UInt64> {
            let split = try RowSplit(rows: 300, parts: thirds, method: .group(groups), seed: seed)
            #expect(split.rows.flatMap { $0 }.sorted() == Array(0..<300))
            let sides = split.rows.map { Set($0.map { groups[$0] }) }
            #expect(sides[0].isDisjoint(with: sides[1]) && sides[1].isDisjoint(with: sides[2]))
            #expect(sides[0].isDisjoint(with: sides[2]))
            for (part, rows) in zip(thirds, split.rows) {
                #expect(Double(rows.count) < part.fraction * 300 + Double(largest))
            }
            // As few groups as parts: one each, whatever their sizes.
            let lone = try RowSplit(
                rows: 102, parts: [.init("a", 0.98), .init("b", 0.01), .init("c", 0.01)],
                method: .group([1, 2] + [Int32](repeating: 3, count: 100)), seed: seed)
            #expect(lone.rows.map(\.count).sorted() == [1, 1, 100])
        }
    }

    @Test func theEarliestRowsAreTrainedOnTiesByRow() throws {
        let parts: [RowSplit.Part] = [.init("train", 0.6), .init("test", 0.4)]
        let split = try RowSplit(rows: 5, parts: parts, method: .time([3, 1, 2, 2, 2]), seed: 1)
        #expect(split.rows == [[1, 2, 3], [0, 4]])
        let stamps = try RowSplit(rows: 5, parts: parts, method: .timestamps([3, 1, 2, 2, 2]), seed: 9)
        #expect(stamps == split)
        let far = Int64.max
        #expect(
            try RowSplit(rows: 5, parts: parts, method: .timestamps([far, far - 1, 2, -far, 2])).rows == [
                [2, 3, 4], [0, 1],
            ])
    }

    @Test func whatCannotBeSplitIsSaid() {
        let half: [RowSplit.Part] = [.init("a", 0.5), .init("b", 0.5)]
        #expect(message(4, []) == "a split needs at least one part")
        #expect(message(4, [.init("a", 0.5), .init("a", 0.5)]) == "part 'a' is named twice")
        #expect(
            message(4, [.init("a", 1.5), .init("b", -0.5)])
                == "part 'a' has fraction 1.5; a fraction must lie above 0 and not above 1")
        #expect(
            message(4, [.init("a", .nan)])
                == "part 'a' has fraction nan; a fraction must lie above 0 and not above 1")
        #expect(
            message(4, [.init("a", 0.5), .init("b", 0.25)])
                == "the fractions of the parts sum to 0.75; they must sum to 1")
        #expect(message(4, half, .group([1])) == "1 keys for 4 rows; each row needs one")
        #expect(message(1, half) == "part 'b' would be empty: 1 rows are too few for its fraction")
        #expect(
            message(4, half, .stratified([0, 0, 0, 1]))
                == "class 1 has 1 row, fewer than the 2 parts; merge rare classes or split at random")
        #expect(message(3, half, .group([4, 4, 4])) == "1 group cannot fill 2 parts")
        #expect(
            message(3, half, .time([1, .nan, 2]))
                == "row 1 has no time (NaN); drop it or fill it before the split")
        #expect(message(4, half) == "split")
    }
}
