import DataFrames
import Testing
import XMLTables

/// Rows of the columns' values, joined with `|` where there are several.
private func read(_ text: String, _ rows: String, _ columns: [(String, String)]) throws -> [[String]] {
    try read(Array(text.utf8), rows, columns)
}

private func read(_ bytes: [UInt8], _ rows: String, _ columns: [(String, String)]) throws -> [[String]] {
    let table = try bytes.withUnsafeBytes { bytes in
        try XMLTable([bytes], rows: .rows(rows), columns: columns.map { ($0.0, try .column($0.1)) })
    }
    return (0..<table.count).map { row in
        table.columns.map { column in
            column.range(ofRow: row).map { column.values[$0] }.joined(separator: "|")
        }
    }
}

private func failure(_ text: String) -> String? { failure(Array(text.utf8)) }

private func failure(_ bytes: [UInt8]) -> String? {
    let error = #expect(throws: XMLFault.self) { try read(bytes, "//r", [("a", "a")]) }
    return error.map { "\($0.error)" }
}

@Suite struct XMLTableTests {
    @Test func `elements are rows, paths lead to their values`() throws {
        let text = """
            <?xml version="1.0"?>
            <!-- a comment -->
            <list><head><r><a>no</a></r></head>
             <r id="1"><a> one </a><t><d>x</d><d>y</d></t></r>
             <r id='2'><a><![CDATA[<two>]]> &amp; &#228;</a><t/><b n="q"/></r>
             <r/>
            </list>
            """
        let columns = [("id", "@id"), ("a", "a"), ("d", "t/d"), ("n", "b/@n"), ("any", "*/@n")]
        #expect(
            try read(text, "/list/r", columns) == [
                ["1", "one", "x|y", "", ""], ["2", "<two> & ä", "", "q", "q"], ["", "", "", "", ""],
            ])
        #expect(try read(text, "//r", [("a", "a")]).count == 4)
        #expect(try read(text, "//head/r", [("a", "a")]) == [["no"]])
        #expect(try read(text, "/r", [("a", "a")]).isEmpty)
    }

    @Test func `a value is all text within, a row may be its own value`() throws {
        #expect(
            try read("<x><r>a<b>b<c>c</c></b>d</r></x>", "//r", [("t", "."), ("b", "b")]) == [["abcd", "bc"]])
        // A row within a row is part of it.
        #expect(try read("<r><a>1</a><r><a>2</a></r></r>", "//r", [("a", "a")]) == [["1"]])
    }

    @Test func `prefixes need not be named`() throws {
        let text = "<x xmlns:d='urn:d'><d:r d:k='1'><d:a>v</d:a></d:r></x>"
        #expect(try read(text, "//r", [("a", "d:a"), ("k", "@k")]) == [["v", "1"]])
        #expect(try read(text, "//e:r", [("a", "a")]).isEmpty)
    }

    @Test func `encodings are those the document names`() throws {
        let latin =
            Array("<?xml version='1.0' encoding='ISO-8859-1'?><r><a>".utf8) + [0xE4] + Array("</a></r>".utf8)
        #expect(try read(latin, "//r", [("a", "a")]) == [["ä"]])
        let wide = "\u{FEFF}<r><a>漢</a></r>".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(try read(wide, "//r", [("a", "a")]) == [["漢"]])
    }

    @Test func `rows know their file and their place in it`() throws {
        let texts = ["<l><r/><r/></l>", "<l/>", "<l><r/></l>"].map { Array($0.utf8) }
        let all = texts.flatMap { $0 }
        try all.withUnsafeBytes { all in
            var files: [UnsafeRawBufferPointer] = []
            for text in texts {
                let start = files.reduce(0) { $0 + $1.count }
                files.append(UnsafeRawBufferPointer(rebasing: all[start..<start + text.count]))
            }
            let table = try XMLTable(files, rows: .rows("//r"), columns: [])
            #expect((0..<3).map { table.place(ofRow: $0).file } == [0, 0, 2])
            #expect((0..<3).map { table.place(ofRow: $0).number } == [1, 2, 1])
            #expect(try XMLTable(files, rows: .rows("//r"), columns: [], limit: 1).count == 1)
        }
    }

    @Test func `what is not well-formed says where`() {
        #expect(failure("") == "line 1: not well-formed XML: the document is empty")
        #expect(
            failure("<l>\n<r>\n</l>")
                == "line 2: not well-formed XML: Opening and ending tag mismatch: r line 2 and l")
        #expect(failure("<l><r><a>x</a>")?.hasPrefix("line 1: not well-formed XML: ") == true)
        #expect(failure("not xml") == "line 1: not well-formed XML: Document is empty")
        #expect(
            failure(Array("<l>\n<r>".utf8) + [0xFF] + Array("</r></l>".utf8))?.hasPrefix(
                "line 2: not well-formed XML: ") == true)
        #expect(
            failure(Array("<l><r>a".utf8) + [0] + Array("b</r></l>".utf8))?.hasPrefix(
                "line 1: not well-formed XML: ") == true)
        let deep = String(repeating: "<r>", count: 100_000)
        #expect(failure(deep)?.contains("Excessive depth") == true)
    }

    @Test func `entities are refused, in content, attributes and parameters`() {
        let bomb = """
            <!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
            <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
            <l><r><a>&c;</a></r></l>
            """
        #expect(failure(bomb)?.hasSuffix("the document declares entities, which are not read") == true)
        #expect(
            failure("<!DOCTYPE l [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><l><r><a>&x;</a></r></l>")?
                .hasSuffix("the document declares entities, which are not read") == true)
        let wide = "\u{FEFF}\(bomb)".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(failure(wide)?.hasSuffix("the document declares entities, which are not read") == true)
        // A DTD elsewhere is not fetched, and what it would declare is unknown.
        #expect(
            failure("<!DOCTYPE l SYSTEM \"http://127.0.0.1:9/l.dtd\"><l>\n<r><a>&x;</a></r></l>")
                == "line 2: not well-formed XML: Entity 'x' not defined")
        #expect(failure("<l><r><a>&x;</a></r></l>")?.contains("Entity 'x' not defined") == true)
    }

    @Test func `a DOCTYPE without entities is fine`() throws {
        let text = "<!DOCTYPE l SYSTEM \"http://127.0.0.1:9/l.dtd\"><l><r><a>1</a></r></l>"
        #expect(try read(text, "//r", [("a", "a")]) == [["1"]])
    }

    @Test func `paths that are none say why`() {
        func problem(_ read: () throws -> XMLPath) -> String? {
            let error = #expect(throws: XMLPath.Problem.self) { try read() }
            return error?.rawValue
        }
        #expect(problem { try .rows("r") } == "rows are told by /a/b from the document or //b anywhere")
        #expect(problem { try .rows("//r/@a") } == "rows are told by /a/b from the document or //b anywhere")
        #expect(problem { try .rows("//") } == "a name is missing")
        #expect(problem { try .rows("/a//b") } == "a name is missing")
        #expect(problem { try .column("/a") } == "a column's path begins at the row, without a /")
        #expect(problem { try .column("") } == "it is empty")
        #expect(problem { try .column("@a/b") } == "an attribute can only stand at the end")
        #expect(problem { try .column("a[1]") } == "only names, * and @name are read")
        #expect(problem { try .column("../a") } == "only names, * and @name are read")
    }
}
