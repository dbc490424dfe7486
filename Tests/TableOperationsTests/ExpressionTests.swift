import DataFrames
import TableTypes
import Testing

@testable import TableOperations

@Suite struct ExpressionTests {
    let frame: DataFrame

    init() throws {
        frame = try DataFrame([
            DataColumn(
                "i", .integer, .int64([7, -7, 0, 5]), validity: ValidityBitmap([true, true, true, false])),
            DataColumn("n", .number, .float64([2.5, -2.5, .nan, 0])),
            DataColumn(
                "b", .boolean, .boolean([true, false, true, true]),
                validity: ValidityBitmap([true, true, false, true])),
            DataColumn("t", .text, .utf8(StringStorage(["Straße", " pad\t", "", "東京タワー"]))),
            DataColumn(
                "c", .category, .dictionary(indices: [1, 0, 1, 0], levels: ["x", "y"]),
                validity: ValidityBitmap([true, true, true, false])),
            DataColumn("d", .date, .date32([0, -1, 19_782, 11_016])),
            DataColumn("at", .timestamp, .timestamp([0, -1, 1_709_213_696_123_456, 86_399_999_999])),
            DataColumn("odd `name`", .integer, .int64([1, 2, 3, 4])),
        ])
    }

    func values(_ text: String) throws -> String {
        let (expression, findings) = RowExpression.compile(text, over: frame.tableType)
        let compiled = try #require(expression, "\(text): \(describe(findings))")
        let column = try compiled.evaluate(frame, as: "x")
        #expect(column.type == compiled.column("x").type)
        #expect(compiled.column("x").isNullable || column.nullCount == 0, "\(text)")
        return column.cells.map(\.description).joined(separator: " ")
    }

