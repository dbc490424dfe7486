import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import StageLibrary
import TableTypes
import Testing

@Suite struct CollectArrowTests {
    let collect: KindHarness
    init() throws { collect = try KindHarness("collect.arrow") }

    private func file() throws -> String {
        let path = try scratchFolder() + "/a.arrow"
        let columns: [DataColumn] = [
            .integers("n", [1, nil, 3]), .texts("t", ["x", "y", nil]),
            .categories("c", ["b", "a", "b"], levels: ["b", "a"]),
        ]
        try ArrowFile.write(DataFrame(columns), roles: ["n": .id], to: path)
        return path
    }

    @Test func `columns are taken in the order they are named`() throws {
        let path = try file()
        let all = try collect.run(paths: ["path": path]).table("table")
        #expect(all.frame.names == ["n", "t", "c"] && all.roles == ["n": .id])
        #expect(all.frame["c"]?.type == .category && all.frame["n"]?.nullCount == 1)
        let some = try collect.run(["columns": ["c", "n"]], paths: ["in": path]).table("table")
        #expect(some.frame.names == ["c", "n"])
        let infer = try #require(collect.kind.inferSchema)
        #expect(try infer(path, ["columns": ["c", "n"]]).fields.map(\.type) == [.category, .integer])
        let error = #expect(throws: StageError.self) {
            try collect.run(["columns": ["m"]], paths: ["path": path])
        }
        #expect(error?.message == "the table has no column 'm'")
    }

    @Test func `a schema makes numbers of integers and keeps rows that break it apart`() throws {
        let fields: JSONValue = [
            ["name": "t", "constraints": ["enum": ["x", "z"]]],
            ["name": "n", "type": "number", "constraints": ["minimum": 2]], ["name": "c"],
        ]
        let outcome = try collect.run(
            ["max_rejects": 2], paths: ["path": file()], schema: schema(["fields": fields]))
        #expect(try outcome.table("table").frame["n"]?.numbers == [3])
        #expect(
            try rejects(outcome) == [
                "a.arrow/1 n: 1 is below the minimum 2", "a.arrow/2 t: 'y' is not one of 'x', 'z'",
            ])
    }

    @Test func `a file that is none says what to do`() throws {
        #expect(
            collect.failure(files: ["path": ("a.arrow", Array("PAR1 nothing PAR1".utf8))]) == """
                'a.arrow': not an Arrow IPC file: the bytes are Parquet
                  fix: read it as Parquet
                """)
    }

    @Test func `check names a column that is taken twice`() throws {
        #expect(
            try collect.check("{ path: a.arrow, columns: [a, b, a] }").text == """
                p.yaml:2:42: error: column 'a' is named twice
                  with: { path: a.arrow, columns: [a, b, a] }
                                                         ^

                """)
    }

    @Test func `bytes of outputs are pinned`() throws {
        let path = try file()
        try expectGoldens(
            "collect.arrow",
            [
                ("all", collect.run(paths: ["path": path]).digest(["table", "rejects"])),
                (
                    "columns",
                    collect.run(["columns": ["t"]], paths: ["path": path]).digest(["table", "rejects"])
                ),
                (
                    "max_rejects",
                    collect.run(
                        ["max_rejects": 3], paths: ["path": path],
                        schema: schema([
                            "fields": [
                                ["name": "n", "type": "integer", "constraints": ["required": true]],
                                ["name": "t"], ["name": "c", "type": "category"],
                            ]
                        ])
                    ).digest(["table", "rejects"])
                ),
            ])
    }
}
