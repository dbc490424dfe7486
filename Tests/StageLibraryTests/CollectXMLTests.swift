import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform
import StageLibrary
import TableTypes
import Testing

@Suite struct CollectXMLTests {
    let collect: KindHarness
    init() throws { collect = try KindHarness("collect.xml") }

    private let news = """
        <news>
          <story id="1" date="2024-01-02"><head><title> Oil &amp; ships </title></head>
            <topics><d>crude</d><d>ship</d></topics><size>12.5</size></story>
          <story id="2" date="2024-01-03"><head><title/></head><topics/><size>7</size></story>
          <story id="3" date="2024-01-04"><topics><d>gas</d></topics></story>
        </news>
        """
    private let paths: JSONValue = [
        "rows": "//story",
        "columns": [
            "id": "@id", "date": "@date", "title": "head/title", "topics": "topics/d", "size": "size",
        ],
    ]

    private func bytes(_ text: String) -> [String: (name: String, bytes: [UInt8])] {
        ["path": ("news.xml", Array(text.utf8))]
    }

    @Test func `elements are rows, several values a list`() throws {
        let frame = try collect.run(paths, files: bytes(news)).table("table").frame
        let size = ValidityBitmap([true, true, false])
        #expect(
            try frame
                == StageLibraryTests.frame(
                    DataColumn("date", .date, .date32([19_724, 19_725, 19_726])),
                    .integers("id", [1, 2, 3]),
                    DataColumn("size", .number, .float64([12.5, 7, 0]), validity: size),
                    .texts("title", ["Oil & ships", nil, nil]),
                    DataColumn(
                        "topics", .json, .utf8(StringStorage([#"["crude","ship"]"#, "", #"["gas"]"#])),
                        validity: ValidityBitmap([true, false, true]))))
    }

    @Test func `with a schema a field is a list only where it says so`() throws {
        var parameters = paths
        parameters["columns"] = ["topics": "topics/d", "size": "size"]
        parameters["max_rejects"] = 2
        let fields: JSONValue = [
            ["name": "size", "type": "number", "constraints": ["maximum": 10]],
            ["name": "topics", "type": "string"],
        ]
        let outcome = try collect.run(parameters, files: bytes(news), schema: schema(["fields": fields]))
        #expect(try outcome.table("table").frame["topics"]?.string(1) == "gas")
        #expect(
            try rejects(outcome) == [
                "news.xml/1 size: 12.5 is above the maximum 10",
                "news.xml/1 topics: there are 2 values where one is expected",
            ])
    }

    @Test func `a document that is none is named with its line`() throws {
        func failure(_ text: String) -> String? { collect.failure(paths, files: bytes(text)) }
        #expect(
            failure("<news>\n<story>")?.hasPrefix("'news.xml': line 2: not well-formed XML: ") == true)
        #expect(
            failure("<!DOCTYPE a [\n<!ENTITY x \"y\">]><a>&x;</a>")
                == "'news.xml': line 2: the document declares entities, which are not read")
        #expect(failure("<a><b/></a>")?.hasPrefix("'news.xml': no element is at '") == true)
        let infer = try #require(collect.kind.inferSchema)
        let path = try scratchFolder() + "/news.xml"
        try Files.write(Array("<a>".utf8), to: path)
        #expect(throws: StageError.self) { try infer(path, paths) }
    }

    @Test func `check names paths that are none`() throws {
        #expect(
            try collect.check("{ path: a.xml, rows: story, columns: { a: '/b', c: d } }").text == """
                p.yaml:2:30: error: rows: 'story' is no path to elements: rows are told by /a/b from the document or //b anywhere
                  with: { path: a.xml, rows: story, columns: { a: '/b', c: d } }
                                             ^~~~~
                  fix: write names with / between them, such as record/title, and @name for an attribute
                p.yaml:2:51: error: column 'a': '/b' is no path to elements: a column's path begins at the row, without a /
                  with: { path: a.xml, rows: story, columns: { a: '/b', c: d } }
                                                                  ^~~~
                  fix: write names with / between them, such as record/title, and @name for an attribute

                """)
    }

    @Test func `bytes of outputs are pinned`() throws {
        try expectGoldens(
            "collect.xml", [("news", collect.run(paths, files: bytes(news)).digest(["table", "rejects"]))])
    }
}
