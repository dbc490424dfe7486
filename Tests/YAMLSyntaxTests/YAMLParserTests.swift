import Diagnostics
import Testing
import YAMLSyntax

private func parse(_ text: String) -> (node: Node?, report: String) {
    parse(bytes: Array(text.utf8))
}

private func parse(bytes: [UInt8]) -> (node: Node?, report: String) {
    var findings = Diagnostics()
    let node = parseYAML(SourceText(path: "p.yaml", bytes: bytes), into: &findings)
    return (node, DiagnosticRenderer().render(findings))
}

@Suite struct YAMLParserTests {
    @Test func everyNodeKnowsItsPlace() throws {
        let root = try #require(parse("stages:\n  数据: [a, \"b\"]\n").node)
        let list = try #require(root["stages"]?["数据"])
        #expect("\(list.range)" == "p.yaml:2:7")
        #expect(list.elements?.map { "\($0.range)" } == ["p.yaml:2:8", "p.yaml:2:11"])
        #expect(list.elements?[1].range.end == Mark(line: 2, column: 14))
    }

    @Test(arguments: [
        ("no", Scalar.text("no")), ("1_000", .text("1_000")), ("0o17", .integer(15)), ("0x1F", .integer(31)),
        ("-12", .integer(-12)), ("+3", .integer(3)), ("1.5", .number(1.5)), (".5", .number(0.5)),
        ("1e3", .number(1000)), ("1.", .number(1)), ("~", .null), ("true", .boolean(true)),
        ("True", .boolean(true)),
        ("yes", .text("yes")), ("1.2.3", .text("1.2.3")), ("-", .text("-")), (".", .text(".")),
        ("0o8", .text("0o8")), ("-.inf", .number(-.infinity)), ("12e", .text("12e")), ("1e", .text("1e")),
        ("99999999999999999999", .number(1e20)), ("2026-11-24", .text("2026-11-24")), ("0o-7", .text("0o-7")),
    ])
    func plainScalarsFollowTheCoreSchema(text: String, meaning: Scalar) {
        #expect(Scalar(plain: text) == meaning)
    }

    @Test func whatIsQuotedIsText() throws {
        let root = try #require(parse("a: \"1\"\nb: '~'\nc: |\n  2\n").node)
        #expect(root["a"]?.scalar == .text("1") && root["b"]?.scalar == .text("~"))
        #expect(root["c"]?.scalar == .text("2\n"))
    }

