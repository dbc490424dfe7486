import Platform

/// A connection of libpq, and what became of a statement on it.
final class PostgresConnection {
    let library: PostgresLibrary
    let connection: PostgresLibrary.Connection
    private let server: SQLServer

    init(_ server: SQLServer, _ environment: [String: String]) throws(SQLError) {
        let library = try PostgresLibrary.shared.opened()
        self.library = library
        self.server = server
        let options = Self.options(server, environment, library)
        guard let opened = Self.withTexts(options, { library.connect($0, $1, 0) }) else {
            fatalError("no memory for a connection")
        }
        connection = opened
        guard library.status(connection) == 0 else {
            let error = refusal(options)
            library.finish(connection)
            isClosed = true
            throw error
        }
        _ = library.ignoreNotices(connection, { _, _ in }, nil)
    }

    private var isClosed = false

    deinit { close() }

    func close() {
        if isClosed { return }
        isClosed = true
        library.finish(connection)
    }

    /// What the environment says of every option that has a variable, and over it what the pipeline says. libpq would
    /// take the variables of this process; a fetch has an environment of its own.
    private static func options(
        _ server: SQLServer, _ environment: [String: String], _ library: PostgresLibrary
    ) -> [String: String] {
        var options: [String: String] = [
            "connect_timeout": "15", "keepalives_idle": "30", "keepalives_interval": "15",
            "keepalives_count": "4", "tcp_user_timeout": "90000",
            "application_name": "sluice",
        ]
        // A service goes before the variables. Where no file has it, libpq is asked for it, and says so.
        let service = (try? ServiceFile.options(environment)) ?? [:]
        if let known = library.defaults() {
            var next = known.assumingMemoryBound(to: PostgresOption.self)
            while let keyword = next.pointee.keyword {
                if let variable = next.pointee.variable, service[String(cString: keyword)] == nil {
                    let value = environment.text(String(cString: variable))
                    options[String(cString: keyword)] = value ?? options[String(cString: keyword)]
                }
                next += 1
            }
            library.freeOptions(known)
        }
        if !service.isEmpty {
            options["service"] = nil
            options.merge(service) { $1 }
        }
        options["passfile"] = PasswordFile.path(service, environment)
        options["client_encoding"] = "UTF8"
        // Over the variables, as what was completed of them and of the service.
        options["host"] = server.socket ?? server.host
        options["hostaddr"] = server.number
        options["port"] = server.port.map { String($0) }
        options["dbname"] = server.name
        options["user"] = server.user
        options["password"] = server.password
        switch server.encryption {
        case .off?: options["sslmode"] = "disable"
        case .preferred?: options["sslmode"] = "prefer"
        case .required?: options["sslmode"] = "require"
        case .verified?: options["sslmode"] = "verify-full"
        case nil: break
        }
        return options
    }

    private static func withTexts<Result>(
        _ options: [String: String], _ body: (PostgresLibrary.Texts, PostgresLibrary.Texts) -> Result
    ) -> Result {
        let sorted = options.sorted { $0.key < $1.key }
        return withCTexts(sorted.map(\.key) + [nil]) { keys in
            withCTexts(sorted.map(\.value) + [nil]) { values in body(keys, values) }
        }
    }

    /// Why nobody was let in. Servers speak many languages, so whether one answered at all is asked again.
    private func refusal(_ options: [String: String]) -> SQLError {
        let said = String(cString: library.errorText(connection))
        let reason = Self.reason(said)
        if library.needsPassword(connection) != 0 {
            return .denied(
                reason, fix: "give a password: password: { env: NAME }, PGPASSWORD, or ~/.pgpass")
        }
        if said.contains("SSL") || said.contains("certificate") {
            return .encryption(
                reason, fix: "mend it at the server, or write tls: preferred, or tls: off")
        }
        // Accepting, or rejecting for now.
        let answers = Self.withTexts(options) { library.ping($0, $1, 0) } < 2
        guard answers else { return .unreachable(address: server.address, reason: reason) }
        return .denied(reason, fix: "correct user, password or the database's name")
    }

