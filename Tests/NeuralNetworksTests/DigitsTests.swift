import Testing

@Suite struct DigitsTests {
    @Test func theSheetHoldsEveryPictureBesideItsLabel() throws {
        let digits = try Digits.load()
        #expect(digits.pixels.count == Digits.count * 64)
        #expect(
            (0...9).map { digit in digits.labels.count { $0 == digit } } == [
                178, 182, 177, 183, 181, 182, 181, 179, 174, 180,
            ])
        // The first picture is the set's first row: a zero, in 0...16.
        #expect(digits.labels.prefix(10) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
        let first = digits.pixels.prefix(16).map { ($0 * 16).rounded() }
        #expect(first == [0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0])
        let last = digits.pixels.suffix(16).map { ($0 * 16).rounded() }
        #expect(last == [0, 8, 16, 10, 8, 16, 8, 0, 0, 1, 8, 12, 14, 12, 1, 0])
    }
}
