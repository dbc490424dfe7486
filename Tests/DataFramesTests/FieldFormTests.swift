import TableTypes
import Testing

@testable import DataFrames

/// How texts are values where a schema says more than the type.
@Suite struct FieldFormTests {
    private func field(_ type: TableSchema.FieldType, _ format: String? = nil) -> TableSchema.Field {
        .init("f", type, format: format)
    }

    private func typed(_ text: String, _ field: TableSchema.Field) throws -> String? {
        let column = TextColumn("f", StringStorage([text]), validity: nil)
        let (made, misfits) = column.typed(field.columnType, form: try FieldForm.of(field))
        guard misfits.isEmpty else { return nil }
        return switch made.storage {
        case .boolean(let all): "\(all[0])"
        case .int64(let all): "\(all[0])"
        case .float64(let all): "\(all[0])"
        case .date32(let all): FieldText.text(days: all[0])
        case .timestamp(let all): FieldText.text(microseconds: all[0])
        case .utf8(let all): all[0]
        case .binary, .dictionary: nil
        }
    }

    @Test(arguments: [
        ("%d/%m/%Y", "31/12/2024", "2024-12-31"), ("%d/%m/%Y", "1/2/2024", "2024-02-01"),
        ("%d/%m/%Y", "29/02/2023", nil), ("%d/%m/%Y", "31/12/2024 ", nil), ("%d/%m/%Y", "31/12/24", nil),
        ("%Y%m%d", "19580329", "1958-03-29"), ("%Y%m%d", "19581329", nil),
        ("%d%m%Y", "1112024", "2024-01-11"),
        ("%m/%d/%y", "12/31/68", "2068-12-31"), ("%m/%d/%y", "12/31/69", "1969-12-31"),
        ("%d %b %Y", "3 mar 2024", "2024-03-03"), ("%d %b %Y", "3   MAR 2024", "2024-03-03"),
        ("%d %B %Y", "3 March 2024", "2024-03-03"), ("%B %d, %Y", "May 5, 2024", "2024-05-05"),
        ("%A %d %b %Y", "Friday 01 Mar 2024", "2024-03-01"), ("%Y-%j", "2024-366", "2024-12-31"),
        ("%Y-%j", "2023-366", nil), ("%F", "2024-01-02", "2024-01-02"), ("%D", "01/02/24", "2024-01-02"),
        ("%Y.%m.%d %%", "2024.01.02 %", "2024-01-02"), ("%Y年%m月%d日", "2024年1月2日", "2024-01-02"),
        ("%Y-%m-%d %H", "2024-01-02 23", "2024-01-02"), ("any", "2024/01/02", "2024-01-02"),
        ("any", "Jan 2, 2024", "2024-01-02"), ("any", "01/02/2024", nil), ("%Y-%m-%d", "", nil),
    ])
    func `patterns read dates`(format: String, text: String, date: String?) throws {
        #expect(try typed(text, field(.date, format)) == date)
    }

