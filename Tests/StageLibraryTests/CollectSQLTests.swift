import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform
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

    @Test func `what nobody is to see is that of variables, files and profiles`() throws {
        let home = try scratchFolder()
        try Files.write(Array("[client]\nhost=db\npassword=of-my-cnf\n".utf8), to: home + "/.my.cnf")
        try Files.write(Array("db:5432:*:me:of-pgpass\n".utf8), to: home + "/.pgpass")
        try Files.write(Array("of-file\n".utf8), to: home + "/password")
        let fetch = try #require(sql.kind.fetch)
        func secrets(_ more: JSONValue, _ variables: [String: String] = [:]) -> Set<String> {
            var parameters: JSONValue = ["database": "mysql", "table": "t"]
            for (name, value) in more.object ?? [:] { parameters[name] = value }
            return Set(fetch.secrets(parameters, variables.merging(["HOME": home]) { $1 }))
        }
        #expect(secrets([:]) == ["of-my-cnf"])
        #expect(secrets([:], ["MYSQL_PWD": "of-variable"]) == ["of-variable"])
        #expect(secrets(["password": ["file": "~/password"]]) == ["of-file"])
        #expect(secrets(["password": ["env": "P"]], ["P": "of-P"]) == ["of-P"])
        #expect(secrets(["database": "postgres", "host": "db", "user": "me"]) == ["of-pgpass"])
        #expect(secrets(["database": "postgres", "host": "other"]) == ["of-pgpass"])
        #expect(secrets(["database": "postgres"], ["PGPASSWORD": "of-variable"]) == ["of-variable"])
        try Files.write(Array("[client]\nport=x\n".utf8), to: home + "/.my.cnf")
        #expect(secrets([:], ["MYSQL_PWD": "of-variable"]) == ["of-variable"])
    }

    @Test func `the server is where the stage looks`() throws {
        let home = try scratchFolder()
        try Files.write(Array("[client]\nhost=profile\nport=3399\n".utf8), to: home + "/.my.cnf")
        let fetch = try #require(sql.kind.fetch)
        func server(_ parameters: JSONValue, _ variables: [String: String] = [:]) throws -> String {
            let server = try #require(
                try fetch.server(parameters, variables.merging(["HOME": home]) { $1 }))
            return "\(server.name) \(server.address.map { "\($0)" } ?? "nowhere")"
        }
        let mysql: JSONValue = ["database": "mysql", "password": ["env": "NOT_SET"]]
        #expect(try server(mysql) == "mysql profile:3399")
        #expect(try server(mysql, ["MYSQL_HOST": "variable"]) == "mysql variable:3399")
        #expect(
            try server(["database": "mysql", "host": "said", "port": 1], ["MYSQL_HOST": "variable"])
                == "mysql said:1")
        #expect(
            try server(["database": "postgres", "socket": "/run/pg"], ["PGPORT": "5433"])
                == "postgres /run/pg/.s.PGSQL.5433")
        let error = #expect(throws: StageError.self) {
            try server(["database": "postgres", "host": "said"], ["PGPORT": "x"])
        }
        #expect(error?.message == "PGPORT is 'x', which is no port")
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

    @Test func `a date that has no text is told with its row`() throws {
        let days = (0..<70_000).map { $0 == 69_998 ? Int32.max : 0 }
        let path = try snapshot(nil, DataColumn("day", .date, .date32(days)))
        let schema = try schema(["fields": [["name": "day", "type": "string"]]])
        #expect(
            failure(path, ["table": "people"], schema: schema)
                == "row 69999, column 'day': the date lies outside the years 1 to 9999")
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
