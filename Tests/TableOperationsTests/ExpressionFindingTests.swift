import Diagnostics
import TableTypes
import Testing

@testable import TableOperations

@Suite struct ExpressionFindingTests {
    let table = TableType([
        Column("amount", .number), Column("count", .integer), Column("name", .text), Column("day", .date),
        Column("at", .timestamp), Column("paid", .boolean, isNullable: false), Column("kind", .category),
        Column("photo", .image), Column("odd name", .integer),
    ])

    /// Every case of the enum stands here once, with its place.
    static let cases: [(text: String, said: String)] = [
        ("amount >", "8+0 unexpected: the expression ends where a value is expected"),
        (
            "amount && paid",
            "7+2 unexpected: '&&' cannot stand here\n  expected: an operator or the end\n  fix: write and"
        ),
        (
            "name = \"x\"",
            """
            7+1 unexpected: '"' cannot stand here
              expected: a value
              fix: put texts in 'single quotes', names of columns in `backquotes`
            """
        ),
        (
            "name = 'x",
            "7+2 unclosedQuote: the quote ' is never closed\n  fix: a quote inside a text is written twice: ''"
        ),
        ("amount > 12x", "9+3 badNumber: '12x' is no number"),
        (
            "day > date '2024-02-30'",
            "11+12 badMoment: '2024-02-30' is no date\n  expected: 2024-01-31"
        ),
        (
            "at > timestamp '2024'",
            "15+6 badMoment: '2024' is no timestamp\n  expected: 2024-01-31T12:00:00Z"
        ),
        (
            "amonut + 1",
            """
            0+6 unknownExpressionColumn: there is no column 'amonut'
              columns: amount, count, name, day, at, paid, kind, photo, odd name
              fix: did you mean 'amount'?
            """
        ),
        (
            "lenght(name) > 1",
            """
            0+6 unknownFunction: there is no function 'lenght'
              expected: \(ExpressionTyper.rowNames.joined(separator: ", "))
              fix: did you mean 'length'?
            """
        ),
        (
            "cast(name as interger)",
            """
            13+8 unknownCast: 'interger' is no type to cast to
              expected: integer, number, text, date, timestamp
              fix: did you mean 'integer'?
            """
        ),
        (
            "replace(name, 'a')",
            "0+18 argumentCount: 'replace' cannot take 2 arguments\n  expected: replace(text, part, by)"
        ),
        (
            "if(paid)",
            "0+8 argumentCount: 'if' cannot take 1 argument\n  expected: if(condition, value, otherwise)"
        ),
        (
            "coalesce()",
            "0+10 argumentCount: 'coalesce' cannot take 0 arguments\n  expected: coalesce(value, value, ...)"
        ),
        (
            "amount + name",
            """
            9+4 operandType: '+' cannot take a value of type text
              expected: integer, number
              fix: join texts by concat(a, b)
            """
        ),
        (
            "day - day",
            """
            0+3 operandType: '-' cannot take a value of type date
              expected: integer, number
              fix: write days_between(start, end), or seconds_between
            6+3 operandType: '-' cannot take a value of type date
              expected: integer, number
              fix: write days_between(start, end), or seconds_between
            """
        ),
        (
            "day >= '2024-01-31'",
            """
            4+2 unlikeTypes: '>=' cannot bring together values of the types date and text
              fix: write date before the text: date '...'
            """
        ),
        (
            "kind in ('a', 3)",
            """
            14+1 unlikeTypes: 'in' cannot bring together values of the types text and integer
              fix: write cast(... as integer)
            """
        ),
        ("cast(day as number)", "12+6 impossibleCast: a value of type date cannot be cast to number"),
        (
            "round(amount, count)",
            "14+5 literalExpected: 'round' needs digits from 0 to 15 as a literal"
        ),
        (
            "sum(amount)",
            """
            0+3 aggregateInRow: 'sum' takes many rows, and here is one row at a time
              fix: aggregates belong in table.aggregate or table.window
            """
        ),
        ("photo = photo", "6+1 unlikeTypes: '=' cannot bring together values of the types other and other"),
        ("amount is 3", "10+1 unexpected: '3' cannot stand here\n  expected: 'null'"),
        ("not", "3+0 unexpected: the expression ends where a value is expected"),
        ("amount not 3", "11+1 unexpected: '3' cannot stand here\n  expected: 'in' or 'between'"),
        ("(amount", "7+0 unexpected: the expression ends where ')' is expected"),
        ("1 + + and", "6+3 unexpected: 'and' cannot stand here\n  expected: a value"),
    ]

