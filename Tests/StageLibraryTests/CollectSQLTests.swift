import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes
import Testing

@testable import StageLibrary

/// What `collect.sql` checks, and what it makes of rows that were fetched; servers are asked in SQLDatabasesTests and
/// EndToEndTests.
@Suite struct CollectSQLTests {
    let sql: KindHarness
    init() throws { sql = try KindHarness("collect.sql") }

    /// Rows as a fetch leaves them.
    private func snapshot(_ misfits: [String?]? = nil, _ columns: DataColumn...) throws -> String {
        let told = misfits ?? [String?](repeating: nil, count: columns[0].count)
        let beside = DataColumn(
            "sluice.misfits", .json, .utf8(StringStorage(told.map { $0 ?? "" })),
            validity: ValidityBitmap(told.map { $0 != nil }))
        let path = try scratchFolder() + "/snapshot"
        try ArrowFile.write(DataFrame(columns + [beside]), to: path)
        return path
    }

    private func failure(_ path: String, _ with: JSONValue = [:], schema: TableSchema? = nil) -> String {
        stageError { try sql.run(with, paths: [Fetch.port: path], schema: schema) }
    }

    private static let levels = ["paid", "free"]

    @Test func `rows keep the types of the database`() throws {
        let columns: [DataColumn] = [
            .integers("id", [2, 1]), .categories("plan", ["free", nil], levels: Self.levels),
        ]
        let outcome = try sql.run(
            ["table": "people"], paths: [Fetch.port: snapshot(nil, columns[0], columns[1])])
        #expect(try outcome.table("table").frame == DataFrame(columns))
        #expect(outcome.facts["table.rows"] == 2 && outcome.facts["rejects.rows"] == 0)
    }

    @Test func `a schema decides types, order, levels and roles`() throws {
        let path = try snapshot(
            nil, .texts("code", ["7", "x", "9"]), .integers("flag", [1, 0, nil]),
            .categories("plan", ["free", "paid", "gold"], levels: Self.levels + ["gold"]),
            .integers("total", [1, 2, 3]))
        let schema = try schema([
            "fields": [
                ["name": "total", "type": "number"],
                ["name": "plan", "type": "string", "constraints": ["enum": ["free", "paid"]]],
                ["name": "flag", "type": "boolean"],
                ["name": "code", "type": "integer", "role": "id"],
            ]
        ])
        let outcome = try sql.run(
            ["table": ["shop", "people"], "max_rejects": 2], paths: [Fetch.port: path], schema: schema)
        let table = try outcome.table("table")
        #expect(table.roles == ["code": .id])
        #expect(
            try table.frame
                == frame(
                    .numbers("total", [1]), .categories("plan", ["free"], levels: ["free", "paid"]),
                    DataColumn("flag", .boolean, .boolean([true]), validity: ValidityBitmap([true])),
                    .integers("code", [7])))
        let rejects = try outcome.table("rejects").frame
        #expect(rejects.names == ["row", "column", "reason"])
        #expect(
            (0..<rejects.count).map {
                "\(Int(rejects["row"]?.numbers?[$0] ?? 0)) \(rejects["column"]?.string($0) ?? "-"): \(rejects["reason"]?.string($0) ?? "")"
            } == ["2 code: 'x' is not of type integer", "3 plan: 'gold' is not one of 'free', 'paid'"])
        #expect(
            failure(path, ["table": "people"], schema: schema) == """
                'people': row 2, column 'code': 'x' is not of type integer; 1 more row does not fit
                fix: correct the data or the schema, or write max_rejects: 2 to keep such rows apart
                """)
    }

    @Test func `what no column could hold is told by row`() throws {
        let path = try snapshot(
            [
                nil,
                #"{"at":"'0000-00-00' is not of type date","n":"'18446744073709551615' is not of type integer"}"#,
            ],
            .integers("n", [1, nil]), .texts("at", ["x", nil]))
        #expect(
            failure(path, ["query": "SELECT 1"]) == """
                'the query': row 2, column 'n': '18446744073709551615' is not of type integer
                fix: correct the data or the schema, or write max_rejects: 1 to keep such rows apart
                """)
        let outcome = try sql.run(["query": "SELECT 1", "max_rejects": 1], paths: [Fetch.port: path])
        #expect(try outcome.table("table").frame["n"]?.numbers == [1])
        #expect(try outcome.table("rejects").frame.count == 2)
    }

    @Test func `the schema of a fetch is inferred without its rows`() throws {
        let infer = try #require(sql.kind.inferSchema)
        let schema = try infer(
            snapshot(nil, .integers("id", [1]), .categories("plan", ["free"], levels: Self.levels)), [:])
        #expect(schema.fields.map { "\($0.name) \($0.type)" } == ["id integer", "plan category"])
        #expect(schema.fields[1].constraints.levels == Self.levels)
    }

    @Test func `bytes of outputs are pinned`() throws {
        func digest(_ path: String, _ with: JSONValue = [:], _ schema: TableSchema? = nil) throws -> String {
            try sql.run(with, paths: [Fetch.port: path], schema: schema).digest(["table", "rejects"])
        }
        let rows = try snapshot(
            [nil, #"{"n":"a blob is not of type integer"}"#], .integers("n", [1, nil]),
            .categories("plan", ["free", nil], levels: Self.levels))
        try expectGoldens(
            "collect.sql",
            [
                ("max_rejects", digest(rows, ["max_rejects": 1])),
                (
                    "schema",
                    digest(
                        rows, ["max_rejects": 1],
                        schema([
                            "fields": [["name": "plan", "type": "string"], ["name": "n", "type": "number"]]
                        ]))
                ),
            ])
    }
}
