import Synchronization

/// A bucket in memory behind a `FaultServer`, whose objects a test changes while they are fetched. It checks no signature:
/// real servers do, in `S3ServerTests`.
public final class FakeBucket: Sendable {
    private struct Object: Sendable {
        var bytes: [UInt8]
        var tag: String
    }

    private let objects = Mutex<[String: Object]>([:])
    /// Objects a page of a list has.
    private let pageSize: Int
    /// What is done in place of the usual answer.
    private let fault: Mutex<@Sendable (FakeBucket, FaultServer.Request, Int) -> FaultServer.Reply?>

    public init(
        pageSize: Int = 1000, _ objects: [String: String] = [:],
        fault: @escaping @Sendable (FakeBucket, FaultServer.Request, Int) -> FaultServer.Reply? = { _, _, _ in
            nil
        }
    ) {
        self.pageSize = pageSize
        self.fault = Mutex(fault)
        for (key, text) in objects { put(key, Array(text.utf8)) }
    }

    public func put(_ key: String, _ bytes: [UInt8], tag: String? = nil) {
        objects.withLock {
            let number = bytes.reduce(bytes.count) { ($0 &* 31 &+ Int($1)) & 0xFFFF_FFFF }
            $0[key] = Object(bytes: bytes, tag: tag ?? "\"\(String(number, radix: 16))\"")
        }
    }

    public func remove(_ key: String) { objects.withLock { $0[key] = nil } }

    public func serve() throws -> FaultServer {
        try FaultServer { request, number in
            self.fault.withLock { $0 }(self, request, number) ?? self.answer(request)
        }
    }

    public func answer(_ request: FaultServer.Request) -> FaultServer.Reply {
        let parts = request.path.dropFirst().split(
            separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.first == "bucket" else { return .error(404, "NoSuchBucket") }
        let key =
            parts.count > 1 ? Percent.decoded(parts[1]) : ""
        if key.isEmpty { return list(request) }
        guard let object = objects.withLock({ $0[key] }) else { return .error(404, "NoSuchKey") }
        return .file(object.bytes, tag: object.tag, request)
    }

    private func list(_ request: FaultServer.Request) -> FaultServer.Reply {
        let query = request.query
        let prefix = query["prefix"] ?? ""
        let all = objects.withLock { $0 }.filter { $0.key.utf8.starts(with: prefix.utf8) }
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        let start = query["continuation-token"].flatMap { Int($0) } ?? 0
        let page = all.dropFirst(start).prefix(pageSize)
        let next = start + page.count
        return .list(
            page.map { ($0.key, $0.value.bytes.count, $0.value.tag) },
            next: next < all.count ? "\(next)" : nil)
    }
}

extension FaultServer.Request {
    /// Names and values, decoded.
    public var query: [String: String] {
        guard let mark = target.firstIndex(of: "?") else { return [:] }
        let pairs = target[target.index(after: mark)...].split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                Percent.decoded($0.replacing("+", with: " "))
            }
            return (parts[0], parts.count > 1 ? parts[1] : "")
        }
        return Dictionary(pairs) { first, _ in first }
    }
}

extension FaultServer.Reply {
    public static func error(
        _ status: Int, _ code: String, _ more: String = "", _ fields: [String: String] = [:]
    ) -> Self {
        answer(
            status,
            "<?xml version=\"1.0\"?>\n<Error><Code>\(code)</Code><Message>Words.</Message>\(more)</Error>",
            fields)
    }

    public static func list(_ objects: [(key: String, size: Int, tag: String)], next: String?) -> Self {
        let contents = objects.map { object in
            "<Contents><Key>\(Percent.encoded(object.key))</Key><Size>\(object.size)</Size>"
                + "<ETag>\(object.tag.replacing("\"", with: "&quot;"))</ETag>"
                + "<LastModified>2020-01-01T00:00:00.000Z</LastModified></Contents>"
        }.joined()
        let token = next.map { "<NextContinuationToken>\($0)</NextContinuationToken>" } ?? ""
        return answer(
            200,
            "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><IsTruncated>\(next != nil)</IsTruncated>"
                + "<EncodingType>url</EncodingType>\(token)\(contents)</ListBucketResult>")
    }
}

/// Text in URLs (RFC 3986, section 2.1); not by the functions that are tested with it.
private enum Percent {
    static func decoded(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"),
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// All bytes but letters and digits.
    static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let character = Character(Unicode.Scalar(byte))
            if byte < 0x80, character.isLetter || character.isNumber { return String(character) }
            return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}
