import CPlatform
import Glibc

/// A log that keeps the first and the last 4 MiB of what is written to it.
///
/// The first part goes straight to the file, so that a running stage can be
/// followed; the last is a ring in a memory file, which keeps the keeper small
/// however many stages are loud.
struct BoundedLog {
    static let share: Int64 = 4 << 20

    private let path: String
    /// -1 until there is something to write: most stages say nothing, and a
    /// file that nobody needs costs more than the rest of a start.
    private var descriptor: Int32 = -1
    private var ring: Int32 = -1
    private var mask: SecretMask
    /// Bytes of masked output so far, and how many of them the file has.
    private var total: Int64 = 0
    private var filed: Int64 = 0
    private var ends: UInt8 = 0x0a
    private var hasFailed = false

    /// Nil, with `errno` set, when the file could not be made. A file that lies
    /// there is emptied; a device, such as /dev/null, is left as it is.
    init?(path: String, secrets: [String]) {
        guard truncate(path, 0) == 0 || errno == ENOENT || errno == EINVAL else { return nil }
        let slash = path.lastIndex(of: "/")
        guard access(slash.map { String(path[...$0]) } ?? ".", W_OK | X_OK) == 0 else { return nil }
        self.path = path
        mask = SecretMask(secrets)
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if mask.isIdle { return keep(bytes) }
        mask.mask(bytes).withUnsafeBytes { keep($0) }
    }

    private mutating func keep(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        if total < Self.share {
            let head = rest.prefix(Int(min(Self.share - total, Int64(rest.count))))
            file(UnsafeRawBufferPointer(rebasing: head))
            total += Int64(head.count)
            rest = rest.dropFirst(head.count)
        }
        if !rest.isEmpty, ring < 0 { ring = sluice_memory_file("sluice-log") }
        while !rest.isEmpty {
            let place = (total - Self.share) % Self.share
            let part = rest.prefix(Int(min(Self.share - place, Int64(rest.count))))
            let written = pwrite(
                ring, UnsafeRawBufferPointer(rebasing: part).baseAddress!, part.count, Int(place))
            // Without a ring (no memory left) the tail counts as dropped.
            if written != part.count, ring >= 0 {
                close(ring)
                ring = -1
            }
            total += Int64(part.count)
            rest = rest.dropFirst(part.count)
        }
    }

    /// A full disk stops the log, never the stage.
    private mutating func file(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        if descriptor < 0, !rest.isEmpty, !hasFailed {
            descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            hasFailed = descriptor < 0
        }
        while !rest.isEmpty, !hasFailed {
            let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress!, rest.count)
            if count < 0 {
                if errno != EINTR { hasFailed = true }
                continue
            }
            filed += Int64(count)
            ends = rest[rest.startIndex + count - 1]
            rest = rest.dropFirst(count)
        }
    }

    /// Completes the file and closes it.
    /// - Returns: The bytes in the file, and those of the output it lacks.
    mutating func finish() -> (bytes: Int64, dropped: Int64) {
        mask.finish().withUnsafeBytes { keep($0) }
        let beyond = max(0, total - Self.share)
        let tail = ring >= 0 ? min(beyond, Self.share) : 0
        let dropped = beyond - tail
        var marked: Int64 = 0
        if dropped > 0 {
            var line = "[sluice: \(dropped) bytes of output left out here]\n"
            if ends != 0x0a { line = "\n" + line }
            let before = filed
            line.withUTF8 { file(UnsafeRawBufferPointer($0)) }
            marked = filed - before
        }
        if tail == Self.share { copyRing(from: beyond % Self.share, to: Self.share) }
        copyRing(from: 0, to: tail == Self.share ? beyond % Self.share : tail)
        if ring >= 0 { close(ring) }
        if descriptor >= 0 { close(descriptor) }
        return (filed, total - (filed - marked))
    }

    private mutating func copyRing(from start: Int64, to end: Int64) {
        withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
            var place = start
            while place < end {
                let count = pread(ring, buffer.baseAddress!, min(buffer.count, Int(end - place)), Int(place))
                guard count > 0 else { return }
                file(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                place += Int64(count)
            }
        }
    }
}
