import Crypto
import Glibc
import Platform

/// A stat cache as it lies on disk, used where it lies mapped.
///
/// Layout: magic, the first 8 bytes of SHA-256 of the rest, then for each
/// entry in the order of paths: path length, path, size, mtime, ctime, inode,
/// device (UInt64 LE each), 32 bytes digest.
final class StatCacheFile: Sendable {
    private let mapped: MappedFile
    /// Where each entry begins.
    private let starts: [Int]

    /// Version 1. A file of another version is read as empty, and replaced.
    private static let magic = Array("sluicst1".utf8)
    /// Of an entry, behind its path.
    private static let fixedSize = 5 * 8 + 32

    /// - Returns: Nil for a file that is missing or damaged.
    init?(_ path: String) throws(SystemError) {
        guard Files.exists(path) else { return nil }
        mapped = try MappedFile(path)
        let bytes = mapped.bytes
        guard bytes.count >= 16, bytes.starts(with: Self.magic),
            Digest.prefix(of: UnsafeRawBufferPointer(rebasing: bytes[16...])).elementsEqual(bytes[8..<16])
        else { return nil }
        // The checksum held, so lengths are as they were written.
        var starts: [Int] = []
        starts.reserveCapacity(bytes.count / 128)
        var position = 16
        while position < bytes.count {
            starts.append(position)
            position += 8 + Self.word(bytes, position) + Self.fixedSize
        }
        self.starts = starts
    }

    private static func word(_ bytes: UnsafeRawBufferPointer, _ position: Int) -> Int {
        Int(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)))
    }

    private func path(_ number: Int) -> UnsafeBufferPointer<UInt8> {
        let length = Self.word(mapped.bytes, starts[number])
        let start = starts[number] + 8
        return UnsafeRawBufferPointer(rebasing: mapped.bytes[start..<(start + length)])
            .assumingMemoryBound(to: UInt8.self)
    }

    private func entry(_ number: Int) -> StatCache.Entry {
        let path = path(number)
        var position = starts[number] + 8 + path.count
        let stamp = FileStamp {
            defer { position += 8 }
            return UInt64(bitPattern: Int64(Self.word(mapped.bytes, position)))
        }
        return StatCache.Entry(status: stamp, digest: Digest(in: mapped.bytes, at: position))
    }

    func entry(_ path: String) -> StatCache.Entry? {
        var path = path
        return path.withUTF8 { wanted in
            let number = first(notBefore: wanted)
            guard number < starts.count, self.path(number).elementsEqual(wanted) else { return nil }
            return entry(number)
        }
    }

    /// - Complexity: O(log entries).
    private func first(notBefore wanted: UnsafeBufferPointer<UInt8>) -> Int {
        var (low, high) = (0, starts.count)
        while low < high {
            let middle = (low + high) / 2
            if path(middle).precedes(wanted) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: In order

    /// Finds entries below a folder, asked for in the order of their paths.
    struct Cursor {
        fileprivate let file: StatCacheFile
        fileprivate let prefix: [UInt8]
        fileprivate var number: Int

        /// - Parameter path: Behind those asked for before.
        mutating func entry(_ path: UnsafeBufferPointer<UInt8>) -> StatCache.Entry? {
            while number < file.starts.count {
                let here = file.path(number)
                guard here.starts(with: prefix) else { return nil }
                let rest = UnsafeBufferPointer(rebasing: here[prefix.count...])
                if rest.precedes(path) {
                    number += 1
                } else {
                    return rest.elementsEqual(path) ? file.entry(number) : nil
                }
            }
            return nil
        }
    }

    func cursor(below folder: String) -> Cursor {
        let prefix = Array(folder.utf8) + [UInt8(ascii: "/")]
        return Cursor(file: self, prefix: prefix, number: prefix.withUnsafeBufferPointer(first(notBefore:)))
    }

    // MARK: Writing

    static func write(
        to path: String, _ file: StatCacheFile?, _ changes: [String: StatCache.Entry?]
    ) throws(SystemError) {
        var body: [UInt8] = []
        body.reserveCapacity((file?.mapped.bytes.count ?? 0) + 128 * changes.count)
        var number = 0
        let count = file?.starts.count ?? 0
        /// Entries as they are, up to one whose path may have changed.
        func copy(_ file: StatCacheFile, before end: Int) {
            guard number < end else { return }
            let stop = end < count ? file.starts[end] : file.mapped.bytes.count
            body.append(contentsOf: file.mapped.bytes[file.starts[number]..<stop])
            number = end
        }
        for (name, entry) in changes.sorted(by: { $0.key.precedes($1.key) }) {
            var name = name
            name.withUTF8 { name in
                if let file {
                    let place = file.first(notBefore: name)
                    copy(file, before: place)
                    if place < count, file.path(place).elementsEqual(name) { number = place + 1 }
                }
                guard let entry else { return }
                append(UInt64(name.count), to: &body)
                body += name
                for word in entry.status.words { append(word, to: &body) }
                body += entry.digest.bytes
            }
        }
        if let file { copy(file, before: count) }
        let sum = body.withUnsafeBytes { Digest.prefix(of: $0) }
        try Files.replace(path, with: magic + sum + body)
    }

    private static func append(_ word: UInt64, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: word.littleEndian) { bytes += $0 }
    }
}
