import ArrowIPC
import CanonicalJSON
import ContentStore
import PipelineLanguage
import SQLDatabases
import TableTypes

/// `collect.sql`: rows of a MySQL, MariaDB or PostgreSQL server.
enum CollectSQL {
    static let kind = StageKind(
        "collect.sql",
        versions: [
            .init(1, "first"),
            .init(2, "whole numbers and times are compared to their last digit, texts by their bytes"),
        ],
        summary: "Fetches a table or a query of a database server as a typed table.",
        documentation: """
            The server is asked in a transaction that can only read, and its rows are streamed into a snapshot, which the lock pins. A connection that is lost
            on the way is opened once more, and all rows are asked again; of half a result nothing is kept. A SQLite file is read by `collect.sqlite`.

            Where the server is and who asks it say the parameters, else MYSQL_HOST, MYSQL_TCP_PORT, MYSQL_UNIX_PORT and MYSQL_PWD, else [client] of ~/.my.cnf; for
            PostgreSQL the service that PGSERVICE names, the variables of its own clients (PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD, PGSSLROOTCERT, ...) and
            ~/.pgpass. There `requires: [mysql]` looks too. A password is never written into the pipeline, and none, wherever it was read, is in a log.

            \(SQLAsking.documentation)

            With `watermark`, only rows whose watermark is the last one seen, or greater, are asked: those with the last one take the place of the rows that had it, so that
            a row which came late with it is had too, and none twice. It must be an integer, a date or a time that never gets smaller from one new row to the next,
            and never null. The rows below it are counted: where they are more or fewer than before (deleted, or of a transaction that took a lower number and
            ended later), or the server or database is another, all rows are fetched anew. Rows changed in their place are not noticed. `refresh` says when it is looked at; a new `name`, `query` or the like fetches anew.

            Integers, YEAR and BIT(2) to BIT(64) are integers; TINYINT(1), BIT(1) and bool booleans; floats, DECIMAL and numeric numbers, the nearest double; an ENUM is a
            category with its levels in their order; DATETIME, TIMESTAMP and timestamptz are times in UTC (a time without a zone is taken as UTC); JSON, jsonb and arrays are JSON;
            CHAR, TEXT, SET, uuid, TIME and interval (ISO 8601) are texts. Without a schema those types hold; with one, what it says, read from the value's text.
            """,
        example: """
            events:
              uses: collect.sql
              with:
                database: mysql
                name: shop
                user: reader
                password: { env: SHOP_PASSWORD }
                query: SELECT id, user_id, kind, at FROM events WHERE country IN (:countries)
                parameters: { countries: [DE, FR] }
                time_range: { column: at, from: 2026-01-01, to: 2026-02-01 }
                schema: //schemas/events.yaml
            """,
        inputs: [], outputs: SQLTable.outputs,
        parameters: place + SQLAsking(isFetched: true).parameters + [
            Parameter(
                "watermark", .text, .optional, isFetched: true,
                "A column that only grows: later fetches add the rows from its last value on."),
            FileSource.schema, FileSource.maxRejects,
        ],
        libraries: ["arrow": 1],
        inferSchema: { path, _ in try inferred(path) },
        fetch: Fetch(
            snapshot: .file, secrets: secrets, serverName: { dialect($0).rawValue }, server: required,
            run: fetch),
        check: check, run: run)

    /// Where the server is, and who asks.
    private static let place = [
        Parameter(
            "database",
            .choice([.init("mysql", "MySQL or MariaDB."), .init("postgres", "PostgreSQL.")]), .required,
            isFetched: true, "Which server it is."),
        Parameter("host", .text, .optional, isFetched: true, "Name or number of its host."),
        Parameter("port", .integer(.within(1...65_535)), .optional, isFetched: true, "Its port."),
        Parameter(
            "socket", .text, .optional, isFetched: true,
            "In place of `host`: its Unix socket, for PostgreSQL the folder the socket lies in."),
        Parameter("name", .text, .optional, isFetched: true, "The database's name."),
        Parameter("user", .text, .optional, isFetched: true, "Who asks."),
        Parameter(
            "password",
            .record([
                Parameter("env", .text, .optional, "Name of the variable that holds it."),
                Parameter("file", .text, .optional, "A file whose first line it is: /PATH or ~/PATH."),
            ]), .optional, isFetched: true, "Where the password is; it never stands here."),
        Parameter(
            "tls",
            .choice([
                .init("off", "The connection is not encrypted."),
                .init("preferred", "It is, where the server can."),
                .init("required", "It is, or none is made; whoever answers is believed."),
                .init("verified", "It is, and a certificate vouches for the server."),
            ]), .optional, isFetched: true, "Encryption; without it as the client library does by itself."),
    ]

    private static func dialect(_ parameters: JSONValue) -> SQLDialect {
        parameters["database"]?.string == "postgres" ? .postgres : .mysql
    }

    /// What a variable or a file named here, the client's own variable and its profile hold.
    private static func secrets(_ parameters: JSONValue, _ environment: [String: String]) -> [String] {
        let dialect = dialect(parameters)
        let variables = [
            parameters["password"]?["env"]?.string, dialect == .mysql ? "MYSQL_PWD" : "PGPASSWORD",
        ]
        var secrets = variables.compactMap { $0.flatMap { environment[$0] } }
        // What cannot be read gives no password to a fetch either.
        if let server = try? server(parameters, dialect, environment).completed(environment) {
            secrets += server.secrets(environment)
        }
        return secrets
    }

