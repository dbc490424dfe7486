import Platform

/// A tar file as it is read, from its start to its end mark.
struct TarArchive {
    /// Of a name or of what is said of a file in a file of its own.
    private static let longestNote = 1 << 20

    private let stream: any ByteStream
    private var headers = 0
    private var piece = [UInt8](repeating: 0, count: 1 << 17)

    init(_ stream: any ByteStream) { self.stream = stream }

    /// - Parameters:
    ///   - foreign: What the file is if it is no tar file.
    ///   - progress: Is called for each thing and each piece.
    mutating func unpack(
        into folder: UnpackedFolder, foreign: String? = nil, _ progress: () -> Void = {}
    ) throws {
        var next = Notes()
        while let header = try header(foreign) {
            progress()
            switch header.kind {
            case .longName: next.name = try note(header).prefix { $0 != 0 }.map { $0 }
            case .longLink, .passed: try read(header.count) { _ in }
            case .extended: try next.take(note(header), number: headers)
            case .file, .folder, .link, .unread:
                try unpack(header, next, into: folder, progress)
                next = Notes()
            }
        }
        try end(foreign, progress)
    }

    /// Behind the end mark there are zeros, of which some programs write many. What else is there would be lost: the
    /// header before it was overwritten, or two archives were put together. Where the file is packed its checksum stands
    /// behind them.
    private mutating func end(_ foreign: String?, _ progress: () -> Void) throws {
        while true {
            let isEmpty = try piece.withUnsafeMutableBytes { piece in
                let count = try stream.read(into: piece)
                guard count > 0 else { return true }
                guard piece[..<count].allSatisfy({ $0 == 0 }) else {
                    throw headers == 1
                        ? ArchiveError.noArchive(form: foreign)
                        : ArchiveError.damaged("header \(headers)", "it is empty, and more follows")
                }
                return false
            }
            if isEmpty { return }
            progress()
        }
    }

    private mutating func unpack(
        _ header: TarHeader, _ notes: Notes, into folder: UnpackedFolder, _ progress: () -> Void
    ) throws {
        let name = notes.name ?? header.name
        let count = notes.size ?? header.count
        let path = try EntryPath(name)
        let shown = String(decoding: name, as: UTF8.self)
        switch header.kind {
        case .file:
            if path.parts.isEmpty { throw ArchiveError.badName(name: shown, why: "it is empty") }
            guard folder.wants(path) else { return try read(count) { _ in progress() } }
            try folder.begin(path)
            try read(count) {
                try folder.write($0)
                progress()
            }
            try folder.end()
        case .link(let kind):
            // What it says of a size is that of the file it leads to: nothing follows.
            if !path.parts.isEmpty, folder.wants(path) { try folder.pass(shown, kind: kind) }
        case .unread(let what):
            throw ArchiveError.unread(name: shown, what: what)
        case .folder, .longName, .longLink, .extended, .passed: try read(count) { _ in }
        }
    }

    /// - Returns: Nil at the end.
    private mutating func header(_ foreign: String?) throws -> TarHeader? {
        var block = [UInt8](repeating: 0, count: TarHeader.size)
        let count = try block.withUnsafeMutableBytes { try stream.fill($0) }
        headers += 1
        do throws(ArchiveError) {
            guard count == block.count else {
                throw headers == 1 ? ArchiveError.noArchive(form: foreign) : .cut
            }
            return try TarHeader(block, number: headers)
        } catch {
            // A first block that is no header is that of another file.
            if headers == 1, case .damaged = error { throw ArchiveError.noArchive(form: foreign) }
            throw error
        }
    }

    private mutating func note(_ header: TarHeader) throws -> [UInt8] {
        guard header.count <= Self.longestNote else {
            throw ArchiveError.damaged("header \(headers)", "a name of \(header.count) bytes")
        }
        var bytes: [UInt8] = []
        try read(header.count) { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// Reads so many bytes, and what fills their last block.
    private mutating func read(_ count: Int, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        var left = count
        while left > 0 {
            let wanted = min(left, piece.count)
            try piece.withUnsafeMutableBytes { piece in
                let room = UnsafeMutableRawBufferPointer(rebasing: piece[..<wanted])
                guard try stream.fill(room) == wanted else { throw ArchiveError.cut }
                try take(UnsafeRawBufferPointer(room))
            }
            left -= wanted
        }
        let padding = (TarHeader.size - count % TarHeader.size) % TarHeader.size
        guard padding > 0 else { return }
        try piece.withUnsafeMutableBytes { piece in
            guard try stream.fill(UnsafeMutableRawBufferPointer(rebasing: piece[..<padding])) == padding
            else {
                throw ArchiveError.cut
            }
        }
    }

    /// What was said of the next file in files of their own.
    private struct Notes {
        var name: [UInt8]?
        var size: Int?

        /// Records of pax: "LENGTH KEY=VALUE\n", the length that of the whole record.
        mutating func take(_ bytes: [UInt8], number: Int) throws(ArchiveError) {
            var rest = bytes[...]
            while let first = rest.first, first != 0 {
                let digits = rest.prefix { $0 != 0x20 }
                guard let length = Int(String(decoding: digits, as: UTF8.self)), length > digits.count + 1,
                    length <= rest.count, rest[rest.startIndex + length - 1] == 0x0A
                else { throw .damaged("header \(number)", "a record of it has no end") }
                let record = rest.dropFirst(digits.count + 1).prefix(length - digits.count - 2)
                let key = record.prefix { $0 != UInt8(ascii: "=") }
                let value = Array(record.dropFirst(key.count + 1))
                switch String(decoding: key, as: UTF8.self) {
                case "path": name = value
                case "size":
                    guard let size = Int(String(decoding: value, as: UTF8.self)), size >= 0 else {
                        throw .damaged("header \(number)", "a size that is no number")
                    }
                    self.size = size
                case let key where key.hasPrefix("GNU.sparse."):
                    throw .unread(
                        name: String(decoding: name ?? [], as: UTF8.self), what: "has gaps (a sparse file)")
                default: break
                }
                rest = rest.dropFirst(length)
            }
        }
    }
}
