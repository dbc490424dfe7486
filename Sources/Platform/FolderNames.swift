import Glibc

/// The names in a folder with what each is, by one listing and, on most file
/// systems, without a look at each.
public struct FolderNames: Sendable {
    /// Of the folder, from before it was listed.
    public let status: FileStatus
    /// Sorted by their bytes, without `.` and `..`.
    public let names: [(name: String, kind: FileStatus.Kind)]

    public init(_ path: String) throws(SystemError) {
        guard let directory = opendir(path) else { throw SystemError("list", path) }
        defer { closedir(directory) }
        var info = stat()
        guard fstat(dirfd(directory), &info) == 0 else { throw SystemError("look at", path) }
        status = FileStatus(info)
        var found: [(name: String, kind: FileStatus.Kind)] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(cString: $0.bindMemory(to: CChar.self).baseAddress!)
            }
            if name == "." || name == ".." { continue }
            switch Int32(entry.pointee.d_type) {
            case Int32(DT_REG): found.append((name, .file))
            case Int32(DT_DIR): found.append((name, .directory))
            case Int32(DT_LNK): found.append((name, .symlink))
            case Int32(DT_UNKNOWN):
                // Gone since it was listed, it is not there.
                guard let status = try Files.status(path + "/" + name, followLinks: false) else { continue }
                found.append((name, status.kind))
            default: found.append((name, .other))
            }
        }
        names = found.sorted { $0.name.precedes($1.name) }
    }
}