    /// What each says of the four rows.
    static let cases: [(String, String)] = [
        ("i + 1", "8 -6 1 null"), ("i - 10", "-3 -17 -10 null"), ("i * i", "49 49 0 null"),
        ("i / 2", "3.5 -3.5 0.0 null"), ("i % 4", "3 -3 0 null"), ("n % 2", "0.5 -0.5 nan 0.0"),
        ("1 / i", "\(1.0 / 7) \(-1.0 / 7) null null"), ("10 % i", "3 3 null null"),
        ("i / 0", "null null null null"),
        ("5 % i", "5 5 null null"), ("-i", "-7 7 0 null"), ("- -n", "2.5 -2.5 nan 0.0"),
        ("2 + 3 * 4 - 1", "13 13 13 13"),
        ("(2 + 3) * 4", "20 20 20 20"), ("7 - 2 - 1", "4 4 4 4"), ("i + n", "9.5 -9.5 nan null"),
        ("i > 0", "true false false null"), ("i = 7", "true false false null"),
        ("i <> 7", "false true true null"),
        ("n = n", "true true true true"), ("n > 1000", "false false true false"),
        ("n <= 0", "false true false true"),
        ("i < n", "false true true null"), ("b and i > 0", "true false false null"),
        ("b or i > 0", "true false null true"), ("not b", "false true null false"),
        ("null and false", "false false false false"), ("null or true", "true true true true"),
        ("b is null", "false false true false"), ("i is not null", "true true true false"),
        ("i in (7, 0)", "true false true null"), ("i in (7, null)", "true null null null"),
        ("i not in (7, 0)", "false true false null"), ("i between -7 and 0", "false true true null"),
        ("i not between -7 and 0", "true false false null"), ("1 < 2 and 3 >= 3", "true true true true"),
        ("if(b, 'yes', 'no')", "'yes' 'no' 'no' 'yes'"), ("if(i > 0, i, n)", "7.0 -2.5 nan 0.0"),
        ("if(b, null, 1)", "null 1 1 null"), ("coalesce(i, 9)", "7 -7 0 9"),
        ("coalesce(null, i, null)", "7 -7 0 null"),
        ("min(i, 3)", "3 -7 0 3"), ("max(i, n, 1)", "7.0 1.0 nan 1.0"),
        ("max(t, 'a')", "'a' 'a' 'a' '東京タワー'"),
        ("abs(i)", "7 7 0 null"), ("abs(n)", "2.5 2.5 nan 0.0"), ("round(n)", "3.0 -3.0 nan 0.0"),
        ("round(n * 1.1, 1)", "2.8 -2.8 nan 0.0"), ("round(i)", "7 -7 0 null"),
        ("floor(n)", "2.0 -3.0 nan 0.0"),
        ("ceil(n)", "3.0 -2.0 nan 0.0"), ("sqrt(n * 10)", "5.0 null nan 0.0"),
        ("sqrt(i)", "\(7.0.squareRoot()) null 0.0 null"),
        ("length(t)", "6 5 0 5"), ("lower(t)", "'straße' ' pad\t' '' '東京タワー'"),
        ("upper(t)", "'STRASSE' ' PAD\t' '' '東京タワー'"),
        ("trim(t)", "'Straße' 'pad' '' '東京タワー'"), ("contains(t, 'a')", "true true false false"),
        ("contains(t, '')", "true true true true"), ("starts_with(t, '東京')", "false false false true"),
        ("ends_with(t, 'ße')", "true false false false"),
        ("replace(t, 'a', 'bb')", "'Strbbße' ' pbbd\t' '' '東京タワー'"),
        ("replace('aaa', 'aa', 'b')", "'ba' 'ba' 'ba' 'ba'"),
        ("replace(t, '', 'x')", "'Straße' ' pad\t' '' '東京タワー'"),
        ("substring(t, 2, 3)", "'tra' 'pad' '' '京タワ'"), ("substring(t, 5)", "'ße' '\t' '' 'ー'"),
        ("substring(t, 0, 2)", "'S' ' ' '' '東'"), ("substring(t, 2, -1)", "'' '' '' ''"),
        ("substring(t, 9223372036854775807, 9223372036854775807)", "'' '' '' ''"),
        ("concat(c, '-', t)", "'y-Straße' 'x- pad\t' 'y-' null"), ("c = 'y'", "true false true null"),
        ("upper(c)", "'Y' 'X' 'Y' null"),
        ("year(d)", "1970 1969 2024 2000"), ("month(d)", "1 12 2 2"), ("day(d)", "1 31 29 29"),
        ("weekday(d)", "4 3 4 2"),
        ("year(at)", "1970 1969 2024 1970"), ("hour(at)", "0 23 13 23"), ("minute(at)", "0 59 34 59"),
        ("weekday(at)", "4 3 4 4"),
        ("days_between(d, date '2024-03-01')", "19783 19784 1 8767"),
        ("days_between(at, timestamp '1970-01-03T00:00:00Z')", "2 2 -19780 1"),
        (
            "seconds_between(at, timestamp '1970-01-01T00:00:01Z')",
            "1.0 1.000001 -1709213695.123456 -86398.999999"
        ),
        ("d < date '1970-01-01'", "false true false false"), ("at >= d", "true true true false"),
        ("cast(i as text)", "'7' '-7' '0' null"), ("cast(n as integer)", "2 -2 ERR 0"),
        ("try_cast(n as integer)", "2 -2 null 0"),
        ("cast('12' as integer) + i", "19 5 12 null"), ("try_cast(t as number)", "null null null null"),
        ("cast(b as integer)", "1 0 null 1"),
        ("cast(d as text)", "'1970-01-01' '1969-12-31' '2024-02-29' '2000-02-29'"),
        ("cast(at as date)", "day 0 day -1 day 19782 day 0"),
        ("cast('2024-02-29' as date) = d", "false false true false"),
        ("cast(d as timestamp) = d", "true true true true"),
        ("`odd ``name``` * 2", "2 4 6 8"), ("c", "'y' 'x' 'y' null"),
        ("'it''s'", "'it's' 'it's' 'it's' 'it's'"),
        ("null", "null null null null"), ("null + 1", "null null null null"),
        (".5 + 1e1", "10.5 10.5 10.5 10.5"),
    ]

