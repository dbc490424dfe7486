/// A bucket and how it is reached.
///
/// Source: docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html.
public struct S3Bucket: Sendable {
    /// Where the bucket's name stands.
    public enum Addressing: String, Sendable {
        /// In the host at AWS, in the path elsewhere.
        case auto
        case path, virtual
    }

    public let name: String
    public let region: String
    /// The server, as messages call it.
    public let endpoint: String
    let credentials: AWSCredentials?
    /// Address of the bucket, without a slash at its end.
    private let root: String

    /// - Parameters:
    ///   - endpoint: Nil for AWS itself.
    ///   - region: Nil for `us-east-1`, which servers of other makers take for theirs.
    /// - Throws: `TransferError` for an endpoint, `S3Error` for a name or region that can be none.
    public init(
        _ name: String, endpoint: String?, region: String?, addressing: Addressing,
        credentials: AWSCredentials?
    ) throws {
        let region = region ?? "us-east-1"
        try Self.check(name: name, region: region, endpoint: endpoint)
        let suffix = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        let server = try WebAddress(endpoint ?? "https://s3.\(region).\(suffix)")
        var path = server.path
        while path.hasSuffix("/") { path.removeLast() }
        // A name with a point would be no name of the certificate.
        let isVirtual =
            addressing == .virtual || addressing == .auto && endpoint == nil && !name.contains(".")
        self.name = name
        self.region = region
        self.endpoint = "\(server.scheme)://\(server.authority)\(path)"
        self.credentials = credentials
        root =
            isVirtual
            ? "\(server.scheme)://\(name).\(server.authority)\(path)"
            : "\(server.scheme)://\(server.authority)\(path)/\(name)"
    }

    /// What can be told without asking anybody.
    ///
    /// - Throws: `TransferError` for an endpoint, `S3Error` for a name or region that can be none.
    public static func check(name: String, region: String?, endpoint: String?) throws {
        guard isName(name) else { throw S3Error.badBucket(name) }
        // It becomes part of a host, and of what is signed.
        if let region {
            guard !region.isEmpty, region.utf8.allSatisfy({ isAlphanumeric($0) || $0 == UInt8(ascii: "-") })
            else { throw S3Error.badRegion(region) }
        }
        if let endpoint {
            try WebAddress.check(endpoint)
            guard !endpoint.contains(where: { "?#".contains($0) }) else {
                throw TransferError.badAddress(WebAddress.shown(endpoint), reason: "an endpoint has no query")
            }
        }
    }

    /// - Parameter key: Nil for the bucket itself.
    func request(
        _ method: HTTPRequest.Method = .get, key: String? = nil, query: [(name: String, value: String)] = [],
        fields: [HTTPField] = []
    ) throws(TransferError) -> HTTPRequest {
        var text = root + "/"
        if let key { text += PercentEncoding.encode(key, keepsSlashes: true) }
        if !query.isEmpty { text += "?" + PercentEncoding.query(query) }
        var request = HTTPRequest(method, try WebAddress(text), fields: fields)
        if let credentials {
            if let token = credentials.token {
                request.fields.append(try HTTPField("x-amz-security-token", token, isSecret: true))
            }
            request.signature = AWSSignature(
                keyID: credentials.keyID, secret: credentials.secret, region: region)
        }
        return request
    }

    /// For messages.
    func shown(_ key: String?) -> String { "s3://\(name)" + (key.map { "/" + S3Error.printable($0) } ?? "") }

    /// Loosely: what cannot be mistaken for another part of an address. Old buckets have `_` and capitals.
    private static func isName(_ name: String) -> Bool {
        guard (3...255).contains(name.utf8.count), let first = name.utf8.first, let last = name.utf8.last
        else {
            return false
        }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && name.utf8.allSatisfy { isAlphanumeric($0) || [0x2D, 0x2E, 0x5F].contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
