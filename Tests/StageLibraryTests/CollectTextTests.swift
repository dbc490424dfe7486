import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import StageLibrary
import TableTypes
import Testing

@Suite struct CollectTextTests {
    let collect: KindHarness
    init() throws { collect = try KindHarness("collect.text") }

    private func read(_ text: String, _ parameters: JSONValue = [:]) throws -> [String] {
        try cells(collect.run(parameters, files: ["path": ("a.txt", Array(text.utf8))]))
    }

    /// Rows as `path place text`.
    private func cells(_ outcome: Outcome) throws -> [String] {
        let frame = try outcome.table("table").frame
        let place = (frame["line"] ?? frame["part"])?.numbers
        return (0..<frame.count).map { row in
            "\(frame["path"]?.string(row) ?? "") \(place.map { "\(Int($0[row]))" } ?? "-") \(frame["text"]?.string(row) ?? "")"
        }
    }

    @Test func `lines are rows, without their ends`() throws {
        #expect(
            try read("\u{FEFF}one\r\n\n two \nthree") == [
                "a.txt 1 one", "a.txt 2 ", "a.txt 3  two ", "a.txt 4 three",
            ])
        #expect(try read("a\n") == ["a.txt 1 a"])
        #expect(try read("a\rb\u{0}\n\r\n\r") == ["a.txt 1 a\rb\u{0}", "a.txt 2 ", "a.txt 3 \r"])
        #expect(try read("") == [])
    }

    /// The folder of a source is not keyed.
    @Test func `a file's folder is in no row`() throws {
        let outcome = try collect.run(files: ["path": ("some/where/a.txt", Array("x".utf8))])
        #expect(try cells(outcome) == ["a.txt 1 x"])
    }

    @Test func `files are rows, or parts between separators`() throws {
        let files: [(name: String, bytes: [UInt8])] = [
            ("neg/1.txt", Array("bad\nfilm\n".utf8)), ("pos/1.txt", []),
        ]
        let whole = try collect.run(["rows": "file"], several: files)
        #expect(try cells(whole) == ["neg/1.txt - bad\nfilm\n", "pos/1.txt - "])
        #expect(try whole.table("table").frame.names == ["path", "text"])
        let parts: JSONValue = ["rows": "separator", "separator": "\n--\n"]
        #expect(try read("a\n--\n\n--\nb\n-\n--\n", parts) == ["a.txt 1 a", "a.txt 2 ", "a.txt 3 b\n-"])
        #expect(try read("a--\n--", parts) == ["a.txt 1 a--\n--"])
        #expect(try read("", parts) == [])
    }

    @Test func `encodings are read, or named with the line`() throws {
        let utf16 = "\u{FEFF}ä\nb\n".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(try cells(collect.run(files: ["in": ("a.txt", utf16)])) == ["a.txt 1 ä", "a.txt 2 b"])
        let latin = try collect.run(["encoding": "latin-1"], files: ["in": ("a.txt", [0xE4])])
        #expect(try cells(latin) == ["a.txt 1 ä"])
        let chinese = try collect.run(
            ["encoding": "gb18030"], files: ["in": ("a.txt", [0x61, 0x0A, 0xD6, 0xD0, 0xCE, 0xC4])])
        #expect(try cells(chinese) == ["a.txt 1 a", "a.txt 2 中文"])
        #expect(
            collect.failure(
                ["encoding": "gb18030"], files: ["in": ("a.txt", [0x61, 0x0A, 0xD6, 0xD0, 0xFF, 0x0A])])
                == "'a.txt': line 2: not GB18030 at byte 4")
        #expect(
            collect.failure(files: ["in": ("data/a.txt", Array("a\nb ".utf8) + [0xD6, 0xD0])])
                == "'data/a.txt': line 2: not UTF-8 at byte 4; the bytes read as GB18030: write encoding: gb18030"
        )
        #expect(
            collect.failure(["encoding": "utf-16"], files: ["in": ("a.txt", [0x61])])
                == "'a.txt': line 1: not UTF-16: a byte order mark is expected at the start")
    }

    @Test func `a schema may hold lines to a pattern`() throws {
        let schema = try schema([
            "fields": [
                ["name": "text", "constraints": ["pattern": "[a-z]*"], "role": "target"],
                ["name": "path"], ["name": "line", "type": "integer", "role": "id"],
            ]
        ])
        let outcome = try collect.run(
            ["max_rejects": 1], files: ["path": ("a.txt", Array("a\nB\nc".utf8))], schema: schema)
        #expect(try cells(outcome) == ["a.txt 1 a", "a.txt 3 c"])
        #expect(try outcome.table("table").roles == ["text": .target, "line": .id])
        #expect(try rejects(outcome) == ["a.txt/2 text: 'B' does not match the pattern"])
    }

    @Test func `check knows the columns`() throws {
        func names(_ with: String) throws -> [String]? {
            guard case .table(let type)? = try collect.check(with).outputs["table"] else { return nil }
            return type.columns.map { "\($0.name) \($0.type)" }
        }
        #expect(try names("{ path: a.txt }") == ["path text", "line integer", "text text"])
        #expect(try names("{ path: '*.txt', rows: file }") == ["path text", "text text"])
        #expect(
            try collect.check("{ path: a.txt, separator: x }").text == """
                p.yaml:2:35: error: a separator is given, but rows are not cut at it
                  with: { path: a.txt, separator: x }
                                                  ^
                  fix: write rows: separator

                """)
        #expect(
            try collect.check("{ path: a.txt, rows: separator }").text == """
                p.yaml:2:30: error: rows are cut at a separator, but none is given
                  with: { path: a.txt, rows: separator }
                                             ^~~~~~~~~
                  fix: write separator: TEXT

                """)
    }

    @Test func `bytes of outputs are pinned`() throws {
        func digest(_ parameters: JSONValue, _ bytes: [UInt8]) throws -> String {
            try collect.run(parameters, files: ["path": ("a.txt", bytes)]).digest(["table", "rejects"])
        }
        let text = Array("one\r\ntwo\n\nthree".utf8)
        let utf16 = "\u{FEFF}ä\n".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        try expectGoldens(
            "collect.text",
            [
                ("line auto", digest([:], text)), ("file", digest(["rows": "file"], text)),
                ("separator", digest(["rows": "separator", "separator": "\n\n"], text)),
                ("utf-8", digest(["encoding": "utf-8"], text)),
                ("utf-16", digest(["encoding": "utf-16"], utf16)),
                ("latin-1", digest(["encoding": "latin-1"], [0xE4, 0x0A])),
                ("gb18030", digest(["encoding": "gb18030"], [0xD6, 0xD0, 0xCE, 0xC4, 0x0A])),
            ])
    }
}
