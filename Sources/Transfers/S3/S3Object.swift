import CanonicalJSON

/// An object as a list tells of it.
public struct S3Object: Hashable, Sendable {
    public let key: String
    /// Of its file, below the folder that all go to.
    public let path: String
    public let size: Int64
    /// The entity tag, quotes and all; nil where the server gives none.
    public let entityTag: String?
    /// When it was written, as an HTTP date; only where there is no entity tag.
    public let lastModified: String?

    /// Two keys that look the same need not be: S3 knows bytes and Swift characters.
    var keyBytes: [UInt8] { Array(key.utf8) }
    var state: ObjectState { ObjectState(entityTag: entityTag, lastModified: lastModified, size: size) }

    public static func == (a: S3Object, b: S3Object) -> Bool {
        a.key.utf8.elementsEqual(b.key.utf8) && a.state == b.state
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(keyBytes) }
}

/// What is written down of objects that lie here, so that those that have not changed need not come again.
enum ObjectIndex {
    /// A line of JSON; an index holds them sorted by key.
    ///
    /// - Parameter notes: Further members.
    static func line(_ object: S3Object, _ notes: [String: JSONValue] = [:]) -> [UInt8] {
        var members = object.state.json.object ?? [:]
        members["key"] = .string(object.key)
        members["path"] = .string(object.path)
        members.merge(notes) { $1 }
        return JSONValue.object(members).canonicalBytes + [0x0A]
    }

    /// A line that is none, such as one that was cut short, is passed over: its object comes again.
    static func read(_ bytes: [UInt8]) -> [(object: S3Object, notes: JSONValue)] {
        bytes.split(separator: 0x0A).compactMap { line in
            guard let value = try? JSONValue(parsing: Array(line)), let key = value["key"]?.string,
                let path = value["path"]?.string, let size = value["size"]?.integer
            else { return nil }
            let object = S3Object(
                key: key, path: path, size: size, entityTag: value["etag"]?.string,
                lastModified: value["modified"]?.string)
            return (object, value)
        }
    }
}
