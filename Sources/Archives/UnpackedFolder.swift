import Glibc
import Platform

/// A folder that an archive's files are put into, and nothing but files: no link is ever made, so nothing that is
/// written can lead out of it.
final class UnpackedFolder {
    /// Nil where nothing is kept, only read.
    private let folder: String?
    private let takes: (String) -> Bool
    /// Whether what is neither a file nor a folder is passed over.
    private let skips: Bool
    private(set) var files = 0
    private(set) var bytes = 0
    private(set) var skipped = 0
    /// The last one that was made, or looked at.
    private var lastFolder = ""
    private var file: File?

    private struct File {
        let path: String
        let name: String
        let descriptor: Int32
    }

    init(_ folder: String?, takes: @escaping (String) -> Bool, skips: Bool) {
        self.folder = folder
        self.takes = takes
        self.skips = skips
    }

    deinit { if let file { close(file.descriptor) } }

    func wants(_ path: String) -> Bool { takes(path) }

    func pass(_ name: String, kind: String) throws(ArchiveError) {
        guard skips else { throw .notAFile(name: name, kind: kind) }
        skipped += 1
    }

    /// Begins a file, to which everything is written until `end`.
    func begin(_ path: String) throws(ArchiveError) {
        files += 1
        guard let folder else { return }
        let parts = path.split(separator: "/")
        let parent = parts.dropLast().joined(separator: "/")
        let place = "\(folder)/\(path)"
        if parent != lastFolder {
            do throws(SystemError) { try Files.makeDirectories("\(folder)/\(parent)") } catch {
                throw Self.told(error, path)
            }
            lastFolder = parent
        }
        let descriptor = open(place, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode_t(0o644))
        guard descriptor >= 0 else { throw Self.told(SystemError("write", place), path) }
        file = File(path: place, name: path, descriptor: descriptor)
    }

    private static func told(_ error: SystemError, _ path: String) -> ArchiveError {
        [EEXIST, ENOTDIR, EISDIR].contains(error.errno) ? .twice(name: path) : .system(error)
    }

    func write(_ piece: UnsafeRawBufferPointer) throws(ArchiveError) {
        bytes += piece.count
        guard let file else { return }
        do throws(SystemError) { try Files.writeAll(piece, to: file.descriptor, path: file.path) } catch {
            throw .system(error)
        }
    }

    func end() throws(ArchiveError) {
        guard let file else { return }
        self.file = nil
        // Some file systems say only now that there is no more room.
        guard close(file.descriptor) == 0 else { throw .system(SystemError("write", file.path)) }
    }
}
