import CanonicalJSON
import Glibc
import Platform

/// A file that is being fetched, which outlives an attempt that broke off: its bytes so far, and beside them a note of what
/// the server said of the whole, without which nothing could tell whether a rest belongs to them.
final class PartialFile {
    let path: String
    private let notePath: String
    private var descriptor: Int32 = -1
    /// Bytes that are here.
    private(set) var count: Int64 = 0
    /// Bytes of the file, some of which may be of no use. It is cut only where they are: ext4 brings a file that was cut to
    /// nothing to the disk at once when it is closed.
    private var length: Int64
    /// What the bytes are the beginning of; nil when nothing is known, so that they cannot be gone on with.
    private(set) var state: ObjectState?

    /// Below this many bytes a whole is fetched again sooner than a note is written.
    static let worthNoting: Int64 = 1 << 20

    /// - Parameters:
    ///   - path: Its folder exists. What lies there from an earlier attempt is gone on with where there is a note.
    ///   - notePath: Likewise.
    init(_ path: String, notePath: String) throws(TransferError) {
        self.path = path
        self.notePath = notePath
        length = 0
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw .file("\(SystemError("write", path))") }
        length = Int64(lseek(descriptor, 0, SEEK_END))
        guard length > 0, let note = try? Files.read(notePath), let json = try? JSONValue(parsing: note)
        else {
            return
        }
        count = length
        state = ObjectState(json: json)
    }

    deinit { close() }

    /// Begins anew with the first byte of a whole.
    func begin(_ state: ObjectState) throws(TransferError) {
        unlink(notePath)
        try cut(to: 0)
        guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw .file("\(SystemError("write", path))") }
        count = 0
        self.state = state
        // Without a promise that a rest belongs to them, bytes that are here are worth nothing.
        guard state.rangeCondition != nil, state.size ?? .max >= Self.worthNoting else { return }
        do {
            try Files.write(state.json.canonicalBytes, to: notePath)
        } catch {
            throw .file("\(error)")
        }
    }

    /// Goes on at a byte of those that are here, or behind them.
    func resume(at place: Int64) throws(TransferError) {
        guard place <= count, lseek(descriptor, off_t(place), SEEK_SET) == place else {
            throw .file("\(SystemError("write", path))")
        }
        count = place
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(TransferError) {
        do {
            try Files.writeAll(bytes, to: descriptor, path: path)
        } catch {
            throw .file("\(error)")
        }
        count += Int64(bytes.count)
        length = max(length, count)
    }

    private func cut(to size: Int64) throws(TransferError) {
        guard length > size else { return }
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw .file("\(SystemError("write", path))") }
        length = size
    }

    /// It is complete: the note goes, and what lay behind the last byte.
    func finish() throws(TransferError) {
        try cut(to: count)
        unlink(notePath)
        close()
    }

    /// Nothing of it is worth keeping.
    func discard() {
        unlink(notePath)
        unlink(path)
        close()
    }

    private func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }
}
