import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform
import StageLibrary
import TableTypes
import Testing

/// A line a misfit, as people read `rejects`.
func rejects(_ outcome: Outcome) throws -> [String] {
    let frame = try outcome.table("rejects").frame
    return (0..<frame.count).map { row in
        let number = Int(frame["row"]?.numbers?[row] ?? 0)
        return
            "\(frame["file"]?.string(row) ?? "")/\(number) \(frame["column"]?.string(row) ?? "-"): \(frame["reason"]?.string(row) ?? "")"
    }
}

@Suite struct CollectJSONTests {
    let lines: KindHarness
    let document: KindHarness
    init() throws {
        lines = try KindHarness("collect.jsonl")
        document = try KindHarness("collect.json")
    }

    private func read(
        _ text: String, _ parameters: JSONValue = [:], schema: TableSchema? = nil
    ) throws -> Outcome {
        try lines.run(parameters, files: ["path": ("a.jsonl", Array(text.utf8))], schema: schema)
    }

    private func failure(
        _ text: String, _ parameters: JSONValue = [:], schema: TableSchema? = nil
    ) -> String? {
        lines.failure(parameters, files: ["path": ("data/a.jsonl", Array(text.utf8))], schema: schema)
    }

    private let people: JSONValue = [
        "fields": [
            [
                "name": "id", "type": "integer", "role": "id",
                "constraints": ["unique": true, "required": true],
            ],
            ["name": "age", "type": "integer", "constraints": ["minimum": 0]],
            ["name": "plan", "type": "string", "constraints": ["enum": ["free", "paid"]]],
            ["name": "tags", "type": "array"],
        ]
    ]

