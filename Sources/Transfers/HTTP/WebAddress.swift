import CCurl
import Platform

/// An http or https address as libcurl itself reads it, so that what is checked here is what is asked later.
///
/// Source: RFC 3986; curl.se/libcurl/c/curl_url_set.html.
public struct WebAddress: Hashable, Sendable {
    /// All of it, to send; without a fragment.
    public let text: String
    public let scheme: String
    /// An IPv6 number stands in brackets.
    public let host: String
    /// The scheme's own where none is written.
    public let port: Int
    public let path: String
    public let query: String?

    /// - Throws: `TransferError` for another scheme, for a user in the address, which would be a secret in a pipeline, or
    ///   for a text that is no address.
    public init(_ text: String) throws(TransferError) {
        try Self.check(text)
        let library = try CurlLibrary.get()
        guard let url = library.makeURL() else { throw .file("out of memory") }
        defer { library.freeURL(url) }
        func part(_ number: CInt, _ flags: CUnsignedInt = 0) -> String? {
            var value: UnsafeMutablePointer<CChar>?
            guard library.getURLPart(url, number, &value, flags) == 0, let value else { return nil }
            defer { library.free(value) }
            return String(cString: value)
        }
        // CURLU_URLENCODE, CURLU_PATH_AS_IS: other than ASCII is encoded, `..` is left.
        guard library.setURLPart(url, Part.url, text, 1 << 7 | 1 << 4) == 0 else {
            throw .badAddress(Self.shown(text), reason: "its parts cannot be told")
        }
        // It may find one where nothing else does.
        guard part(Part.user) == nil, part(Part.password) == nil else {
            throw .badAddress(
                Self.shown(text), reason: "a user or password stands in it, which would be kept in clear")
        }
        _ = library.setURLPart(url, Part.fragment, nil, 0)
        guard let scheme = part(Part.scheme), scheme == "http" || scheme == "https" else {
            throw .badAddress(Self.shown(text), reason: "only http and https are fetched")
        }
        // CURLU_DEFAULT_PORT.
        guard let host = part(Part.host), let port = part(Part.port, 1).flatMap({ Int($0) }),
            let whole = part(Part.url)
        else { throw .badAddress(Self.shown(text), reason: "its parts cannot be told") }
        self.text = whole
        self.scheme = scheme
        self.host = host
        self.port = port
        path = part(Part.path) ?? "/"
        query = part(Part.query)
    }

    /// What can be told of an address without libcurl, which a look at a pipeline need not open.
    public static func check(_ text: String) throws(TransferError) {
        func bad(_ reason: String) -> TransferError { .badAddress(shown(text), reason: reason) }
        guard !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
            throw bad("it has white space or control characters; a space is written %20")
        }
        guard let mark = text.firstRange(of: "://"),
            ["http", "https"].contains(text[..<mark.lowerBound].lowercased())
        else { throw bad("only http and https are fetched") }
        let authority = text[mark.upperBound...].prefix { !"/?#".contains($0) }
        guard !authority.contains("@") else {
            throw bad("a user or password stands in it, which would be kept in clear")
        }
        guard ServerAddress(url: text) != nil else { throw bad("its host or port cannot be told") }
    }

    /// CURLUPART_...
    private enum Part {
        static let url: CInt = 0
        static let scheme: CInt = 1
        static let user: CInt = 2
        static let password: CInt = 3
        static let host: CInt = 5
        static let port: CInt = 6
        static let path: CInt = 7
        static let query: CInt = 8
        static let fragment: CInt = 9
    }

    /// Host, and port where it is not the scheme's own.
    public var authority: String { port == (scheme == "https" ? 443 : 80) ? host : "\(host):\(port)" }

    /// For messages.
    public var shown: String { Self.shown(text) }

    /// Without what may be secret: a user, and a query, which signs some addresses.
    public static func shown(_ text: String) -> String {
        var shown =
            text.firstIndex(where: { $0 == "?" || $0 == "#" }).map { text[..<$0] + "?..." } ?? text[...]
        guard let colon = shown.firstRange(of: "://") else { return String(shown) }
        let end = shown[colon.upperBound...].firstIndex(of: "/") ?? shown.endIndex
        if let at = shown[colon.upperBound..<end].lastIndex(of: "@") {
            shown.replaceSubrange(colon.upperBound...at, with: "")
        }
        return String(shown)
    }

    /// Whether what is secret to one may be told the other: the same server, or the same over TLS at its usual port.
    func mayKnow(secretsOf other: WebAddress) -> Bool {
        guard host.lowercased() == other.host.lowercased() else { return false }
        if scheme == other.scheme { return port == other.port }
        return other.scheme == "http" && other.port == 80 && port == 443
    }
}
