import Glibc
import Platform

/// A folder that an archive's files are put into, and nothing but files: no link is ever made, so nothing that is
/// written can lead out of it.
final class UnpackedFolder {
    /// What a file or a folder takes of the disk besides its bytes.
    private static let block = 4096

    /// Nil where nothing is kept, only read.
    private let folder: String?
    private let takes: (String) -> Bool
    /// Whether what is neither a file nor a folder is passed over.
    private let skips: Bool
    /// Of the disk; a small archive that takes very much is no honest one.
    private let limit: Int
    private(set) var files = 0
    private(set) var bytes = 0
    private(set) var skipped = 0
    private var folders = 0
    /// Of the file before, all of which are there.
    private var lastFolders: ArraySlice<String> = []
    private var file: File?

    private struct File {
        let path: String
        let descriptor: Int32
    }

    /// - Parameter size: Bytes of the archive.
    init(_ folder: String?, takes: @escaping (String) -> Bool, skips: Bool, size: Int) {
        self.folder = folder
        self.takes = takes
        self.skips = skips
        limit = Packing.mostUnfolded(from: size)
    }

    deinit { if let file { close(file.descriptor) } }

    func wants(_ path: EntryPath) -> Bool { takes(path.text) }

    func pass(_ name: String, kind: String) throws(ArchiveError) {
        guard skips else { throw .notAFile(name: name, kind: kind) }
        skipped += 1
    }

    /// Begins a file, to which everything is written until `end`.
    func begin(_ path: EntryPath) throws(ArchiveError) {
        files += 1
        try makeFolders(path.parts.dropLast(), of: path)
        try check(0)
        guard let folder else { return }
        let place = "\(folder)/\(path.text)"
        let descriptor = open(place, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode_t(0o644))
        guard descriptor >= 0 else { throw Self.told(SystemError("write", place), path) }
        file = File(path: place, descriptor: descriptor)
    }

    private func makeFolders(_ parts: ArraySlice<String>, of path: EntryPath) throws(ArchiveError) {
        let common = zip(parts, lastFolders).prefix { $0.0.utf8.elementsEqual($0.1.utf8) }.count
        lastFolders = parts
        guard let folder, common < parts.count else { return }
        var place = ([folder] + parts.prefix(common)).joined(separator: "/")
        for part in parts.dropFirst(common) {
            place += "/" + part
            if mkdir(place, mode_t(0o755)) == 0 {
                folders += 1
                try check(0)
                continue
            }
            let error = SystemError("make the folder", place)
            var info = stat()
            guard error.errno == EEXIST, lstat(place, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else {
                throw Self.told(error, path)
            }
        }
    }

    /// That so many bytes more are not too many.
    func check(_ more: Int) throws(ArchiveError) {
        let taken = bytes + (files + folders) * Self.block
        if more > limit - taken { throw .tooLarge(limit: limit) }
    }

    private static func told(_ error: SystemError, _ path: EntryPath) -> ArchiveError {
        [EEXIST, ENOTDIR, EISDIR].contains(error.errno) ? .twice(name: path.text) : .system(error)
    }

    func write(_ piece: UnsafeRawBufferPointer) throws(ArchiveError) {
        try check(piece.count)
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
