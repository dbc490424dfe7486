import CanonicalJSON
import ContentStore
import PipelineLanguage
import Platform
import Transfers

/// `collect.http`: a file of a web server.
enum CollectHTTP {
    static let kind = StageKind(
        "collect.http",
        versions: [.init(1, "first")],
        summary: "Fetches a file from a web server.",
        documentation: """
            The file is fetched with GET and kept byte for byte as the server sends it, nothing is unpacked; `collect.csv` and the other kinds that read files take it
            by `in:`. Several addresses are places of one and the same file: the next one is asked where one fails.

            The server's entity tag, or the time it says the file was changed, is pinned in the lock, and while it is the same the file is not sent again. With
            sha256 the file must have that digest; once it is here, nobody is asked any more.

            What passes (408, 429, 500, 502, 503, 504, a connection that drops, says nothing for 60 s or ends before the body does) is tried again, five times in
            all, after 1, 2, 4 and 8 s, or when the server says to (Retry-After, up to 60 s). A fetch goes on where it broke off, also in the next run, if the file
            is still the same: a server that gives no entity tag or time of change is asked for the whole again. Redirects are followed, up to ten, never
            from https to http. Proxies are taken from https_proxy, http_proxy, all_proxy and no_proxy, certificates of an authority of your own from
            SSL_CERT_FILE.

            What is secret has its place in the environment: a header whose value is { env: NAME } is in no log and no message, and is not sent on to another
            server that the first one leads to. An address must not hold a user or password.
            """,
        example: """
            rates:
              uses: collect.http
              with:
                url: https://example.org/rates.csv
                headers: { Authorization: { env: RATES_TOKEN, prefix: "Bearer " } }
                refresh: 12h
            """,
        inputs: [],
        outputs: [OutputPort("file", .file, "The file as it was sent.")],
        parameters: [
            Parameter(
                "url", .either([.text, .list(.text)]), .required, isFetched: true,
                "Address of the file, http or https; or several, asked in this order until one gives it."),
            Parameter(
                "sha256", .text, .optional, isFetched: true,
                "Digest that the file must have, as sha256sum prints it."),
            Parameter(
                "headers", .map(.either([.text, .record(variable)])), .optional, isFetched: true,
                "Fields to send: texts, or values of the environment."),
        ],
        fetch: Fetch(snapshot: .file, secrets: { HTTPSource($0).secrets($1) }, run: fetch),
        check: { check in
            for (fault, place) in HTTPSource(check.parameters).faults {
                check.report(CollectFinding(fault: fault), at: place)
            }
            if HTTPSource(check.parameters).addresses.isEmpty {
                check.report(CollectFinding(fault: NoAddress()), at: ["url"])
            }
        },
        run: { run in
            guard let snapshot = run.input(Fetch.port) else { preconditionFailure("nothing was fetched") }
            do throws(TransferError) {
                try FilePlacement.place(snapshot.path, at: run.output("file"))
            } catch {
                throw StageError(fault: error)
            }
        })

    private static let variable = [
        Parameter("env", .text, .required, "Name of the variable that holds the value."),
        Parameter("prefix", .text, .optional, "What stands in front of it, such as `Bearer `."),
    ]

    private struct NoAddress: TransferFault {
        var message: String { "there is no address to fetch" }
        var fix: String? { "write url: https://HOST/PATH" }
    }

    private static func fetch(_ run: FetchRun) throws -> FetchResult {
        let source = HTTPSource(run.parameters)
        // A file that was declared byte for byte is never another one.
        if let previous = run.previous, let digest = source.digest,
            previous.validator["sha256"]?.string == digest
        {
            return .unchanged
        }
        return try run.asking {
            let fields = try source.fields(run.environment)
            var faults: [any TransferFault] = []
            for (number, address) in source.addresses.enumerated() {
                do {
                    return try fetch(address, number, of: source, fields, run)
                } catch let fault as any TransferFault {
                    if let error = fault as? TransferError, error.isOfThisSide { throw error }
                    faults.append(fault)
                }
            }
            guard let first = faults.first else { throw NoAddress() }
            if faults.count == 1 { throw first }
            throw StageError(
                "none of \(faults.count) addresses gives the file",
                notes: faults.enumerated().map { ("address \($0 + 1)", $1.message) }, fix: first.fix)
        }
    }

    private static func fetch(
        _ address: String, _ number: Int, of source: HTTPSource, _ fields: [HTTPField], _ run: FetchRun
    ) throws -> FetchResult {
        let file = HTTPFile(try WebAddress(address), fields: fields)
        let name = file.address.shown
        // Two places may have one tag for two files.
        let had = run.previous.flatMap { previous in
            (previous.validator["address"]?.integer ?? 0) == number
                ? ObjectState(json: previous.validator) : nil
        }
        var settings = TransferSettings(environment: run.environment, authorities: ["SSL_CERT_FILE"])
        settings.secrets = source.secrets(run.environment)
        let outcome = try file.fetch(
            to: run.output, partial: "\(run.partial)/\(number)", had: had, settings
        ) { run.tell(bytes: $0, of: $1) }
        guard case .fetched(let state) = outcome else {
            run.tell(.log("\(name): unchanged"))
            return .unchanged
        }
        var validator = state.json
        let (digest, size) = try Digest.ofFile(run.output)
        if let wanted = source.digest {
            guard digest.hex == wanted else {
                try Files.remove(run.output)
                throw HTTPSource.OtherFile(name: name, digest: digest.hex)
            }
            validator["sha256"] = .string(wanted)
        }
        if number > 0 { validator["address"] = .integer(Int64(number)) }
        run.tell(.log("\(name): \(size) bytes"))
        return .fetched(validator: validator)
    }
}
