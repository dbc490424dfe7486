import ArrowIPC
import CanonicalJSON
import DataFrames
import Parquet
import PipelineLanguage
import Platform
import StageLibrary
import TableTypes
import Testing

@Suite struct CollectParquetTests {
    let collect: KindHarness
    init() throws { collect = try KindHarness("collect.parquet") }

    private func people() throws -> ArrowTable {
        try table(
            ["id": .id],
            .integers("id", [1, 2, 3]), .numbers("height", [1.5, nil, 2]),
            .texts("name", ["Ada", nil, "Émilie"]),
            .categories("team", ["b", "a", "b"], levels: ["b", "a"]))
    }

    private func bytes(_ table: ArrowTable) throws -> [UInt8] {
        let path = try scratchFolder() + "/t.parquet"
        try ParquetFile.write(table.frame, roles: table.roles, to: path)
        return try Files.read(path)
    }

    private func read(
        _ table: ArrowTable, _ parameters: JSONValue = [:], schema: TableSchema? = nil
    ) throws -> Outcome {
        try collect.run(parameters, files: ["path": ("a.parquet", bytes(table))], schema: schema)
    }

    @Test func `without a schema types and roles are those of the file`() throws {
        let before = try people()
        let outcome = try read(before)
        let after = try outcome.table("table")
        #expect(after.roles == ["id": .id])
        for name in ["id", "height", "name"] { #expect(after.frame[name] == before.frame[name]) }
        // A Table Schema lists no levels here, so they are those that occur.
        #expect(
            after.frame["team"] == .categories("team", ["b", "a", "b"], levels: ["a", "b"]))
        #expect(outcome.facts["table.rows"] == 3 && outcome.facts["table.columns"] == 4)
        #expect(outcome.facts["rejects.rows"] == 0)
    }

    @Test func `the schema that is inferred gives the same table`() throws {
        let bytes = try bytes(people())
        let path = try scratchFolder() + "/a.parquet"
        try Files.write(bytes, to: path)
        let infer = try #require(collect.kind.inferSchema)
        let schema = try infer(path, [:])
        #expect(schema.fields.map(\.type) == [.integer, .number, .string, .category])
        let told = try collect.run(paths: ["path": path], schema: schema)
        let found = try collect.run(paths: ["in": path])
        #expect(try told.digest(["table"]) == found.digest(["table"]))
        #expect(try infer(path, ["columns": ["name"]]).fields.map(\.name) == ["name"])
        let error = #expect(throws: StageError.self) { try infer(path, ["columns": ["nam"]]) }
        #expect(error?.message == "no column is named 'nam'; expected one of id, height, name, team")
    }

    @Test func `only the columns asked for are read`() throws {
        let outcome = try read(people(), ["columns": ["team", "id"]])
        #expect(try outcome.table("table").frame.names == ["team", "id"])
    }

    @Test func `lists are text of JSON`() throws {
        let path = projectRoot + "/Tests/ParquetTests/Goldens/nested_1.parquet"
        let outcome = try collect.run(["columns": ["list", "struct"]], paths: ["path": path])
        let frame = try outcome.table("table").frame
        #expect((0..<4).map { frame["list"]?.string($0) } == ["[1,2]", nil, "[]", "[null,3]"])
        #expect(frame["struct"]?.string(0) == #"{"x":true,"y":1.5}"#)
    }

    private let strict: JSONValue = [
        "fields": [
            ["name": "team", "type": "string", "role": "target", "constraints": ["enum": ["a", "b"]]],
            ["name": "id", "type": "number"], ["name": "name", "type": "string"],
            ["name": "height", "type": "number", "constraints": ["required": true, "maximum": 1.8]],
        ]
    ]

    @Test func `rows that break the schema are rejected with their row in the file`() throws {
        let schema = try TableSchema(strict)
        let outcome = try read(people(), ["max_rejects": 2], schema: schema)
        let kept = try outcome.table("table")
        #expect(kept.frame.names == ["team", "id", "name", "height"])
        #expect(kept.frame["id"] == .numbers("id", [1]))
        #expect(kept.roles == ["team": .target])
        #expect(kept.tableType["team"]?.levels == ["a", "b"])
        let rejects = try outcome.table("rejects").frame
        #expect(rejects["row"]?.numbers == [2, 3])
        #expect((0..<2).map { rejects["column"]?.string($0) } == ["height", "height"])
        #expect(
            collect.failure(
                ["max_rejects": 1], files: ["path": ("data/a.parquet", try bytes(people()))], schema: schema)?
                .hasPrefix("'data/a.parquet': row 2, column 'height': ") == true)
    }

    @Test func `what cannot be read is said with the file`() throws {
        #expect(
            collect.failure(files: ["path": ("data/a.parquet", Array("a,b\n".utf8))]) == """
                'data/a.parquet': not a Parquet file: it must begin and end with 'PAR1'
                  fix: write or copy the file again
                """)
        #expect(
            collect.failure(
                files: ["path": ("a.parquet", try bytes(people()))],
                schema: try TableSchema(["fields": [["name": "id", "type": "date"]]]))?
                .hasPrefix("column 'height' is no field of the schema") == true)
    }

    @Test func `check wants one source and knows the columns`() throws {
        #expect(try collect.check("{}").text.contains("write path: data/FILE.parquet under 'with'"))
        #expect(
            try collect.check("{ path: a.parquet }", ["in": .file]).text.contains(
                "both 'path' and 'in' are given"))
        let schema = try TableSchema(strict)
        let outputs = try collect.check("{ path: a.parquet }", schema: schema).outputs
        #expect(outputs["table"] == .table(schema.tableType))
    }

    @Test func `bytes of outputs are pinned`() throws {
        let ports = ["table", "rejects"]
        try expectGoldens(
            "collect.parquet",
            [
                ("all columns", read(people()).digest(ports)),
                ("columns", read(people(), ["columns": ["name", "team"]]).digest(ports)),
                (
                    "max_rejects",
                    read(people(), ["max_rejects": 2], schema: TableSchema(strict)).digest(ports)
                ),
                (
                    "of pyarrow",
                    collect.run(
                        paths: ["path": projectRoot + "/Tests/ParquetTests/Goldens/all_zstd_2.parquet"]
                    ).digest(ports)
                ),
            ])
    }
}
