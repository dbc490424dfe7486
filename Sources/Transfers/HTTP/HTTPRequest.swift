/// What is asked of a server.
public struct HTTPRequest: Sendable {
    public enum Method: Sendable { case get, head }

    public var method: Method
    public var address: WebAddress
    public var fields: [HTTPField]
    public var signature: AWSSignature?

    public init(
        _ method: Method = .get, _ address: WebAddress, fields: [HTTPField] = [],
        signature: AWSSignature? = nil
    ) {
        self.method = method
        self.address = address
        self.fields = fields
        self.signature = signature
    }
}

/// One header field of a request.
public struct HTTPField: Hashable, Sendable {
    public let name: String
    public let value: String
    /// Whether no other server than the one it was meant for may see it.
    public let isSecret: Bool

    /// - Throws: `TransferError.badHeader` for a name or value that would not be one field. The value is not in it.
    public init(_ name: String, _ value: String, isSecret: Bool = false) throws(TransferError) {
        guard Self.isToken(name) else {
            throw .badHeader(name, reason: "a name has letters, digits, and - only")
        }
        guard !value.isEmpty else { throw .badHeader(name, reason: "its value is empty") }
        // RFC 9110, section 5.5: a line break would begin another field.
        guard !value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else {
            throw .badHeader(name, reason: "its value has line breaks or other control characters")
        }
        self.name = name
        self.value = value
        self.isSecret = isSecret
    }

    /// One of this program's own, which cannot be wrong.
    init(own name: String, _ value: String) {
        self.name = name
        self.value = value
        isSecret = false
    }

    /// RFC 9110, section 5.6.2.
    public static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch UInt8(byte) {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}

/// Signs a request so that the server knows who sends it; libcurl does the work.
///
/// Source: Signature Version 4, docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html.
public struct AWSSignature: Sendable {
    public var keyID: String
    public var secret: String
    public var region: String
    /// The `x-amz-security-token` of keys that expire is a field of the request, signed with the others.
    public init(keyID: String, secret: String, region: String) {
        self.keyID = keyID
        self.secret = secret
        self.region = region
    }
}
