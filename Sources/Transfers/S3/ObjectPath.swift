/// Where an object's file lies below the folder that all of them go to. A key is any text, and must not lead elsewhere.
public enum ObjectPath {
    /// Why a key cannot be the path of a file.
    public enum Problem: Hashable, Sendable, CustomStringConvertible {
        case emptyPart, parentPart, nul, longPart, long
        /// Another object is a folder on the way to it.
        case below(String)

        public var description: String {
            switch self {
            case .emptyPart: "a part of its path is empty"
            case .parentPart: "a part of its path is '.' or '..'"
            case .nul: "it has a NUL character"
            case .longPart: "a part of its path has more than \(longestPart) bytes"
            case .long: "it has more than \(longest) bytes"
            case .below(let key): "the object '\(S3Error.printable(key))' would be a folder and a file"
            }
        }
    }

    /// As Linux's file systems have it.
    static let longestPart = 255
    /// As S3 has it.
    static let longest = 1024

    /// - Parameters:
    ///   - key: Begins with `base`.
    ///   - base: Empty, or ends in `/`.
    /// - Returns: Nil for the mark of a folder, an object without bytes whose key ends in `/`.
    public static func path(of key: String, below base: String, size: Int64) throws(S3Error) -> String? {
        let path = key.utf8.dropFirst(base.utf8.count)
        if path.isEmpty || path.last == UInt8(ascii: "/"), size == 0 { return nil }
        func problem(_ problem: Problem) -> S3Error { .badKey(key, problem) }
        if path.count > longest { throw problem(.long) }
        if path.contains(0) { throw problem(.nul) }
        for part in path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            if part.isEmpty { throw problem(.emptyPart) }
            if part.elementsEqual(".".utf8) || part.elementsEqual("..".utf8) { throw problem(.parentPart) }
            if part.count > longestPart { throw problem(.longPart) }
        }
        return String(decoding: Array(path), as: UTF8.self)
    }

    /// Refuses an object whose path goes through another object.
    ///
    /// - Complexity: O(bytes of all paths).
    static func checkFolders(_ objects: [S3Object]) throws(S3Error) {
        let files = Dictionary(objects.map { (Array($0.path.utf8), $0.key) }) { first, _ in first }
        for object in objects {
            let path = Array(object.path.utf8)
            for place in path.indices where path[place] == UInt8(ascii: "/") {
                if let key = files[Array(path[..<place])] { throw .badKey(object.key, .below(key)) }
            }
        }
    }
}
