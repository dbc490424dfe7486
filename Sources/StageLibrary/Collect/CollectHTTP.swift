import CanonicalJSON
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
            The file is fetched with GET and kept as it was sent; `collect.csv` and the other kinds that read files take it by `in:`. The server's entity tag,
            or the time it says the file was changed, is pinned in the lock: while it is the same nothing is fetched.

            Passing failures (429, 500, 502, 503, 504, a dropped or stalled connection, a body that is cut short) are tried again up to five times, at
            growing distances or when the server says. A fetch goes on where it broke off if the file is still the same. Redirects are followed, never from
            https to http. Proxies are taken from https_proxy, http_proxy, all_proxy and no_proxy, certificates of an authority of your own from SSL_CERT_FILE.

            A header's value may come from the environment, and then is in no log and never sent to another host.
            """,
        example: """
            rates:
              uses: collect.http
              with:
                url: https://example.org/rates.csv
                headers: { Authorization: { env: RATES_AUTHORIZATION } }
                refresh: 12h
            """,
        inputs: [],
        outputs: [OutputPort("file", .file, "The file as it was sent.")],
        parameters: [
            Parameter("url", .text, .required, isFetched: true, "Address of the file: http or https."),
            Parameter(
                "headers",
                .map(
                    .either([
                        .text,
                        .record([
                            Parameter("env", .text, .required, "Name of the variable that holds the value.")
                        ]),
                    ])), .optional, isFetched: true,
                "Fields to send: texts, or variables of the environment."),
        ],
        fetch: Fetch(
            snapshot: .file, secrets: { headers($0).compactMap { $0.value["env"]?.string } }, run: fetch),
        run: { run in
            guard let snapshot = run.input(Fetch.port) else { preconditionFailure("nothing was fetched") }
            do throws(TransferError) {
                try FilePlacement.place(snapshot.path, at: run.output("file"))
            } catch {
                throw StageError(fault: error)
            }
        })

    /// Sorted by name.
    private static func headers(_ parameters: JSONValue) -> [(key: String, value: JSONValue)] {
        (parameters["headers"]?.object ?? [:]).sorted { $0.key < $1.key }
    }

    private static func fetch(_ run: FetchRun) throws -> FetchResult {
        try run.asking {
            let address = try WebAddress(run.parameters["url"]?.string ?? "")
            let fields = try headers(run.parameters).map { name, value in
                guard let variable = value["env"]?.string else {
                    return try HTTPField(name, value.string ?? "")
                }
                guard let secret = run.environment[variable], !secret.isEmpty else {
                    throw StageError(
                        "the header '\(name)' is to be what \(variable) holds, which is not set",
                        fix: "set \(variable) where sluice runs")
                }
                return try HTTPField(name, secret, isSecret: true)
            }
            let outcome = try HTTPFile(address, fields: fields).fetch(
                to: run.output, partial: run.partial,
                had: run.previous.map { ObjectState(json: $0.validator) },
                TransferSettings(environment: run.environment, authorities: ["SSL_CERT_FILE"])
            ) { run.tell(bytes: $0, of: $1) }
            switch outcome {
            case .unchanged: return .unchanged
            case .fetched(let state): return .fetched(validator: state.json)
            }
        }
    }
}
