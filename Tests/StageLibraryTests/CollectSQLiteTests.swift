import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform
import StageLibrary
import TableTypes
import TestServers
import Testing

@Suite struct CollectSQLiteTests {
    let sqlite: KindHarness
    private let folder: SQLiteFolder
    private let shop: String

    init() throws {
        sqlite = try KindHarness("collect.sqlite")
        folder = try SQLiteFolder()
        shop = try folder.make(
            "shop.sqlite",
            """
            CREATE TABLE orders (id INTEGER PRIMARY KEY, total DECIMAL(9, 2), at DATETIME, paid BOOLEAN, note TEXT);
            INSERT INTO orders VALUES
              (3, 9.5, '2026-01-31 23:59:59', 1, 'ä'), (1, 20, '2026-01-01 00:00:00', 0, NULL),
              (2, 'much', '2026-02-01 00:00:00', NULL, 'x');
            """)
    }

    @discardableResult
    private func run(_ with: JSONValue, schema: TableSchema? = nil) throws -> Outcome {
        try sqlite.run(with, paths: ["path": shop], schema: schema)
    }

    @Test func `a table comes in the order of its key, values that do not fit apart`() throws {
        let outcome = try run(["table": "orders", "columns": ["total", "id"], "max_rejects": 1])
        #expect(
            try outcome.table("table").frame == frame(.numbers("total", [20, 9.5]), .integers("id", [1, 3])))
        let rejects = try outcome.table("rejects").frame
        #expect(rejects["row"]?.numbers == [2])
        #expect(rejects["reason"]?.string(0) == "'much' is not of type number")
    }

    @Test func `a query has its values bound, and a time range besides`() throws {
        let outcome = try run([
            "query": "SELECT id, note FROM orders WHERE paid = :paid OR note = :note",
            "parameters": ["paid": 0, "note": "x'; DROP TABLE orders; --"],
        ])
        #expect(try outcome.table("table").frame == frame(.integers("id", [1]), .texts("note", [nil])))
        let ranged = try run([
            "table": "orders", "columns": ["id"],
            "time_range": ["column": "at", "from": "2026-01-01", "to": "2026-02-01"],
        ])
        #expect(try ranged.table("table").frame["id"]?.numbers == [1, 3])
    }

    @Test func `what is inferred and pinned gives the same table as what is not`() throws {
        let infer = try #require(sqlite.kind.inferSchema)
        let with: JSONValue = ["table": "orders", "max_rejects": 1]
        let inferred = try infer(shop, with)
        #expect(
            inferred.fields.map { "\($0.name) \($0.type)" } == [
                "id integer", "total number", "at datetime", "paid boolean", "note string",
            ])
        #expect(
            try run(with, schema: inferred).digest(["table", "rejects"])
                == run(with).digest(["table", "rejects"]))
    }

    @Test func `what is wrong is told with the file or the place in the query`() throws {
        #expect(
            stageError { try run(["query": "SELECT id,\n ide FROM orders"]) } == """
                the server does not take the query: no such column: ide
                query: line 2, column 2: ide FROM orders
                fix: correct the query
                """)
        #expect(
            stageError { try run(["table": "orders", "columns": ["ide"]]) } == """
                there is no column 'ide'
                columns: id, total, at, paid, note
                """)
        let text = "\(folder.path)/a.sqlite"
        try Files.write(Array(String(repeating: "no database ", count: 100).utf8), to: text)
        let other = stageError { try sqlite.run(["table": "t"], paths: ["path": text]) }
        #expect(other.contains("a.sqlite") && other.contains("fix: "), "\(other)")
    }

    @Test func `bytes of outputs are pinned`() throws {
        func digest(_ with: JSONValue, _ schema: TableSchema? = nil) throws -> String {
            try run(with, schema: schema).digest(["table", "rejects"])
        }
        try expectGoldens(
            "collect.sqlite",
            [
                ("table max_rejects", digest(["table": "orders", "max_rejects": 1])),
                (
                    "columns order_by",
                    digest(["table": "orders", "columns": ["note", "id"], "order_by": "at"])
                ),
                (
                    "query parameters time_range",
                    digest([
                        "query": "SELECT id, at FROM orders WHERE id IN (:ids)",
                        "parameters": ["ids": [1, 2, 3]],
                        "time_range": ["column": "at", "from": "2026-01-31"],
                    ])
                ),
                (
                    "schema",
                    digest(
                        ["table": "orders", "columns": ["id", "note"]],
                        schema([
                            "fields": [
                                ["name": "note", "type": "string", "constraints": ["enum": ["x", "ä"]]],
                                ["name": "id", "type": "string"],
                            ]
                        ]))
                ),
            ])
    }
}
