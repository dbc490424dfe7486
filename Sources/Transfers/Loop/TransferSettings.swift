/// How servers are asked: patience, ways through, and whom to trust.
public struct TransferSettings: Sendable {
    /// Seconds until somebody must have accepted a connection.
    public var connectSeconds = 20.0
    /// Seconds without a byte after which a connection counts as dropped; whole ones.
    public var stallSeconds = 60
    public var retries = RetryRules()
    public var proxies = ProxyRules(environment: [:])
    /// A file of certificates in place of the system's.
    public var authorities: String?
    /// What a server is told and nothing may keep. Names of states are kept: a server that sends one of these back in
    /// such a name is not listened to.
    public var secrets: [String] = []

    public init() {}

    /// - Parameters:
    ///   - environment: `https_proxy` and the like; a file of certificates.
    ///   - authorities: Variables that name such a file, the first that is set holds.
    public init(environment: [String: String], authorities: [String]) {
        proxies = ProxyRules(environment: environment)
        self.authorities = authorities.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    }

    /// Whether a text that a server sent has something secret in it.
    func isEcho(_ text: String?) -> Bool {
        guard let text else { return false }
        return secrets.contains { $0.utf8.count >= Self.shortestSecret && text.contains($0) }
    }

    /// Shorter ones stand in many a text by chance.
    private static let shortestSecret = 4
}

/// Which proxy a request goes through, by the variables that curl knows.
///
/// Source: curl.se/docs/manpage.html, ENVIRONMENT. `HTTP_PROXY` is not among them: a web server sets it from a header.
public struct ProxyRules: Sendable {
    private let byScheme: [String: String]
    /// Hosts that are asked directly, in libcurl's own form.
    let except: String

    public init(environment: [String: String]) {
        func first(_ names: String...) -> String? {
            names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        let all = first("all_proxy", "ALL_PROXY")
        var byScheme: [String: String] = [:]
        byScheme["http"] = first("http_proxy") ?? all
        byScheme["https"] = first("https_proxy", "HTTPS_PROXY") ?? all
        self.byScheme = byScheme
        except = first("no_proxy", "NO_PROXY") ?? ""
    }

    /// The empty text where none is used, which also keeps libcurl from looking for one.
    func proxy(scheme: String) -> String { byScheme[scheme] ?? "" }
}
