import CPlatform
import Glibc

/// A file written piece by piece beside its place and put there by rename, so
/// that a reader sees the old bytes or all the new ones. Dropped before
/// `finish`, it leaves nothing behind.
public struct FileReplacement: ~Copyable {
    private let path: String
    private let descriptor: Int32
    private var isFinished = false
    /// What has been written and is not in the file yet: small pieces go together.
    private let held: UnsafeMutableRawBufferPointer
    private var heldCount = 0
    /// Bytes written so far.
    public private(set) var count = 0
    /// Where the bytes lie until `finish`; those that are held back apart.
    public let temporary: String

    /// Few system calls, and what is made for them is still in the cache of one core.
    private static let holds = 1 << 17

    /// - Parameter draft: Tells several files apart that are written for one path at once.
    public init(_ path: String, draft: Int = 0) throws(SystemError) {
        self.path = path
        temporary = "\(path).tmp-\(getpid())" + (draft == 0 ? "" : "-\(draft)")
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_t(0o644))
        held = .allocate(byteCount: Self.holds, alignment: 64)
        guard descriptor >= 0 else { throw SystemError("write", path) }
    }

    public mutating func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        count += bytes.count
        if heldCount + bytes.count > Self.holds { try flush() }
        guard bytes.count <= Self.holds else {
            return try Files.writeAll(bytes, to: descriptor, path: path)
        }
        UnsafeMutableRawBufferPointer(rebasing: held[heldCount...]).copyMemory(from: bytes)
        heldCount += bytes.count
    }

    /// Writes values that are made as they are needed, some at a time, where they are still in the cache when the
    /// system takes them.
    ///
    /// - Parameter make: Makes the values of these places, counted from 0; called for one range after the other.
    public mutating func write<Value: BitwiseCopyable>(
        _ values: Int, _ make: (_ places: Range<Int>, _ made: UnsafeMutablePointer<Value>) -> Void
    ) throws(SystemError) {
        let size = MemoryLayout<Value>.stride
        var place = 0
        while place < values {
            if heldCount % size != 0 || heldCount + min(values - place, 1024) * size > Self.holds {
                try flush()
            }
            let end = min(values, place + (Self.holds - heldCount) / size)
            let room = UnsafeMutableRawBufferPointer(rebasing: held[heldCount...])
            make(place..<end, room.bindMemory(to: Value.self).baseAddress!)
            heldCount += (end - place) * size
            count += (end - place) * size
            place = end
        }
    }

    public mutating func write(_ bytes: [UInt8]) throws(SystemError) {
        try bytes.withUnsafeBufferPointer { bytes throws(SystemError) in
            try write(UnsafeRawBufferPointer(bytes))
        }
    }

    /// Puts all bytes so far into the file.
    public mutating func flush() throws(SystemError) {
        guard heldCount > 0 else { return }
        try Files.writeAll(UnsafeRawBufferPointer(rebasing: held[..<heldCount]), to: descriptor, path: path)
        heldCount = 0
    }

    /// Writes over bytes that were written before.
    ///
    /// - Precondition: There are as many from that offset on.
    public mutating func overwrite(_ bytes: [UInt8], at offset: Int) throws(SystemError) {
        precondition(
            offset >= 0 && bytes.count <= count - offset, "\(bytes.count) bytes at \(offset) of \(count)")
        try flush()
        var written = 0
        while written < bytes.count {
            let result = bytes.withUnsafeBytes { bytes in
                pwrite(
                    descriptor, bytes.baseAddress! + written, bytes.count - written, off_t(offset + written))
            }
            if result < 0 {
                if errno == EINTR { continue }
                throw SystemError("write", path)
            }
            written += result
        }
    }

    public mutating func finish() throws(SystemError) {
        try flush()
        try Files.rename(temporary, to: path)
        isFinished = true
    }

    deinit {
        held.deallocate()
        if descriptor >= 0 { close(descriptor) }
        if !isFinished { unlink(temporary) }
    }
}