    private static func required(
        _ parameters: JSONValue, _ environment: [String: String]
    ) throws -> RequiredServer {
        let dialect = dialect(parameters)
        do throws(SQLError) {
            let server = try server(parameters, dialect, password: nil).completed(environment)
            return RequiredServer(name: dialect.rawValue, address: server.endpoint)
        } catch {
            throw StageError(error)
        }
    }

    // MARK: Check

    private static func check(_ check: inout StageCheck) {
        let parameters = check.parameters
        SQLAsking.check(&check, dialect(parameters))
        if parameters["host"] != nil, parameters["socket"] != nil {
            check.report(SQLFinding.twoPlaces, at: ["socket"])
        }
        if let watermark = parameters["watermark"]?.string, let columns = parameters["columns"]?.strings,
            !columns.contains(watermark)
        {
            check.report(SQLFinding.leftOut(column: watermark, use: "the watermark"), at: ["watermark"])
        }
        if let password = parameters["password"] {
            let (variable, file) = (password["env"]?.string, password["file"]?.string)
            if (variable == nil) == (file == nil) {
                check.report(SQLFinding.passwordNowhere, at: ["password"])
            }
            if let variable, !isName(variable) {
                check.report(SQLFinding.badVariable(variable), at: ["password", "env"])
            }
            if let file, !file.hasPrefix("/"), !file.hasPrefix("~/") {
                check.report(SQLFinding.relativeFile(file), at: ["password", "file"])
            }
        }
        SQLTable.check(&check)
    }

    private static func isName(_ text: String) -> Bool {
        let isPart = text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                || $0 == 0x5F
        }
        return isPart && text.first.map { !$0.isNumber } ?? false
    }

    // MARK: Fetch

    private static func fetch(_ run: FetchRun) throws -> FetchResult {
        let parameters = run.parameters
        let dialect = dialect(parameters)
        let watermark = parameters["watermark"]?.string
        let selection = try SQLAsking.selection(parameters, dialect, watermark: watermark)
        do {
            let server = try server(parameters, dialect, run.environment)
            let place = try server.completed(run.environment).place
            let digest = Digest.of(Array(place.utf8)).hex
            // Rows of another server are not those below the watermark of this one.
            let previous = run.previous.flatMap { previous -> SQLSnapshot.Previous? in
                guard previous.validator["place"]?.string == digest else { return nil }
                return previous.validator["watermark"].map {
                    SQLSnapshot.Previous(path: previous.path, watermark: SQLValue($0))
                }
            }
            let snapshot = try retried(run) {
                var told = 0
                return try SQLSnapshot.fetch(
                    { after throws(SQLError) in
                        try SQLRows(server, run.environment, selection, after: after)
                    }, dialect, watermark: watermark, previous: previous, to: run.output
                ) { rows in
                    guard rows - told >= 50_000 else { return }
                    told = rows
                    run.tell(.progress(0, "\(rows) rows"))
                }
            }
            if snapshot.isUnchanged { return .unchanged }
            var validator: JSONValue = ["rows": .integer(Int64(snapshot.rows))]
            validator["place"] = .string(digest)
            validator["watermark"] = snapshot.watermark?.json
            return .fetched(validator: validator)
        } catch let error as SQLError {
            throw StageError(error)
        } catch let error as ArrowError {
            throw StageError(error.message, fix: error.fix)
        }
    }

    /// A lost connection is opened once more: a transaction that only read has changed nothing.
    private static func retried(_ run: FetchRun, _ body: () throws -> SQLSnapshot) throws -> SQLSnapshot {
        do {
            return try body()
        } catch let error as SQLError {
            guard case .lost = error else { throw error }
            run.tell(.log("\(error.message); once more from the start"))
            return try body()
        }
    }

    private static func server(
        _ parameters: JSONValue, _ dialect: SQLDialect, _ environment: [String: String]
    ) throws -> SQLServer {
        var password: String?
        if let variable = parameters["password"]?["env"]?.string {
            guard let value = environment[variable], !value.isEmpty else {
                throw StageError(
                    "the password is to be what \(variable) holds, which is not set",
                    fix: "set \(variable) where sluice runs")
            }
            password = value
        } else if let file = parameters["password"]?["file"]?.string {
            password = try SQLServer.password(inFile: file, environment: environment)
        }
        return server(parameters, dialect, password: password)
    }

    private static func server(
        _ parameters: JSONValue, _ dialect: SQLDialect, password: String?
    ) -> SQLServer {
        SQLServer(
            dialect, host: parameters["host"]?.string, port: parameters["port"]?.integer.map(Int.init),
            socket: parameters["socket"]?.string, name: parameters["name"]?.string,
            user: parameters["user"]?.string, password: password,
            encryption: parameters["tls"]?.string.flatMap(SQLServer.Encryption.init(rawValue:)))
    }

    // MARK: Run

    private static func inferred(_ path: String) throws -> TableSchema {
        let head: ArrowTable
        do throws(ArrowError) {
            head = try ArrowFile.head(path, rows: 0)
        } catch {
            throw StageError(error.message, fix: error.fix)
        }
        return SQLTable(head.frame).schema
    }

    private static func run(_ run: StageRun) throws {
        guard let snapshot = run.input(Fetch.port) else { preconditionFailure("nothing was fetched") }
        var file = try TypedFile(arrow: snapshot.path, name: "the snapshot")
        try SQLTable.write(run, file.empty(), name: SQLAsking.name(run.parameters)) {
            try file.eachBatch($0)
        }
    }
}
