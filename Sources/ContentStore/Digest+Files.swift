import CPlatform
import Crypto
import Glibc
import Platform

/// What a file holds, and how many bytes that is.
public typealias FileDigest = (digest: Digest, size: Int64)

extension Digest {
    /// Bytes that are read at a time.
    private static let pieceSize = 1 << 20

    /// The digest and size of a file, read in pieces of 1 MiB. Of a large one the
    /// next piece is read by a thread of its own: SHA-256 is one long chain, so
    /// that nothing else should wait in it.
    public static func ofFile(_ path: String) throws(SystemError) -> FileDigest {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("read", path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemError("read", path) }
        // One byte more than a small file has, so that its end is seen at once.
        var buffer = [UInt8](repeating: 0, count: min(max(Int(status.st_size) + 1, 4096), pieceSize))
        guard status.st_size >= 1 << 23 else { return try ofFile(descriptor, path, &buffer) }

        let threads = WorkerPool(size: 2)
        var ahead = buffer
        var hasher = SHA256()
        var size: Int64 = 0
        var count = readPiece(descriptor, &buffer)
        while count > 0 {
            size += Int64(count)
            var next = 0
            threads.run(2) { share in
                if share == 0 {
                    hasher.update(buffer, count)
                } else {
                    next = readPiece(descriptor, &ahead)
                }
            }
            (buffer, ahead, count) = (ahead, buffer, next)
        }
        guard count == 0 else { throw SystemError("read", path, errno: Int32(-count)) }
        return (Digest(hasher.finalize()), size)
    }

    /// The same by one thread.
    ///
    /// - Parameters:
    ///   - path: For the error.
    ///   - buffer: Any bytes, at least one.
    private static func ofFile(
        _ descriptor: Int32, _ path: String, _ buffer: inout [UInt8]
    ) throws(SystemError) -> FileDigest {
        var hasher = SHA256()
        var size: Int64 = 0
        while true {
            let count = readPiece(descriptor, &buffer)
            guard count > 0 else {
                guard count == 0 else { throw SystemError("read", path, errno: Int32(-count)) }
                return (Digest(hasher.finalize()), size)
            }
            size += Int64(count)
            hasher.update(buffer, count)
        }
    }

    /// - Returns: How many bytes were read, 0 at the end; the error's number, negative.
    private static func readPiece(_ descriptor: Int32, _ buffer: inout [UInt8]) -> Int {
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { return -Int(errno) }
        }
    }

    // MARK: Many files
    /// Digests and sizes of some files of a folder, in the order asked for, read
    /// by as many threads as there are cores.
    ///
    /// - Parameter numbers: Of entries that are files.
    /// - Throws: `SystemError` for the first that cannot be read.
    static func ofFiles(_ numbers: [Int], of listing: FolderListing) throws(SystemError) -> [FileDigest] {
        guard numbers.count > 1 else {
            return try numbers.map { (number) throws(SystemError) in
                try ofFile(listing.place(of: listing.entries[number]))
            }
        }
        let folder = try OpenFolder(listing.folder)
        let shares = shares(numbers, of: listing)
        let found = UnsafeMutableBufferPointer<Result<FileDigest, SystemError>?>.allocate(
            capacity: numbers.count)
        found.initialize(repeating: nil)
        defer { found.deinitialize().deallocate() }
        WorkerPool(size: min(shares.count, Cores.available)).runEach(shares.count) { share in
            var buffer = [UInt8](repeating: 0, count: pieceSize)
            for place in shares[share] {
                let entry = listing.entries[numbers[place]]
                found[place] = Result { () throws(SystemError) in
                    let descriptor = try listing.withPath(of: entry) { (path) throws(SystemError) in
                        try path.withMemoryRebound(to: CChar.self) { (path) throws(SystemError) in
                            try folder.open(path.baseAddress!)
                        }
                    }
                    defer { close(descriptor) }
                    return try ofFile(descriptor, listing.place(of: entry), &buffer)
                }
            }
        }
        return try found.map { (result) throws(SystemError) in try result!.get() }
    }

    /// What one thread reads in one go, of places in `numbers`: enough to be
    /// worth it, and not so much that another waits for it in the end.
    private static func shares(_ numbers: [Int], of listing: FolderListing) -> [Range<Int>] {
        var shares: [Range<Int>] = []
        var (start, bytes) = (0, 0)
        for (place, number) in numbers.enumerated() {
            // A small file costs as much as a larger one: it is opened.
            bytes += Int(listing.entries[number].status.size) + 8192
            if bytes >= 1 << 21 {
                shares.append(start..<(place + 1))
                (start, bytes) = (place + 1, 0)
            }
        }
        if start < numbers.count { shares.append(start..<numbers.count) }
        return shares
    }
}

extension SHA256 {
    fileprivate mutating func update(_ buffer: [UInt8], _ count: Int) {
        buffer.withUnsafeBytes { update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
}