    @Test(arguments: [
        ("%d/%m/%Y %H:%M:%S", "12/11/2018 09:15:32", "2018-11-12T09:15:32Z"),
        ("%d/%m/%Y %H:%M", "12/11/2018 24:00", nil),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-01-01T00:30:00+01:00", "2023-12-31T23:30:00Z"),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-01-01T00:30:00-0130", "2024-01-01T02:00:00Z"),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-01-01T00:30:00Z", "2024-01-01T00:30:00Z"),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-01-01T00:30:00", nil),
        ("%m/%d/%Y %I:%M %p", "01/02/2024 12:05 am", "2024-01-02T00:05:00Z"),
        ("%m/%d/%Y %I:%M %p", "01/02/2024 12:05 PM", "2024-01-02T12:05:00Z"),
        ("%F %T.%f", "2024-01-02 03:04:05.25", "2024-01-02T03:04:05.250000Z"),
        ("any", "2024-01-02 03:04", "2024-01-02T03:04:00Z"),
        ("any", "Tue, 02 Jan 2024 03:04:05 +0100", "2024-01-02T02:04:05Z"),
    ])
    func `patterns read times`(format: String, text: String, time: String?) throws {
        #expect(try typed(text, field(.datetime, format)) == time)
    }

    @Test func `what is no pattern says so`() {
        func problem(_ format: String) -> String? {
            do throws(FieldForm.Problem) {
                _ = try FieldForm.of(field(.date, format))
                return nil
            } catch .pattern(let problem) {
                return problem.description
            } catch {
                return "\(error)"
            }
        }
        #expect(problem("%Q/%Y")?.hasPrefix("%Q is not known; these are: %Y %y") == true)
        #expect(problem("%d/%m/%") == "a % stands at its end")
        #expect(problem("%d/%m") == "it has no year: %Y or %y")
        #expect(problem("%Y") == "it has no month: %m, %b or %B")
        #expect(problem("%Y-%m") == "it has no day: %d")
        #expect(problem("iso") == "it has no year: %Y or %y")
    }

    @Test func `numbers have other points, groups and words around them`() throws {
        var price = field(.number)
        price.spelling.decimal = ","
        price.spelling.group = "."
        let read = [
            ("1.234,5", "1234.5"), ("-1.234.567,25", "-1234567.25"), ("12", "12.0"), ("1,5e3", "1500.0"),
            ("1.5.", nil),
            (".5", nil), ("1..5", nil), ("€5", nil), ("", nil),
        ]
        for (text, number) in read { #expect(try typed(text, price) == number, "\(text)") }
        price.spelling.isBare = false
        for (text, number) in [("EUR 1.234,50", "1234.5"), ("95 %", "95.0"), ("-3 €", "-3.0"), ("none", nil)]
        {
            #expect(try typed(text, price) == number, "\(text)")
        }
        price.spelling = .init()
        price.spelling.isBare = false
        for (text, number) in [
            ("$.50", "0.5"), ("-$.50", "-0.5"), ("$-.50", "-0.5"), ("-$5", "-5.0"), ("- 5 €", "-5.0"),
            (".5", "0.5"), ("€ .25 each", "0.25"), ("No. 7", "7.0"), ("Rs.50", "50.0"), ("$..5", "0.5"),
            ("-", nil), ("$.", nil), ("-$", nil), ("pre-tax 5", nil), ("-$-5", nil), ("1.5.", "1.5"),
        ] {
            #expect(try typed(text, price) == number, "\(text)")
        }
        var count = field(.integer)
        count.spelling.isBare = false
        for (text, number) in [("$50", "50"), ("-$50", "-50"), ("$.50", nil), ("50 pieces", "50")] {
            #expect(try typed(text, count) == number, "\(text)")
        }
        count.spelling = .init()
        count.spelling.group = ","
        for (text, number) in [("100,000", "100000"), ("1,0", "10"), ("1.5", nil), (",1", nil), ("1,", nil)] {
            #expect(try typed(text, count) == number, "\(text)")
        }
        count.spelling.group = "."
        #expect(
            throws: FieldForm.Problem.property(
                "groupChar", expected: "another text than the decimal point, '.'")
        ) {
            try FieldForm.of(count)
        }
    }

    @Test func `booleans have words of their own`() throws {
        var flag = field(.boolean)
        #expect(try typed("yes", flag) == nil && typed("1", flag) == "true")
        flag.spelling.trueValues = ["yes", "ja"]
        flag.spelling.falseValues = ["no"]
        for (text, value) in [
            ("yes", "true"), ("ja", "true"), ("no", "false"), ("true", nil), ("1", nil), ("", nil),
        ] {
            #expect(try typed(text, flag) == value, "\(text)")
        }
        flag.spelling.falseValues = ["ja"]
        #expect(throws: FieldForm.Problem.self) { try FieldForm.of(flag) }
    }

    @Test func `years, months and JSON are read by their types`() throws {
        for (text, value) in [("2024", "2024"), ("0033", "33"), ("24", nil), ("-200", nil), ("20 4", nil)] {
            #expect(try typed(text, field(.year)) == value, "\(text)")
        }
        for (text, value) in [("2024-05", "2024-05-01"), ("2024-13", nil), ("2024-05-01", nil)] {
            #expect(try typed(text, field(.yearmonth)) == value, "\(text)")
        }
        #expect(try typed("{ \"b\": 1, \"a\": [2.0] }", field(.object)) == #"{"a":[2],"b":1}"#)
        #expect(try typed("[1]", field(.object)) == nil && typed("[1 ]", field(.array)) == "[1]")
        #expect(
            try typed("{\"type\":\"Point\"}", field(.geojson)) != nil && typed("{}", field(.geojson)) == nil)
        #expect(try typed("apple", field(.any)) == "\"apple\"")
        #expect(throws: FieldForm.Problem.format(known: ["default"])) {
            try FieldForm.of(field(.integer, "hex"))
        }
        #expect(throws: FieldForm.Problem.format(known: ["default", "email", "uri", "binary", "uuid"])) {
            try FieldForm.of(field(.string, "phone"))
        }
    }

    @Test(arguments: [
        (
            TextFormat.email, ["a@b.de", "first.last+tag@sub.example.com"],
            ["a@b", "@b.de", "a b@c.de", "a@b..de", "a@-b.de", "a.@b.de"]
        ),
        (
            .uri, ["http://example.com/a?b=c#d", "urn:isbn:123", "mailto:a@b.de"],
            ["example.com", "http://", "http://a b", "1a:b", "x:%zz"]
        ),
        (.binary, ["", "YQ==", "YWI=", "YWJj"], ["YQ=", "Y*Jj", "Y===", "YWJj=", "abcde"]),
        (
            .uuid, ["123e4567-e89b-12d3-a456-426614174000"],
            ["123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400g", ""]
        ),
    ])
    func `formats of strings hold`(format: TextFormat, fitting: [String], others: [String]) {
        for text in fitting { #expect(format.fits(text), "\(text)") }
        for text in others { #expect(!format.fits(text), "\(text)") }
    }

    /// Bytes of any kind end in a value or in none, and quickly.
    @Test func `damaged fields are no trouble`() throws {
        let patterns = try ["%d/%m/%Y %H:%M:%S", "%d%m%y%H%M%S", "%B %d %Y", "%a %j %Y %z"].map {
            try TimePattern($0)
        }
        var state: UInt64 = 7
        for _ in 0..<20_000 {
            var bytes: [UInt8] = []
            for _ in 0..<(state % 40) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes.append(
                    state >> 60 == 0 ? UInt8(truncatingIfNeeded: state >> 40) : 0x30 + UInt8(state >> 33 & 15)
                )
            }
            state = state &* 6_364_136_223_846_793_005 &+ 1
            bytes.withUnsafeBufferPointer { bytes in
                guard let start = bytes.baseAddress else { return }
                for pattern in patterns { _ = pattern.timestamp(start, bytes.count) }
            }
        }
    }

    @Test func `a pattern says a thing once, or a field may take it without end`() {
        #expect(throws: TimePattern.Problem.twice("%d")) { try TimePattern("%Y-%m-%d %d") }
        #expect(throws: TimePattern.Problem.twice("%D")) { try TimePattern("%Y %d %D") }
    }

    /// Every pattern with values of several spellings, and the same with a character gone, changed or twice.
    @Test func `any is what the first of all its patterns reads`() throws {
        let parts: [(String, [String])] = [
            ("%Y", ["2024", "0999"]), ("%b", ["Feb", "MAY"]), ("%B", ["February", "may"]), ("%a", ["Thu"]),
            ("%d", ["29", "7", "07"]), ("%m", ["02", "12", "3"]), ("%H", ["23", "5"]), ("%I", ["12", "1"]),
            ("%M", ["59", "0"]), ("%S", ["58", "9"]), ("%f", ["123456", "5"]), ("%p", ["PM", "am"]),
            ("%z", ["Z", "+02:00", "-0330"]),
        ]
        for withTime in [false, true] {
            let patterns = AnyTime.patterns(withTime: withTime)
            let form = try #require(
                try FieldForm.of(.init("at", withTime ? .datetime : .date, format: "any")))
            var fitting = 0
            for (number, pattern) in patterns.enumerated() {
                for variant in 0..<3 {
                    var text = pattern.text
                    for (code, values) in parts {
                        text = text.replacing(code, with: values[(variant + number) % values.count])
                    }
                    let bytes = Array(text.utf8)
                    var texts = [bytes]
                    for place in bytes.indices {
                        var other = bytes
                        other.remove(at: place)
                        texts.append(other)
                        other.insert(Array(" -:0TZ.".utf8)[place % 7], at: place)
                        texts.append(other)
                        texts.append(Array(bytes[...place] + bytes[place...]))
                    }
                    for text in texts {
                        let text = String(decoding: text, as: UTF8.self)
                        let expected = first(text, patterns) { $0.timestamp($1, $2) }
                        #expect(form.timestamp(text) == expected, "\(text)")
                        #expect(form.date(text) == first(text, patterns) { $0.date($1, $2) }, "\(text)")
                        if expected != nil { fitting += 1 }
                    }
                }
            }
            #expect(fitting > patterns.count * 6)
        }
    }

    private func first<Value>(
        _ text: String, _ patterns: [TimePattern], _ read: (TimePattern, FieldBytes.Bytes, Int) -> Value?
    ) -> Value? {
        var text = text
        return text.withUTF8 { bytes in
            for pattern in patterns {
                if let value = read(pattern, bytes.baseAddress!, bytes.count) { return value }
            }
            return nil
        }
    }
}
