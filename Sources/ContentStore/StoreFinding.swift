import Diagnostics

/// What can be wrong with the files that the store is given or hands out.
public enum StoreFinding: Error, Finding, Hashable {
    case escapingSymlink(path: String, target: String)
    case notStorable(path: String)
    case damagedBlob(digest: String)

    public var message: String {
        switch self {
        case .escapingSymlink(let path, let target):
            "the symlink '\(path)' leads out of its folder, to '\(target)'"
        case .notStorable(let path): "'\(path)' is neither a file, a folder nor a symlink"
        case .damagedBlob(let digest): "the blob \(digest) is damaged or missing"
        }
    }

    public var fix: String? {
        switch self {
        case .escapingSymlink: "put the file itself in its place"
        case .notStorable: "remove it"
        case .damagedBlob: "run again: what gave it makes it anew"
        }
    }

    /// The same with a path as it is called inside a folder.
    public func below(_ folder: String) -> StoreFinding {
        func inside(_ path: String) -> String {
            path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.count + 1)) : path
        }
        return switch self {
        case .escapingSymlink(let path, let target): .escapingSymlink(path: inside(path), target: target)
        case .notStorable(let path): .notStorable(path: inside(path))
        case .damagedBlob: self
        }
    }
}