    @Test func anchorsAliasesAndMergesWork() throws {
        let root = try #require(
            parse("base: &b { x: 1, y: 2 }\nmore: &m { y: 3, z: 4 }\nall:\n  <<: [*b, *m]\n  x: 9\n").node)
        let all = try #require(root["all"]?.entries)
        #expect(all.map(\.name) == ["x", "y", "z"])
        #expect(all.map { $0.value.scalar } == [.integer(9), .integer(2), .integer(4)])
    }

    @Test func aTabBehindTheIndentationOfABlockIsContent() throws {
        let (node, report) = parse("run: |\n  cat <<-END\n  \tx\n  \tEND\n")
        #expect(report == "")
        #expect(node?["run"]?.text == "cat <<-END\n\tx\n\tEND\n")
    }

    @Test func aByteOrderMarkIndentsNothing() throws {
        let (node, report) = parse("\u{FEFF}a: 1\nb: 2\n")
        #expect(report == "")
        #expect(node?["a"]?.scalar == .integer(1) && node?["b"]?.scalar == .integer(2))
        #expect(node?["a"].map { "\($0.range)" } == "p.yaml:1:4")
    }

    @Test func aControlCharacterOfTheUpperRangeIsNamedAtItsPlace() {
        #expect(
            parse("a: 1\nb: x\u{9B}y\n").report.hasPrefix(
                "p.yaml:2:5: error: control character U+009B cannot stand in YAML\n"))
    }

    @Test func severalFindingsComeAtOnceInFileOrder() {
        #expect(
            parse("a: 1\na: 2\nb: *nope\nc: !!binary x\na: 3\n").report == """
                p.yaml:2:1: error: key 'a' is given twice, first on line 1
                a: 2
                ^
                  fix: delete one of them, or give it another name
                p.yaml:3:4: error: no anchor '&nope' stands before this alias
                b: *nope
                   ^~~~~
                p.yaml:4:4: error: tag 'tag:yaml.org,2002:binary' has no meaning here
                c: !!binary x
                   ^~~~~~~~~~
                  fix: leave the tag out
                p.yaml:5:1: error: key 'a' is given twice, first on line 1
                a: 3
                ^
                  fix: delete one of them, or give it another name

                """)
    }

    @Test(arguments: [
        ("", "p.yaml:1:1: error: the file is empty"),
        ("# only a comment\n", "p.yaml:1:1: error: the file is empty"),
        ("a:\n\tb: 1\n", "p.yaml:2:1: error: a tab cannot indent YAML"),
        ("a: 1\n---\nb: 2\n", "p.yaml:2:1: error: a second YAML document begins here"),
        ("a: \u{1}\n", "p.yaml:1:4: error: control character U+0001 cannot stand in YAML"),
        ("<<<<<<< ours\na: 1\n", "p.yaml:1:1: error: a merge conflict stands here unresolved"),
        ("a: &x [*x]\n", "p.yaml:1:8: error: alias '*x' stands inside its own anchor"),
        ("a: { <<: 3 }\n", "p.yaml:1:10: error: '<<' merges a mapping or a list of mappings, not 3"),
        ("? [a]\n: 1\n", "p.yaml:1:3: error: a list or a mapping cannot be a key"),
        (
            "a: [1, 2\nb: 3\n",
            "p.yaml:2:2: error: did not find expected ',' or ']' while parsing a flow sequence"
        ),
        ("a: \"数据\n", "p.yaml:2:1: error: found unexpected end of stream while scanning a quoted scalar"),
    ])
    func eachMistakeIsNamedAtItsPlace(text: String, firstLine: String) {
        #expect(parse(text).report.split(separator: "\n").first.map(String.init) == firstLine)
    }

    @Test func aByteThatIsNotUTF8IsNamedBehindWideCharacters() {
        let bytes = Array("a: 数据 ".utf8) + [0xFF] + Array("\n".utf8)
        #expect(
            parse(bytes: bytes).report == """
                p.yaml:1:7: error: not UTF-8: byte 0xff cannot stand here
                a: 数据 \u{FFFD}
                        ^
                  fix: save the file as UTF-8

                """)
    }

    @Test func anAliasBombIsRefusedWithoutExpandingIt() {
        var text = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n"
        for level in 1...30 {
            let alias = "*a\(level - 1)"
            text +=
                "a\(level): &a\(level) [" + Array(repeating: alias, count: 10).joined(separator: ",") + "]\n"
        }
        #expect(parse(text).report.contains("error: aliases expand this file to more than 1000000 values"))
    }

    @Test(arguments: ["[", "{a: ", "- "])
    func aThousandLevelsAreAnErrorNotACrash(opening: String) {
        let report = parse(String(repeating: opening, count: 1000)).report
        #expect(report.contains("error: nested deeper than 100 levels"))
    }

    /// Every prefix of a real text, and every byte of it replaced, is read or
    /// refused, never a crash.
    @Test func noDamageCrashesTheReader() {
        let text = Array("x: &a {k: [1, 'é', \"\\u00e9\"], <<: *b}\ny: |\n  t\n? q\n: - *a\n".utf8)
        for length in text.indices { _ = parse(bytes: Array(text[..<length])) }
        for position in text.indices {
            for byte: UInt8 in [0, 9, 10, 33, 34, 38, 39, 42, 58, 91, 123, 128, 255] {
                var damaged = text
                damaged[position] = byte
                _ = parse(bytes: damaged)
            }
        }
    }
}
