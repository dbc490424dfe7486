import TableTypes
import Testing

@testable import DataFrames

@Suite struct ColumnProfileTests {
    private func profile(_ texts: [String], missing: Set<String>? = nil) -> ColumnProfile {
        var profile = ColumnProfile(missing: missing)
        for (row, text) in texts.enumerated() { profile.take(text: text, row: row + 2) }
        return profile
    }

    @Test(arguments: [
        ("true", ValueClass.boolean), ("FALSE", .boolean), ("7", .integer), ("-0", .integer),
        ("+12", .integer),
        ("0", .integer), ("007", .padded), ("-01", .padded), ("00", .padded), ("1.5", .number),
        (".5", .number),
        ("1e3", .number), ("0.5", .number), ("99999999999999999999", .number), ("2024-02-29", .date),
        ("2023-02-29", .text), ("2024-02-29T08:00:00Z", .timestamp),
        ("2024-02-29 08:00:00.5+02:00", .timestamp),
        ("truth", .text), ("nan", .text), ("-", .text), ("1 ", .text), ("é", .text), ("1990-1-1", .text),
    ])
    func `a value has one class`(text: String, kind: ValueClass) {
        let profile = profile([text], missing: [])
        for other in ValueClass.allCases {
            #expect(profile[other].count == (other == kind ? 1 : 0), "\(other)")
        }
    }

    @Test(arguments: [[Double.nan, 2, -1], [2, .nan, -1], [2, -1, .nan]])
    func `NaN is neither the smallest nor the largest number`(values: [Double]) {
        var profile = ColumnProfile(missing: nil)
        for (row, value) in values.enumerated() { profile.take(number: value, "\(value)", row: row + 1) }
        #expect(profile.numbers?.least == -1 && profile.numbers?.most == 2)
        #expect(profile[.number].count == 3)
    }

    @Test func `the first different values of a class are told with their rows`() {
        let profile = profile(["1", "x", "x", "", "y", "z", "w"])
        #expect(profile[.text].count == 5 && profile.count == 6)
        #expect(
            profile[.text].examples == [
                .init(row: 3, text: "x"), .init(row: 6, text: "y"), .init(row: 7, text: "z"),
            ])
        #expect(profile.integers?.least == 1 && profile.lengths?.most == 1)
    }

    @Test(arguments: [
        (["1", "2", ""], TableSchema.FieldType.integer), (["1", "2.5"], .number), (["1", "02"], .string),
        (["true", "False"], .boolean), (["2024-01-01"], .date),
        (["2024-01-01", "2024-01-01T00:00:00Z"], .string),
        (["2024-01-01T00:00:00Z"], .datetime), (["a", "b", "a", "b", "a", "b", "a", "b"], .category),
        (["a", "b", "a", "b", "a", "b", "a"], .string), ([], .string), (["", ""], .string),
    ])
    func `all values say the type`(texts: [String], type: TableSchema.FieldType) {
        #expect(profile(texts).typeOfTexts == type)
    }

    @Test func `what may mean null is set apart until it is decided`() {
        var told = profile(["1", "NA", "NA", "?"])
        #expect(told.count == 1 && told.typeOfTexts == .integer)
        #expect(told.markersFound.map(\.text) == ["NA", "?"] && told.markersFound[0].tally.count == 2)
        told.decide(missing: ["NA"])
        #expect(told[.text].count == 1 && told[.text].examples == [.init(row: 5, text: "?")])
        #expect(told.distinct == 2 && told.isUnique == true && told.levels?.map(\.text) == ["1", "?"])
        var kept = profile(["1", "NA", "NA"])
        kept.decide(missing: [])
        #expect(kept.count == 3 && kept.isUnique == false)
        #expect(profile(["NA", ""], missing: ["NA"]).count == 1)
    }

    @Test func `different values are counted, and levels while they are few`() {
        let all = (0..<200_000).map(String.init)
        let unique = profile(all)
        #expect(unique.distinct == 200_000 && unique.isUnique == true && unique.levels == nil)
        // With one that repeats it is no key, and counting ends.
        let many = profile(["0"] + all)
        #expect(many.distinct == nil && many.isUnique == false)
        let few = profile((0..<1000).map { "level \($0 % 100)" })
        #expect(
            few.levels?.count == 100 && few.levels?.allSatisfy { $0.count == 10 } == true
                && few.distinct == 100)
        #expect(profile((0..<101).map(String.init)).levels == nil)
    }

    @Test func `JSON says types of its own`() {
        var mixed = ColumnProfile(missing: nil)
        mixed.take(integer: 1, "1", row: 1)
        mixed.take(number: 2.5, "2.5", row: 2)
        #expect(mixed.typeOfJSON == .number)
        mixed.take(nested: true, "[]", row: 3)
        #expect(mixed.typeOfJSON == .any)
        var texts = ColumnProfile(missing: nil)
        Array("12".utf8).withUnsafeBufferPointer { texts.take(string: $0, row: 1) }
        #expect(texts.typeOfJSON == .string && texts[.integer].count == 0)
    }

    @Test func `blanks at both ends are taken off, but not within quotes`() throws {
        let text = "a, b ,c\n 1 ,\" 2 \",\t3\n  ,, x \"\n"
        let format = CSVFormat(trims: true)
        let records = try CSVRecords(scanning: Array(text.utf8), format)
        #expect(records.names == ["a", "b", "c"])
        #expect(records.columns.map { $0[0] } == ["1", " 2 ", "3"])
        // A quote behind a blank opens nothing, as without trimming.
        #expect(records.count == 1 && records.faults.map(\.row) == [3])
        let unquoted = try CSVRecords(
            scanning: Array("a\n \"x\" \n".utf8), CSVFormat(quote: nil, trims: true))
        #expect(unquoted.columns[0][0] == "\"x\"")
    }
}
