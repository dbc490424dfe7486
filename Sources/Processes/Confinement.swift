import CPlatform
import Glibc

/// What a process sees less of than the one that asked for it.
public struct Confinement: Sendable, Hashable {
    /// A file or folder that appears, read-only, where another lies.
    public struct Bind: Sendable, Hashable {
        public var source: String
        /// An existing file, or folder for a folder.
        public var target: String

        public init(source: String, target: String) {
            self.source = source
            self.target = target
        }
    }

    /// A folder whose files cannot be read, where the system has Landlock;
    /// listing it and writing into it stay as they are.
    public var hiddenRoot: String?
    /// Files and folders below it that can be read all the same.
    public var readable: [String]
    public var binds: [Bind]

    public init(hiddenRoot: String? = nil, readable: [String] = [], binds: [Bind] = []) {
        self.hiddenRoot = hiddenRoot
        self.readable = readable
        self.binds = binds
    }

    /// Whether files can be bound below `folder`, found out by trying.
    public static func canBind(in folder: String) -> Bool {
        sluice_can_bind(folder, userMap, groupMap) != 0
    }

    /// Why files below `root` cannot be hidden; nil when they can be.
    public static func obstacle(hiding root: String) -> String? {
        do throws(ReadRules.Problem) {
            _ = try ReadRules(hiding: root, except: [])
            return nil
        } catch {
            return error.description
        }
    }

    /// In a user namespace a process keeps its ids.
    static var userMap: String { "\(geteuid()) \(geteuid()) 1" }
    static var groupMap: String { "\(getegid()) \(getegid()) 1" }

    /// Folders that programs are started from, of those below `root`: what a
    /// `PATH` names, and around a `bin` what its programs need, as in a virtual
    /// environment.
    ///
    /// - Parameter root: Absolute, without symlinks; never itself among them.
    public static func programFolders(_ path: String, below root: String) -> [String] {
        var found: [String] = []
        for folder in path.split(separator: ":") where folder.hasPrefix("/") {
            guard let resolved = realpath(String(folder), nil) else { continue }
            defer { free(resolved) }
            var folder = String(cString: resolved)
            guard folder.hasPrefix(root + "/"), let slash = folder.lastIndex(of: "/") else { continue }
            let above = folder[..<slash]
            let isAround = ["bin", "sbin", ".bin", "shims"].contains(folder[folder.index(after: slash)...])
            if isAround, above.utf8.count > root.utf8.count { folder = String(above) }
            if !found.contains(folder) { found.append(folder) }
        }
        return found
    }
}
