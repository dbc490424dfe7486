import CPlatform
import CanonicalJSON
import Glibc
import Platform

/// What a folder holds: no times, owners or modes but the executable bit.
public struct FolderManifest: Hashable, Sendable {
    public enum Content: Hashable, Sendable {
        case file(digest: Digest, size: Int64, isExecutable: Bool)
        /// A symlink that stays inside, with its target as written.
        case symlink(target: String)
        case emptyFolder
    }

    public struct Entry: Hashable, Sendable {
        /// Relative to the folder.
        public var path: String
        public var content: Content
    }

    /// Sorted by the bytes of their paths.
    public let entries: [Entry]

    /// Reads and hashes every file of a folder.
    ///
    /// - Throws: `StoreFinding` for a symlink that leads out and for a socket,
    ///   FIFO or device; `SystemError` for what cannot be read.
    public init(ofFolder folder: String) throws {
        let listing = try FolderListing(folder)
        let files = listing.entries.indices.filter { listing.entries[$0].status.kind == .file }
        var digests = [FileDigest?](repeating: nil, count: listing.entries.count)
        for (number, digest) in zip(files, try Digest.ofFiles(files, of: listing)) {
            digests[number] = digest
        }
        try self.init(listing, digests)
    }

    /// - Parameter digests: Of the files, in the order of the listing's entries.
    /// - Throws: As above.
    public init(_ listing: FolderListing, _ digests: [FileDigest?]) throws {
        entries = try zip(listing.entries, digests).compactMap { entry, file in
            if entry.status.kind == .directory, !entry.isEmptyFolder { return nil }
            let path = listing.path(of: entry)
            switch entry.status.kind {
            case .directory: return Entry(path: path, content: .emptyFolder)
            case .file:
                guard let file else { preconditionFailure("a file without a digest") }
                let isExecutable = entry.status.isExecutable
                return Entry(
                    path: path,
                    content: .file(digest: file.digest, size: file.size, isExecutable: isExecutable))
            case .symlink:
                let place = listing.place(of: entry)
                let target = try Self.target(of: place)
                guard Self.staysInside(target, from: path) else {
                    throw StoreFinding.escapingSymlink(path: place, target: target)
                }
                return Entry(path: path, content: .symlink(target: target))
            case .other: throw StoreFinding.notStorable(path: listing.place(of: entry))
            }
        }
    }

    /// Canonical JSON; its digest is the folder's.
    public var bytes: [UInt8] {
        var json = JSONWriter(reserving: 160 * entries.count + 2)
        json.beginArray()
        for entry in entries {
            json.beginObject()
            switch entry.content {
            case .file(let digest, let size, let isExecutable):
                json.key(literal: "digest")
                json.string(unescaped: digest.appendHex)
                json.key(literal: "kind")
                json.string(isExecutable ? "executable" : "file")
                json.key(literal: "path")
                json.string(entry.path)
                json.key(literal: "size")
                json.integer(size)
            case .symlink(let target):
                json.key(literal: "kind")
                json.string("symlink")
                json.key(literal: "path")
                json.string(entry.path)
                json.key(literal: "target")
                json.string(target)
            case .emptyFolder:
                json.key(literal: "kind")
                json.string("folder")
                json.key(literal: "path")
                json.string(entry.path)
            }
            json.endObject()
        }
        json.endArray()
        return json.bytes
    }

    public var digest: Digest { Digest.of(bytes) }

    /// Bytes of all files.
    public var size: Int64 {
        entries.reduce(0) { sum, entry in
            if case .file(_, let size, _) = entry.content { sum + size } else { sum }
        }
    }

    /// - Returns: Nil for anything but what `bytes` gives, and for paths that
    ///   lead out of the folder.
    public init?(bytes: [UInt8]) {
        guard let elements = (try? JSONValue(parsing: bytes))?.array else { return nil }
        var entries: [Entry] = []
        for element in elements {
            guard let path = element["path"]?.string, Self.isInside(path), let kind = element["kind"]?.string
            else { return nil }
            switch kind {
            case "file", "executable":
                guard let digest = element["digest"]?.string.flatMap({ Digest(hex: $0) }),
                    let size = element["size"]?.integer
                else { return nil }
                let content = Content.file(digest: digest, size: size, isExecutable: kind == "executable")
                entries.append(Entry(path: path, content: content))
            case "symlink":
                guard let target = element["target"]?.string,
                    Self.staysInside(target, from: path)
                else { return nil }
                entries.append(Entry(path: path, content: .symlink(target: target)))
            case "folder": entries.append(Entry(path: path, content: .emptyFolder))
            default: return nil
            }
        }
        self.entries = entries
    }

    private static func isInside(_ path: String) -> Bool {
        !path.isEmpty && !path.hasPrefix("/")
            && path.split(separator: "/", omittingEmptySubsequences: false)
                .allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }

    private static func target(of path: String) throws(SystemError) -> String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { readlink(path, $0.baseAddress!, $0.count) }
        guard count >= 0 else { throw SystemError("read", path) }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// Judged by the text alone, so that it holds wherever the folder lies. A
    /// `..` behind a name is refused: that name may itself be a link, and then
    /// the text does not say where the `..` leads.
    private static func staysInside(_ target: String, from path: String) -> Bool {
        guard !target.utf8.starts(with: "/".utf8) else { return false }
        var depth = path.split(separator: "/").count - 1
        var isBehindName = false
        for part in target.split(separator: "/") where part != "." {
            if part != ".." {
                isBehindName = true
            } else if isBehindName || depth == 0 {
                return false
            } else {
                depth -= 1
            }
        }
        return true
    }
}
