import CanonicalJSON

/// What a server says of the bytes behind an address, by which a later state of them is told from this one.
public struct ObjectState: Hashable, Sendable {
    /// As the server writes it, quotes and all.
    public var entityTag: String?
    /// As the server writes it.
    public var lastModified: String?
    /// Bytes of the whole.
    public var size: Int64?

    public init(entityTag: String? = nil, lastModified: String? = nil, size: Int64? = nil) {
        self.entityTag = entityTag
        self.lastModified = lastModified
        self.size = size
    }

    /// Of the whole that an answer is, or is a part of.
    init(_ head: HTTPHead) {
        self.init(
            entityTag: head.entityTag, lastModified: head.lastModified,
            size: head.contentRange.map(\.whole) ?? head.length)
    }

    /// An entity tag that promises equal bytes, which a weak one does not.
    var strongTag: String? { entityTag.flatMap { $0.hasPrefix("W/") ? nil : $0 } }

    /// What `If-Range` may name; nil where nothing promises that a rest belongs to a beginning.
    ///
    /// Source: RFC 9110, section 13.1.5.
    var rangeCondition: String? { entityTag == nil ? lastModified : strongTag }

    /// Whether two answers can be of the same bytes; what one of them does not say is not compared.
    func agrees(with other: ObjectState) -> Bool {
        func agree<T: Equatable>(_ a: T?, _ b: T?) -> Bool { a == nil || b == nil || a == b }
        let tags = (entityTag.map(Self.bareTag), other.entityTag.map(Self.bareTag))
        if !agree(tags.0, tags.1) || !agree(size, other.size) { return false }
        return tags.0 != nil && tags.1 != nil || agree(lastModified, other.lastModified)
    }

    /// An entity tag without its quotes: listings of some servers leave them out.
    static func bareTag(_ tag: String) -> String {
        tag.count > 1 && tag.hasPrefix("\"") && tag.hasSuffix("\"") ? String(tag.dropFirst().dropLast()) : tag
    }

    public var json: JSONValue {
        var members: [String: JSONValue] = [:]
        members["etag"] = entityTag.map(JSONValue.string)
        members["modified"] = lastModified.map(JSONValue.string)
        members["size"] = size.map(JSONValue.integer)
        return .object(members)
    }

    public init(json: JSONValue) {
        self.init(
            entityTag: json["etag"]?.string, lastModified: json["modified"]?.string,
            size: json["size"]?.integer)
    }
}