    /// Without what is known: where the server is, and that it failed.
    private static func reason(_ said: String) -> String {
        var lines: [String] = []
        for line in said.split(separator: "\n") {
            var line = line
            if line.hasPrefix("connection to server"), let mark = line.firstRange(of: "failed: ") {
                line = line[mark.upperBound...]
            }
            for word in ["FATAL:", "ERROR:"] where line.hasPrefix(word) { line = line.dropFirst(word.count) }
            let reason = String(line.drop { $0 == " " || $0 == "\t" })
            // With and without encryption the same is said.
            if !lines.contains(reason) { lines.append(reason) }
        }
        return lines.joined(separator: "; ")
    }

    /// The next result of what was sent; nil when no more come. The library alone would wait for ever for a server that is
    /// there and says nothing.
    func next(rows: Int) throws(SQLError) -> PostgresLibrary.Result? {
        if library.isBusy(connection) != 0 {
            let wait = SocketWait(descriptor: library.descriptor(connection), silence: server.silence)
            // What is wrong with the line, the result tells.
            try wait.run(
                rows: rows, take: { library.takeInput(connection) != 0 },
                isBusy: { library.isBusy(connection) != 0 })
        }
        return library.nextResult(connection)
    }

    /// The last result of what was sent; nil where nothing could be.
    ///
    /// - Parameter isSent: As the library said of it.
    func result(_ isSent: CInt) throws(SQLError) -> PostgresLibrary.Result? {
        guard isSent == 1 else { return nil }
        var last: PostgresLibrary.Result?
        while let result = try next(rows: 0) {
            library.clear(last)
            last = result
        }
        return last
    }

    /// Runs statements without values.
    func run(_ text: String) throws(SQLError) {
        let result = try result(library.send(connection, text))
        defer { library.clear(result) }
        try check(result, SQLStatement(text), rows: 0)
    }

    /// - Throws: What the server says, where a result is none.
    func check(
        _ result: PostgresLibrary.Result?, _ statement: SQLStatement, offset: Int = 0, rows: Int
    ) throws(SQLError) {
        // A command that is done, or rows.
        if [1, 2].contains(library.resultStatus(result)) { return }
        func field(_ code: Character) -> String? {
            library.resultField(result, CInt(code.asciiValue!)).map { String(cString: $0) }
        }
        let state = field("C") ?? ""
        var said = field("M") ?? Self.reason(String(cString: library.errorText(connection)))
        if let detail = field("D") { said += "; " + detail }
        if let hint = field("H") { said += "; " + hint }
        // Nothing on the line any more, or the server says that it closes it.
        if library.status(connection) != 0 || state.isEmpty
            || ["57P01", "57P02", "57P03", "08006"].contains(state)
        {
            throw .lost(said, rows: rows)
        }
        switch state {
        case "57014":
            throw .limit(
                said,
                fix:
                    "ask for less at once: time_range, or an index on what is asked for; or raise statement_timeout"
            )
        case "55P03", "40P01", "40001", "25P04":
            throw .limit(said, fix: "run it again when who holds the lock is done")
        case "42501": throw .denied(said, fix: "grant the user SELECT on it")
        default:
            let place = field("P").flatMap(Int.init).flatMap { statement.place(at: $0 - 1 - offset) }
            throw .refused(said, place: place)
        }
    }
}

/// Gives texts as C has them, nil as a null pointer.
func withCTexts<Result>(
    _ texts: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
    let copies = texts.map { text in text.map { Array($0.utf8CString) } }
    let pieces = copies.map { copy -> UnsafeMutablePointer<CChar>? in
        guard let copy else { return nil }
        let piece = UnsafeMutablePointer<CChar>.allocate(capacity: copy.count)
        piece.initialize(from: copy, count: copy.count)
        return piece
    }
    defer { for piece in pieces { piece?.deallocate() } }
    return pieces.map { UnsafePointer($0) }.withUnsafeBufferPointer { pointers in
        body(pointers.baseAddress!)
    }
}