    @Test func `rows come in the schema's order with its types and roles`() throws {
        let text = """
            {"tags": ["x", {"b": 1, "a": 2.0}], "plan": "paid", "age": 7, "id": 1}
            {"id": 2.0}
            """
        let outcome = try read(text, schema: schema(people))
        let table = try outcome.table("table")
        #expect(table.roles == ["id": .id])
        #expect(
            try table.frame
                == frame(
                    .integers("id", [1, 2]), .integers("age", [7, nil]),
                    .categories("plan", ["paid", nil], levels: ["free", "paid"]),
                    DataColumn(
                        "tags", .json, .utf8(StringStorage([#"["x",{"a":2,"b":1}]"#, ""])),
                        validity: ValidityBitmap([true, false]))))
        #expect(outcome.facts["table.rows"] == 2 && outcome.facts["rejects.rows"] == 0)
    }

    @Test func `every misfit has its file, row, column and reason`() throws {
        let text = """
            {"id": 1, "age": "7", "plan": "gold"}
            {"id": 2, "age": 7.5, "name": "x"}
            nonsense
            [3]

            {"id": 1, "tags": {}}
            {"age": -1}
            {"id": 4, "plan": "\\ud800"}
            {"id": 5}
            """
        let outcome = try read(text, ["max_rejects": 7], schema: schema(people))
        #expect(
            try rejects(outcome) == [
                "a.jsonl/1 age: the text '7' is not of type integer",
                "a.jsonl/1 plan: 'gold' is not one of 'free', 'paid'",
                "a.jsonl/2 name: the key is no field of the schema",
                "a.jsonl/2 age: '7.5' is not of type integer",
                "a.jsonl/3 -: not valid JSON at byte 1: expected a value",
                "a.jsonl/4 -: it is no JSON object",
                "a.jsonl/6 tags: '{}' is not of type array",
                "a.jsonl/7 id: there is no value, but one is required",
                "a.jsonl/7 age: -1 is below the minimum 0",
                "a.jsonl/8 -: not valid JSON at byte 20: half a surrogate pair",
            ])
        #expect(try outcome.table("table").frame["id"]?.numbers == [5])
    }

    @Test func `a row that does not fit is an error that says how many more`() throws {
        let schema = try schema(people)
        #expect(
            failure("{\"id\":1}\n{\"id\":2,\"age\":\"x\"}\n{\"id\"}\n", schema: schema) == """
                'data/a.jsonl': row 2, column 'age': the text 'x' is not of type integer; 1 more row does not fit
                  fix: correct the data or the schema, or write max_rejects: 2 to keep such rows apart
                """)
        #expect(
            failure("oops\n") == """
                'data/a.jsonl': row 1: not valid JSON at byte 1: expected a value
                  fix: write one object a line, with a key for each column
                """)
        #expect(
            failure("\n\n") == """
                'data/a.jsonl': there is no row that columns could be known from
                  fix: declare a schema
                """)
    }

    @Test func `several files are one table, and rejects name the file`() throws {
        let outcome = try lines.run(
            ["max_rejects": 9],
            several: [
                ("2023/a.jsonl", Array("{\"n\":1}\n{\"n\":2}".utf8)), ("2024/a.jsonl", []),
                ("2024/b.jsonl", Array("{\"n\":\"x\"}\n\n{\"n\":3}\n{".utf8)),
            ])
        #expect(try outcome.table("table").frame["n"]?.numbers == [1, 2, 3])
        #expect(
            try rejects(outcome) == [
                "2024/b.jsonl/1 n: the text 'x' is not of type integer",
                "2024/b.jsonl/4 -: not valid JSON at byte 2: expected a key in quotes",
            ])
    }

    @Test func `what is inferred and pinned gives the same table as what is not`() throws {
        let text = "{\"a\":1,\"b\":\"2024-01-01\",\"c\":[1]}\n{\"a\":2.5,\"b\":null,\"d\":{\"e\":true}}\n"
        let path = try scratchFolder() + "/a.jsonl"
        try Files.write(Array(text.utf8), to: path)
        let infer = try #require(lines.kind.inferSchema)
        let inferred = try infer(path, ["flatten": true])
        #expect(
            inferred.fields.map { "\($0.name) \($0.type)" } == [
                "a number", "b date", "c array", "d.e boolean",
            ])
        let told = try lines.run(["flatten": true], paths: ["path": path], schema: inferred)
        let found = try lines.run(["flatten": true], paths: ["path": path])
        #expect(try told.digest(["table"]) == found.digest(["table"]))
        #expect(try told.table("table").tableType["c"]?.type == .json)
        #expect(throws: StageError.self) {
            try Files.write([], to: path)
            _ = try infer(path, [:])
        }
    }

    @Test func `a document's rows are found by their keys`() throws {
        let text = #"{"meta": 1, "data": {"items": [{"a": 1}, 2, {"a": "x"}]}}"#
        let outcome = try document.run(
            ["rows": "data.items", "max_rejects": 2], files: ["path": ("a.json", Array(text.utf8))],
            schema: schema(["fields": [["name": "a", "type": "integer"]]]))
        #expect(try outcome.table("table").frame["a"]?.numbers == [1])
        #expect(
            try rejects(outcome) == [
                "a.json/2 -: it is no JSON object", "a.json/3 a: the text 'x' is not of type integer",
            ])
        func failure(_ text: String, _ parameters: JSONValue = [:]) -> String? {
            document.failure(parameters, files: ["in": ("a.json", Array(text.utf8))])
        }
        #expect(
            failure(text, ["rows": "data.rows"]) == "'a.json': there is no key 'rows'; the keys are items")
        #expect(failure("[{\"a\":1},\n{\"a\":2}") == "'a.json': line 2, column 8: expected ',' or ']'")
        #expect(
            failure("[]")
                == "'a.json': there is no row that columns could be known from\n  fix: declare a schema")
        let columns = try document.run(
            files: ["in": ("a.json", Array(#"{"n": [1, 2], "t": ["x", "y"]}"#.utf8))])
        #expect(try columns.table("table").frame.names == ["n", "t"])
        #expect(try columns.table("table").frame["n"]?.numbers == [1, 2])
    }

    @Test func `check wants one source and keys that are some`() throws {
        #expect(
            try lines.check("{ flatten: true }").text == """
                p.yaml:1:1: error: there is nothing to read: neither 'path' nor 'in' is given
                stage:
                ^~~~~
                  fix: write path: data/FILE.jsonl under 'with', or in: STAGE for a file another stage gives

                """)
        #expect(
            try document.check("{ path: a.json, rows: a..b }", ["in": .file]).text == """
                p.yaml:2:17: error: both 'path' and 'in' are given; one of them is read
                  with: { path: a.json, rows: a..b }
                                ^~~~~~
                  fix: take one of them away
                p.yaml:2:31: error: 'a..b' has an empty key
                  with: { path: a.json, rows: a..b }
                                              ^~~~
                  fix: write keys with a point between them, such as data.items

                """)
        let schema = try schema(people)
        let (text, outputs) = try lines.check("{ path: a.jsonl }", schema: schema)
        #expect(text.isEmpty && outputs["table"] == .table(schema.tableType))
        #expect(schema.tableType["tags"]?.type == .json)
    }

    @Test func `levels told twice are the first of each`() throws {
        let collect = try KindHarness("collect.jsonl")
        let schema = TableSchema([.init("c", constraints: .init(levels: ["a", "a", "b", "c"]))])
        let lines = Array("{\"c\":\"c\"}\n{\"c\":\"b\"}\n{\"c\":\"a\"}\n".utf8)
        let table = try collect.run(files: ["path": ("a.jsonl", lines)], schema: schema).table("table")
        let column = try #require(table.frame["c"])
        #expect((0..<3).map { column.string($0) } == ["c", "b", "a"])
    }

    @Test func `bytes of outputs are pinned`() throws {
        let text =
            "{\"a\":1,\"b\":{\"c\":\"x\"},\"d\":\"2024-01-01\"}\r\n\n{\"a\":null,\"d\":\"2024-01-02\",\"e\":[1,{}]}"
        func digest(
            _ text: String, _ parameters: JSONValue = [:], _ schema: TableSchema? = nil
        ) throws -> String {
            try read(text, parameters, schema: schema).digest(["table", "rejects"])
        }
        try expectGoldens(
            "collect.jsonl",
            [
                ("plain", digest(text)), ("flatten", digest(text, ["flatten": true])),
                ("max_rejects", digest("{\"id\":1}\nx\n{\"id\":\"1\"}", ["max_rejects": 2], schema(people))),
            ])
        func documentDigest(_ text: String, _ parameters: JSONValue = [:]) throws -> String {
            try document.run(parameters, files: ["path": ("a.json", Array(text.utf8))])
                .digest(["table", "rejects"])
        }
        try expectGoldens(
            "collect.json",
            [
                ("array", documentDigest(#"[{"a":1,"b":{"c":1}},{"a":2.5}]"#)),
                ("flatten", documentDigest(#"[{"a":1,"b":{"c":1}},{"a":2.5}]"#, ["flatten": true])),
                ("rows and columns", documentDigest(#"{"d":{"a":[1,null],"b":["x","y"]}}"#, ["rows": "d"])),
                ("max_rejects", documentDigest(#"[{"a":1},2]"#, ["max_rejects": 1])),
            ])
    }
}
