import Glibc
import Platform

/// Files put where they belong without their bytes being written again, where the file system can.
public enum FilePlacement {
    /// Gives a file a second place: a hard link; where there can be none, a copy, which shares blocks where that can be.
    public static func place(_ from: String, at path: String) throws(TransferError) {
        if link(from, path) == 0 { return }
        try copy(from, to: path)
    }

    /// Gives all files below a folder a second place below another, which is made.
    public static func placeFolder(_ from: String, at path: String) throws(TransferError) {
        try makeFolder(path)
        let names: [String]
        do {
            // A snapshot of no objects has no folder for them.
            names = Files.exists(from) ? try Files.list(from) : []
        } catch {
            throw .file("\(error)")
        }
        for name in names {
            let (source, target) = ("\(from)/\(name)", "\(path)/\(name)")
            let status = (try? Files.status(source, followLinks: false)) ?? nil
            if status?.kind == .directory {
                try placeFolder(source, at: target)
            } else {
                try place(source, at: target)
            }
        }
    }

    static func move(_ from: String, to path: String) throws(TransferError) {
        if rename(from, path) == 0 { return }
        guard errno == EXDEV else { throw .file("\(SystemError("put in place", path))") }
        try copy(from, to: path)
        unlink(from)
    }

    static func makeFolder(_ path: String) throws(TransferError) {
        do {
            try Files.makeDirectories(path)
        } catch {
            throw .file("\(error)")
        }
    }

    private static func copy(_ from: String, to path: String) throws(TransferError) {
        do {
            try Files.copy(from, to: path)
        } catch {
            throw .file("\(error)")
        }
    }
}
