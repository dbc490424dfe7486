import TableTypes
import Testing

@testable import DataFrames

@Suite struct FieldBytesTests {
    private func read<T>(_ text: String, _ parse: (UnsafePointer<UInt8>, Int) -> T?) -> T? {
        var text = text + "5"
        return text.withUTF8 { parse($0.baseAddress!, $0.count - 1) }
    }

    @Test func integersReadAsTheStandardLibraryReadsThem() {
        let texts = [
            "", "-", "+", "0", "-0", "+7", "007", "12a", " 1", "1 ", "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808", "-9223372036854775809", "99999999999999999999999", "123456789012345678",
            "1234567890123456789", "0000000000000000000000000000012", "1_000", "0x1F", "1e3", "--1",
        ]
        for text in texts { #expect(read(text, FieldBytes.integer) == Int64(text), "\(text)") }
    }

    @Test func numbersReadAsTheStandardLibraryReadsThem() {
        var texts = [
            "", ".", "-", "+.", "1.", ".5", "-.5", "+1.5", "1e5", "1E-5", "1e", "e1", "1e+", "1.5.2", "1-2",
            "nan",
            "inf", "0x10", "1e400", "-1e400", "1e-400", "4.9e-324", "9007199254740993", "9007199254740992.5",
            "0.1", "123456789.123456789", "0.000000000000000000000000000001", "12345678901234567890123",
            "1.7976931348623157e308", "0.30000000000000004", "-0", "-0.0", "00012.50",
        ]
        var state: UInt64 = 3
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 16
        }
        for _ in 0..<20_000 {
            let digits = String(next() % 1_000_000_000_000_000_000).prefix(Int(1 + next() % 18))
            let cut = digits.index(digits.startIndex, offsetBy: Int(next()) % (digits.count + 1))
            texts.append("\(next() % 2 == 0 ? "-" : "")\(digits[..<cut]).\(digits[cut...])")
        }
        for text in texts {
            let allowed = text.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
            let expected = allowed ? Double(text).flatMap { $0.isFinite ? $0 : nil } : nil
            #expect(read(text, FieldBytes.number)?.bitPattern == expected?.bitPattern, "\(text)")
        }
    }

    @Test func eachDayOfFourCenturiesIsTheOneAfterTheDayBefore() {
        var expected: Int32 = -141_428
        for year in 1582...2100 where year >= 1583 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            for (month, days) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
                for day in 1...days {
                    let text = "\(year)-\(month < 9 ? "0" : "")\(month + 1)-\(day < 10 ? "0" : "")\(day)"
                    let found = read(text, FieldBytes.date)
                    if year == 1583, month == 0, day == 1 { expected = found ?? 0 }
                    guard found == expected else {
                        Issue.record("\(text): \(String(describing: found)) is not \(expected)")
                        return
                    }
                    expected += 1
                }
                let beyond = "\(year)-\(month < 9 ? "0" : "")\(month + 1)-\(days + 1)"
                #expect(read(beyond, FieldBytes.date) == nil)
            }
        }
        #expect(read("1970-01-01", FieldBytes.date) == 0 && read("2100-12-31", FieldBytes.date) == 47_846)
    }

    @Test func whatIsNoDateAndNoTimeIsNone() {
        for text in [
            "", "1970-1-01", "1970-13-01", "1970-00-10", "1970-01-00", "0000-01-01", "1970/01/01", "19700101",
        ] {
            #expect(read(text, FieldBytes.date) == nil, "\(text)")
        }
        let day = "1970-01-02T00:00:0"
        for text in ["0.", "0.1234567", "0+1:00", "0+24:00", "0z", "0Z1", "x", "0.5x"] {
            #expect(read(day + text, FieldBytes.timestamp) == nil, "\(text)")
        }
        let expected: Int64 = 86_400_000_000 + 1_250_000 - 5_400_000_000
        #expect(read(day + "1.25+01:30", FieldBytes.timestamp) == expected)
    }
}
