import DataFrames
import Testing

@Suite struct ValidityBitmapTests {
    @Test func `the nulls of every range are those of its rows`() {
        for spacing in [1, 2, 3, 7, 64, 500] {
            let bitmap = ValidityBitmap((0..<211).map { $0 % spacing != spacing - 1 })
            for first in 0...bitmap.count {
                for end in stride(from: first, through: bitmap.count, by: 9) {
                    let expected = (first..<end).filter { !bitmap[$0] }
                    var found: [Int] = []
                    bitmap.eachNull(in: first..<end) { found.append($0) }
                    #expect(found == expected)
                    #expect(bitmap.nullCount(in: first..<end) == expected.count)
                }
            }
        }
    }
}
