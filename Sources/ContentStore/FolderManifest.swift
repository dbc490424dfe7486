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
    ///
    /// - Parameters:
    ///   - skips: Relative paths that do not count, folders with all below them.
    ///   - digest: Digest and size of a file, such as from a stat cache.
    public init(
        ofFolder folder: String, skips: (String) -> Bool = { _ in false },
        digest: (String) throws -> (digest: Digest, size: Int64) = { try Digest.ofFile($0) }
    ) throws {
        var entries: [Entry] = []
        try Self.collect(folder, below: "", into: &entries, skips: skips, digest: digest)
        self.entries = entries.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    /// Canonical JSON; its digest is the folder's.
    public var bytes: [UInt8] {
        JSONValue.array(
            entries.map { entry in
                switch entry.content {
                case .file(let digest, let size, let isExecutable):
                    [
                        "digest": .string(digest.hex), "kind": .string(isExecutable ? "executable" : "file"),
                        "path": .string(entry.path), "size": .integer(size),
                    ]
                case .symlink(let target):
                    ["kind": "symlink", "path": .string(entry.path), "target": .string(target)]
                case .emptyFolder: ["kind": "folder", "path": .string(entry.path)]
                }
            }
        ).canonicalBytes
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
                let prefix = path.split(separator: "/").dropLast().joined(separator: "/")
                guard let target = element["target"]?.string, Self.staysInside(target, from: prefix) else {
                    return nil
                }
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

    private static func collect(
        _ root: String, below prefix: String, into entries: inout [Entry], skips: (String) -> Bool,
        digest: (String) throws -> (digest: Digest, size: Int64)
    ) throws {
        let names = try Files.list(prefix.isEmpty ? root : root + "/" + prefix)
        if names.isEmpty, !prefix.isEmpty { entries.append(Entry(path: prefix, content: .emptyFolder)) }
        for name in names {
            let relative = prefix.isEmpty ? name : prefix + "/" + name
            if skips(relative) { continue }
            let path = root + "/" + relative
            guard let status = try Files.status(path, followLinks: false) else {
                throw SystemError("read", path, errno: ENOENT)
            }
            switch status.kind {
            case .directory:
                try collect(root, below: relative, into: &entries, skips: skips, digest: digest)
            case .file:
                let (digest, size) = try digest(path)
                let content = Content.file(digest: digest, size: size, isExecutable: status.isExecutable)
                entries.append(Entry(path: relative, content: content))
            case .symlink:
                let target = try target(of: path)
                guard staysInside(target, from: prefix) else {
                    throw StoreFinding.escapingSymlink(path: path, target: target)
                }
                entries.append(Entry(path: relative, content: .symlink(target: target)))
            case .other: throw StoreFinding.notStorable(path: path)
            }
        }
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
    private static func staysInside(_ target: String, from prefix: String) -> Bool {
        guard !target.utf8.starts(with: "/".utf8) else { return false }
        var depth = prefix.split(separator: "/").count
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
