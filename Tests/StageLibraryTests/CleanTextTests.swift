import ArrowIPC
import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import Platform
import TableTypes
import Testing

@testable import StageLibrary

@Suite struct CleanTextTests {
    let clean: KindHarness
    init() throws { clean = try KindHarness("clean.text") }

    private static let keepsAll: JSONValue = [
        "columns": ["t"], "form": "keep", "space": "keep", "controls": "keep",
    ]

    /// All steps left out but what is said.
    private func only(_ parameter: String, _ word: String) -> JSONValue {
        var parameters = Self.keepsAll
        parameters[parameter] = .string(word)
        return parameters
    }

    private func cleaned(_ text: String, _ parameters: JSONValue) throws -> String? {
        let outcome = try clean.run(parameters, tables: ["in": table([:], .texts("t", [text]))])
        return try outcome.table("table").frame["t"]?.string(0)
    }

    private func changes(_ outcome: Outcome) throws -> [String] {
        let log = try outcome.table("changes").frame
        return (0..<log.count).map { row in
            let texts = ["column", "before", "after", "rule"].map { log[$0]?.string(row) ?? "-" }
            return "\(Int(log["row"]?.numbers?[row] ?? 0)) " + texts.joined(separator: "|")
        }
    }

    @Test func `each step does its own and no more`() throws {
        let text = "<p>\u{FF21}\u{B2} \u{1F600} a&amp;b\u{AD}\n\n x </p>"
        #expect(try cleaned(text, Self.keepsAll) == text)
        #expect(
            try cleaned(text, only("markup", "remove")) == "\u{FF21}\u{B2} \u{1F600} a&b\u{AD}\n\n x ")
        #expect(
            try cleaned(text, only("emoji", "remove")) == "<p>\u{FF21}\u{B2}  a&amp;b\u{AD}\n\n x </p>")
        #expect(
            try cleaned(text, only("controls", "remove"))
                == "<p>\u{FF21}\u{B2} \u{1F600} a&amp;b\n\n x </p>")
        #expect(
            try cleaned(text, only("form", "width")) == "<p>A\u{B2} \u{1F600} a&amp;b\u{AD}\n\n x </p>")
        #expect(try cleaned(text, only("form", "nfkc")) == "<p>A2 \u{1F600} a&amp;b\u{AD}\n\n x </p>")
        #expect(
            try cleaned(text, only("space", "fold"))
                == "<p>\u{FF21}\u{B2} \u{1F600} a&amp;b\u{AD} x </p>")
        #expect(
            try cleaned(text, only("space", "lines"))
                == "<p>\u{FF21}\u{B2} \u{1F600} a&amp;b\u{AD}\nx </p>")
    }

    @Test func `changes tell row, column, both texts and the steps, in the order of rows`() throws {
        let rows = try table(
            ["t": .target], .texts("u", ["x", " y", nil]), .integers("i", [1, 2, 3]),
            .texts("t", ["<b>\u{FF21}</b> ", "b", "  c"]))
        let outcome = try clean.run(["columns": ["t", "u"], "markup": "remove"], tables: ["in": rows])
        let expected = ArrowTable(
            frame: try frame(
                .texts("u", ["x", "y", nil]), .integers("i", [1, 2, 3]), .texts("t", ["A", "b", "c"])),
            roles: ["t": .target])
        #expect(try outcome.table("table") == expected)
        #expect(
            try changes(outcome) == [
                "1 t|<b>\u{FF21}</b> |A|text: markup, form, space", "2 u| y|y|text: space",
                "3 t|  c|c|text: space",
            ])
        #expect(outcome.facts["changes.rows"] == 3 && outcome.facts["table.rows"] == 3)
    }

    @Test func `a text of which nothing is left stays, becomes a null or takes its row along`() throws {
        let rows = try table(
            [:], .texts("t", ["", " ", nil, "a", "\u{1F600}"]), .texts("u", ["p ", "q ", "r", "s", "t"]))
        func cleaned(_ empty: String) throws -> (table: DataFrame, changes: [String]) {
            let outcome = try clean.run(
                ["columns": ["t", "u"], "emoji": "remove", "empty": .string(empty)], tables: ["in": rows])
            return (try outcome.table("table").frame, try changes(outcome))
        }
        let kept = try cleaned("keep")
        let all = DataColumn.texts("u", ["p", "q", "r", "s", "t"])
        #expect(try kept.table == frame(.texts("t", ["", "", nil, "a", ""]), all))
        #expect(
            kept.changes == [
                "1 u|p |p|text: space", "2 t| ||text: space", "2 u|q |q|text: space",
                "5 t|\u{1F600}||text: emoji",
            ])
        let null = try cleaned("null")
        #expect(try null.table == frame(.texts("t", [nil, nil, nil, "a", nil]), all))
        #expect(
            null.changes == [
                "1 t||-|empty: null", "1 u|p |p|text: space", "2 t| |-|text: space; empty: null",
                "2 u|q |q|text: space", "5 t|\u{1F600}|-|text: emoji; empty: null",
            ])
        let dropped = try cleaned("drop")
        #expect(try dropped.table == frame(.texts("t", [nil, "a"]), .texts("u", ["r", "s"])))
        #expect(
            dropped.changes == [1, 2, 5].map { "\($0) -|-|-|empty: drop, no text in 't'" })
    }

    @Test func `a table of several batches gives the bytes of the whole`() throws {
        let count = 140_000
        let texts: [(String?, String?)] = [
            ("a \(1)", nil), (" b", "b"), (nil, nil), ("\u{FF22}", "B"), ("\u{200B}", ""), ("c", nil),
            ("d\t\te", "d e"),
        ]
        let given = (0..<count).map { texts[$0 % 7].0 }
        let after = (0..<count).map { texts[$0 % 7].1 ?? texts[$0 % 7].0 }
        let kept = (0..<count).filter { $0 % 7 != 4 }
        let ids = (0..<count).map { Int64($0) }
        let outcome = try clean.run(
            ["columns": ["t"], "empty": "drop"],
            tables: ["in": table(["id": .id], .integers("id", ids), .texts("t", given))])
        let whole = try table(
            ["id": .id], .integers("id", kept.map { ids[$0] }), .texts("t", kept.map { after[$0] }))
        #expect(try Files.read(outcome.path("table")) == ByBatch.bytes(whole))
        let told = (0..<count).filter { texts[$0 % 7].1 != nil }
        func each(_ value: (Int) -> String?) -> [String?] { told.map { $0 % 7 == 4 ? nil : value($0) } }
        let changes = try table(
            [:], .integers("row", told.map { Int64($0 + 1) }), .texts("column", each { _ in "t" }),
            .texts("before", each { given[$0] }), .texts("after", each { after[$0] }),
            .texts(
                "rule",
                told.map {
                    $0 % 7 == 4
                        ? "empty: drop, no text in 't'" : $0 % 7 == 3 ? "text: form" : "text: space"
                }))
        #expect(try Files.read(outcome.path("changes")) == ByBatch.bytes(changes))
    }

    @Test func `texts are lent in parts that a batch can hold`() {
        let texts = ["abc", "", "de", nil, "fghij", "k", ""]
        func parts(_ column: DataColumn, _ most: Int) -> [[String?]] {
            var parts: [[String?]] = []
            var cleaner = TextCleaner(TextCleaning(form: .keep, space: .keep))
            column.eachTexts(atMost: most) { part in
                let texts = cleaner.clean(part).texts
                parts.append((0..<texts.count).map { texts[$0] })
            }
            return parts
        }
        let column = DataColumn.texts("t", texts)
        let all = texts.map { $0 ?? "" }
        #expect(parts(column, 11) == [all])
        #expect(parts(column, 10) == [["abc", "", "de", "", "fghij"], ["k", ""]])
        #expect(parts(column, 5) == [["abc", "", "de", ""], ["fghij"], ["k", ""]])
        #expect(parts(column, 1) == [["abc"], [""], ["de"], [""], ["fghij"], ["k", ""]])
        #expect(parts(.texts("t", []), 1) == [[]])
        #expect(parts(.texts("t", ["ab"]), 1) == [["ab"]])
    }

    @Test func `no rows are no changes, and a clean table stays as it is`() throws {
        for texts in [[], ["a"], [nil], ["a", nil, "b"]] as [[String?]] {
            let rows = try table([:], .texts("t", texts))
            let outcome = try clean.run(["columns": ["t"], "empty": "null"], tables: ["in": rows])
            #expect(try outcome.table("table") == rows)
            #expect(try outcome.table("changes").frame.count == 0)
        }
    }

    @Test func `what is no text is refused, in the check and when rows come`() throws {
        let rows = try table([:], .integers("i", [1]), .texts("text", ["a"]))
        #expect(
            clean.failure(["columns": ["i"]], tables: ["in": rows]) == """
                cleaning of texts cannot take column 'i' of type integer
                  expected: text
                """)
        #expect(
            clean.failure(["columns": ["texts"]], tables: ["in": rows])?.hasSuffix(
                "fix: did you mean 'text'?") == true)
        let type = TableType([Column("i", .integer), Column("text", .text, isNullable: false)])
        let with = "{ columns: [i, text], empty: \"null\" }"
        let (text, outputs) = try clean.check(with, ["in": .table(type)])
        #expect(
            text == """
                p.yaml:2:21: error: cleaning of texts cannot take column 'i' of type integer
                  with: \(with)
                                    ^
                  expected: text

                """)
        #expect(
            outputs["table"] == .table(TableType([Column("i", .integer), Column("text", .text)])))
        #expect(outputs["changes"] != nil)
        #expect(try clean.check("{ columns: [text] }", ["in": .table(type)]).outputs["table"] == .table(type))
    }

    @Test func `bytes of outputs are pinned`() throws {
        let rows = try table(
            ["t": .target],
            .texts(
                "t",
                [
                    "<p>Caf\u{65}\u{301} &amp; \u{FF34}\u{FF45}\u{FF41}</p>", "\u{1F44D}\u{1F3FD}", nil, "",
                    " two\u{3000}\u{3000}spaces\r\nand lines\u{2028} ", "\u{FF76}\u{FF9E}\u{B2}\u{200B}x",
                    "plain",
                ]))
        func digest(_ parameters: JSONValue) throws -> String {
            try clean.run(parameters, tables: ["in": rows]).digest(["table", "changes"])
        }
        var cases: [(String, String)] = [
            ("defaults", try digest(["columns": ["t"]])), ("keep", try digest(Self.keepsAll)),
        ]
        for (parameter, words) in [
            ("form", ["nfkc", "width"]), ("space", ["fold", "lines"]), ("markup", ["remove"]),
            ("emoji", ["remove"]), ("controls", ["remove"]), ("empty", ["null", "drop"]),
        ] {
            for word in words { cases.append(("\(parameter) \(word)", try digest(only(parameter, word)))) }
        }
        try expectGoldens("clean.text", cases)
    }
}