    @Test(arguments: cases) func `an expression has its values`(text: String, expected: String) throws {
        if expected.contains("ERR") {
            #expect(
                throws: RowFailure(
                    row: 2, message: "'NaN' is no integer", span: Span(offset: 0, length: text.count))
            ) {
                try values(text)
            }
        } else {
            #expect(try values(text) == expected, "\(text)")
        }
    }

    static let failures: [(String, RowFailure)] = [
        (
            "i * 9223372036854775807",
            RowFailure(
                row: 0, message: "7 * 9223372036854775807 is no 64-bit integer",
                span: Span(offset: 0, length: 23))
        ),
        (
            "1 + (i - 9223372036854775807)",
            RowFailure(
                row: 1, message: "-7 - 9223372036854775807 is no 64-bit integer",
                span: Span(offset: 4, length: 25))
        ),
        (
            "9223372036854775807 + 1",
            RowFailure(
                row: 0, message: "9223372036854775807 + 1 is no 64-bit integer",
                span: Span(offset: 0, length: 23))
        ),
        (
            "abs(-9223372036854775807 - 1)",
            RowFailure(
                row: 0, message: "abs(-9223372036854775808) is no 64-bit integer",
                span: Span(offset: 0, length: 29))
        ),
        (
            "-(-9223372036854775807 - 1)",
            RowFailure(
                row: 0, message: "-(-9223372036854775808) is no 64-bit integer",
                span: Span(offset: 0, length: 27))
        ),
        (
            "cast(t as integer)",
            RowFailure(row: 0, message: "'Straße' is no integer", span: Span(offset: 0, length: 18))
        ),
        (
            "cast(t as date)",
            RowFailure(
                row: 0, message: "'Straße' is no date as ISO 8601 has it", span: Span(offset: 0, length: 15))
        ),
        (
            "if(i < 0, cast(t as number), 0)",
            RowFailure(row: 1, message: "' pad\t' is no number", span: Span(offset: 10, length: 17))
        ),
    ]

    @Test(arguments: failures) func `what has no value names the row`(
        text: String, failure: RowFailure
    ) throws {
        #expect(throws: failure) { try values(text) }
    }

    @Test func `a part that no row needs cannot fail`() throws {
        #expect(try values("if(i < -100, i * 9223372036854775807, 0)") == "0 0 0 0")
        #expect(
            try values("i is not null and i > 100 and cast(t as integer) > 1") == "false false false false")
        #expect(try values("i is null or t is not null or cast(t as integer) > 1") == "true true true true")
        #expect(try values("coalesce(i, 1, 9223372036854775807 + 1)") == "7 -7 0 1")
        // What stands in a null row is no operand.
        #expect(try values("i * 1317624576693539401") == "9223372036854775807 -9223372036854775807 0 null")
    }

    @Test func `an empty table gives empty columns`() throws {
        let empty = frame.gather([])
        for (text, _) in Self.cases {
            let expression = try #require(RowExpression.compile(text, over: frame.tableType).expression)
            #expect(try expression.evaluate(empty, as: "x").count == 0, "\(text)")
        }
        let condition = try #require(RowExpression.condition("true", over: frame.tableType).expression)
        #expect(try condition.rows(of: empty) == [] && condition.rows(of: frame) == [0, 1, 2, 3])
        let null = try #require(RowExpression.condition("b", over: frame.tableType).expression)
        #expect(try null.rows(of: frame) == [0, 3])
    }

    @Test func `a column alone keeps its type and levels`() throws {
        let expression = try #require(RowExpression.compile("c", over: frame.tableType).expression)
        #expect(expression.column("k") == Column("k", .category, levels: ["x", "y"]))
        #expect(try expression.evaluate(frame, as: "k").storage == frame["c"]?.storage)
    }

    @Test func `the ends of time are no trap`() throws {
        let ends = try DataFrame([
            DataColumn("d", .date, .date32([.min, .max])),
            DataColumn("at", .timestamp, .timestamp([.min, .max])),
        ])
        func values(_ text: String) throws -> [Cell] {
            let expression = try #require(RowExpression.compile(text, over: ends.tableType).expression)
            return try expression.evaluate(ends, as: "x").cells
        }
        #expect(try values("d < at") == [.boolean(false), .boolean(false)])
        #expect(try values("hour(at)") == [.integer(19), .integer(4)])
        #expect(try values("year(at)") == [.integer(-290_308), .integer(294_247)])
        #expect(try values("try_cast(d as timestamp)") == [.null, .null])
        #expect(try values("try_cast(at as text)") == [.null, .null])
        #expect(try values("days_between(d, d)") == [.integer(0), .integer(0)])
    }

    @Test func `random bytes never trap`() {
        var random = Random(state: 3)
        let words = [
            "i", "n", "(", ")", ",", "'", "`", "+", "-", "*", "/", "and", "or", "not", "in", "is", "null",
            "cast(",
            "as", "if(", "1", "2.5", "date", "between", "min(", "\u{308}", "東", "\u{0}", "=", "<", "!",
        ]
        for _ in 0..<3000 {
            let text = (0..<Int(random.next() % 12)).map { _ in
                words[Int(random.next() % UInt64(words.count))]
            }
            .joined(separator: random.next() % 2 == 0 ? " " : "")
            let (expression, findings) = RowExpression.compile(text, over: frame.tableType)
            #expect(expression != nil || !findings.isEmpty, "\(text)")
            if let expression { _ = try? expression.evaluate(frame, as: "x") }
            for finding in findings {
                #expect(finding.span.offset + finding.span.length <= text.unicodeScalars.count, "\(text)")
            }
        }
    }
}