    @Test(arguments: cases) func `a mistake shows the wrong word and what was expected`(
        text: String, said: String
    ) {
        #expect(problems(text, table) == said)
    }

    @Test func `all findings of an expression come at once`() {
        let said = problems("amonut > 1 and lower(count) = 'x' or day = 3", table)
        #expect(
            said.split(separator: "\n").filter { !$0.hasPrefix("  ") }.map { $0.prefix { $0 != ":" } } == [
                "0+6 unknownExpressionColumn", "21+5 operandType", "41+1 unlikeTypes",
            ])
    }

    @Test func `a condition must be one`() {
        #expect(
            describe(RowExpression.condition("count + 1", over: table).findings) == """
                0+9 notACondition: the condition is a value of type integer
                  expected: true or false, such as amount > 100
                  fix: compare it with something: ... != 0
                """)
        #expect(RowExpression.condition("paid or null", over: table).findings.isEmpty)
    }

    @Test func `depth is bounded, width is not`() {
        let deep = String(repeating: "(", count: 5000) + "1" + String(repeating: ")", count: 5000)
        #expect(problems(deep, table).contains("tooDeep: the expression is nested deeper than 200"))
        let sum = (0..<5000).map { _ in "count" }.joined(separator: " + ")
        #expect(problems(sum, table).contains("tooDeep"))
        #expect(problems(String(repeating: "-", count: 5000) + "1", table).contains("tooDeep"))
        #expect(problems(String(repeating: "not ", count: 5000) + "paid", table).contains("tooDeep"))
        let wide = (0..<5000).map { "count = \($0)" }.joined(separator: " or ")
        #expect(problems(wide, table).isEmpty)
    }

    @Test func `aggregates stand where they may`() {
        func said(_ text: String, _ place: AggregateExpression.Place) -> String {
            describe(AggregateExpression.compile(text, over: table, in: place).findings)
        }
        #expect(
            said("amount / sum(amount)", .group(by: ["name"])) == """
                0+6 columnOutsideAggregate: column 'amount' has many values in a group and stands outside an aggregate
                  grouped by: name
                  fix: write first(amount), or add it to 'by'
                """)
        #expect(said("concat(name, cast(count() as text))", .group(by: ["name"])).isEmpty)
        #expect(
            said("sum(mean(amount))", .group(by: []))
                == "4+4 aggregateInAggregate: 'mean' stands inside another aggregate")
        #expect(said("median(amount)", .window) == "0+6 aggregateInWindow: 'median' is not kept over windows")
        #expect(said("amount / mean(amount)", .window).isEmpty)
        #expect(
            said("quantile(amount, count)", .group(by: []))
                == "17+5 literalExpected: 'quantile' needs a share from 0 to 1 as a literal")
        #expect(
            said("sum(name, 1)", .group(by: []))
                == "0+12 argumentCount: 'sum' cannot take 2 arguments\n  expected: sum(value)")
        #expect(said("first(photo)", .group(by: [])).hasPrefix("6+5 operandType: first cannot take"))
        #expect(said("count(photo)", .group(by: [])).isEmpty)
    }

    @Test func `every case has been seen`() {
        let open = TableType([], isOpen: true)
        #expect(RowExpression.compile("anything > 3", over: open).findings.isEmpty)
        #expect(RowExpression.compile("anything > 3", over: open).expression == nil)
        var codes: Set<String> = []
        for (text, _) in Self.cases {
            for placed in RowExpression.compile(text, over: table).findings {
                codes.insert(placed.finding.code)
            }
        }
        codes.formUnion([
            "notACondition", "tooDeep", "columnOutsideAggregate", "aggregateInAggregate", "aggregateInWindow",
        ])
        for code in [
            "unexpected", "unclosedQuote", "badNumber", "badMoment", "tooDeep", "unknownExpressionColumn",
            "unknownFunction", "unknownCast", "argumentCount", "operandType", "unlikeTypes", "impossibleCast",
            "notACondition", "literalExpected", "aggregateInRow", "aggregateInWindow", "aggregateInAggregate",
            "columnOutsideAggregate",
        ] {
            #expect(codes.contains(code), "\(code)")
        }
    }
}
