import Testing

@testable import DataFrames

/// Fields that are read 16 characters at a time read as those that are read one by one.
@Suite struct PaddedFieldTests {
    /// Calls `body` with a text that has bytes of a kind that could be taken for its own before and behind it.
    private func padded<T>(_ text: [UInt8], _ around: UInt8, _ body: (UnsafePointer<UInt8>, Int) -> T) -> T {
        let bytes =
            [UInt8](repeating: around, count: PaddedField.before) + text
            + [UInt8](repeating: around, count: PaddedField.behind)
        return bytes.withUnsafeBufferPointer { body($0.baseAddress! + PaddedField.before, text.count) }
    }

    private func same(_ text: String) { same(Array(text.utf8)) }

    private func same(_ text: [UInt8]) {
        FieldBytes.powers.withUnsafeBufferPointer { powers in
            for around in [UInt8(ascii: "7"), UInt8(ascii: ","), UInt8(ascii: "."), 0, 0xE9] {
                padded(text, around) { field, count in
                    let shown = "'\(String(decoding: text, as: UTF8.self))' among \(around)"
                    #expect(
                        PaddedField.integer(field, count) == FieldBytes.integer(field, count), "\(shown)")
                    #expect(
                        PaddedField.number(field, count, powers.baseAddress!)?.bitPattern
                            == FieldBytes.toldNumber(field, count)?.bitPattern, "\(shown)")
                    #expect(PaddedField.date(field, count) == FieldBytes.date(field, count), "\(shown)")
                    #expect(
                        PaddedField.timestamp(field, count) == FieldBytes.timestamp(field, count), "\(shown)")
                    #expect(
                        PaddedField.boolean(field, count) == FieldBytes.toldBoolean(field, count), "\(shown)")
                }
            }
        }
    }

    private struct Numbers: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            // Knuth's MMIX, whose high bits, which are those that count, are good enough here.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state
        }
    }

    @Test func whatIsWritten() {
        for text in [
            "", "-", "+", ".", "-.", "+.5", "5.", "0", "-0", "-0.0", "007", "1e5", "1E-5", "e", "1.5.2",
            "--1",
            "+-1", "1-", "INF", "-INF", "+INF", "nan", "0x10", "1 ", " 1", "9007199254740992",
            "9007199254740993", "1234567890123456", "12345678901234567", "-123456789012345.6",
            "-1234567890123456", ".1234567890123456", "0.123456789012345", "9223372036854775807",
            "-9223372036854775808", "9223372036854775808", "true", "True", "TRUE", "tRUE", "false", "False",
            "FALSE", "fALSE", "1", "true ", "true\0", "1\0", "\0", "truefalse", "2024-02-29", "2023-02-29",
            "1900-02-29", "2000-02-29", "0000-01-01", "0001-01-01", "9999-12-31", "2024-13-01", "2024-00-01",
            "2024-01-00", "2024-01-32", "2024-04-31", "2024_01-01", "2024-01_01", "2024-01-0a", "2024-01-011",
            "2024-01-01T00:00:00", "2024-01-01 23:59:59", "2024-01-01x00:00:00", "2024-01-01T24:00:00",
            "2024-01-01T00:60:00", "2024-01-01T00:00:60", "2024-01-01T00:00:5", "2024-01-01T00:00:0a",
            "2024-01-01T00-00:00", "2024-01-01T00:00-00", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00Y",
            "2024-01-01T00:00:00ZZ", "2024-01-01T00:00:00.", "2024-01-01T00:00:00.5",
            "2024-01-01T00:00:00.123456Z", "2024-01-01T00:00:00.1234567", "2024-01-01T00:00:00+01:30",
            "2024-01-01T00:00:00.25-23:59", "2024-01-01T00:00:00+24:00", "\u{e9}", "1\u{e9}",
        ] {
            same(text)
        }
    }

    @Test func everyDateOfTwoDigitsAPartAndEveryByteInEachPlace() {
        for year in [0, 1, 4, 99, 100, 400, 1600, 1899, 1900, 1970, 2000, 2023, 2024, 2100, 9999] {
            for month in 0...13 {
                for day in 0...32 {
                    let parts = [(year, 4), (month, 2), (day, 2)].map { part, width in
                        let digits = String(part)
                        return String(repeating: "0", count: width - digits.count) + digits
                    }
                    same(parts.joined(separator: "-"))
                }
            }
        }
        for text in ["2024-12-30T21:43:56", "-1234.5678", "false"] {
            for place in text.utf8.indices {
                for byte in UInt8.min...UInt8.max {
                    var bytes = Array(text.utf8)
                    bytes[text.utf8.distance(from: text.startIndex, to: place)] = byte
                    same(bytes)
                }
            }
        }
    }

    @Test func textsOfTheCharactersThatMeanSomething() {
        var numbers = Numbers(state: 5)
        let alphabet = Array("0123456789012345678901234567890123456789....--++eE:TZ ".utf8)
        for _ in 0..<40_000 {
            let count = Int.random(in: 0...22, using: &numbers)
            same((0..<count).map { _ in alphabet.randomElement(using: &numbers)! })
        }
    }

    @Test func textsThatAreOneAndTextsThatAreNot() {
        var numbers = Numbers(state: 9)
        var interner = TextInterner()
        var known: [[UInt8]: Int32] = [:]
        for _ in 0..<60_000 {
            // One character but for two, and lengths about those that are looked at at once.
            let count = [0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 70].randomElement(using: &numbers)!
            var text = [UInt8](repeating: UInt8(ascii: "a"), count: count)
            for _ in 0..<2 where count > 0 {
                text[Int.random(in: 0..<count, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
            }
            let expected = known[text] ?? Int32(known.count)
            padded(text, UInt8(ascii: "b")) { field, count in
                #expect(interner.find(field, count) == known[text])
                #expect(interner.insert(field, count) == expected)
            }
            known[text] = expected
        }
        #expect(interner.count == known.count && known.count > 20_000)
    }
}
