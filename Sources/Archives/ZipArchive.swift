import Platform

/// A ZIP file: its files lie one after the other, and a list at the end says where.
///
/// Source: PKWARE, "APPNOTE.TXT - .ZIP File Format Specification", 6.3.10, section 4.3.
struct ZipArchive {
    private static let local: UInt32 = 0x0403_4B50
    private static let end: UInt32 = 0x0605_4B50
    private static let wideEnd: UInt32 = 0x0606_4B50
    private static let wideLocator: UInt32 = 0x0706_4B50
    private static let endSize = 22

    private let bytes: UnsafeRawBufferPointer

    /// - Parameter bytes: They outlive the archive.
    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// A file, or the end of one without files.
    static func begins(_ head: [UInt8]) -> Bool {
        head.starts(with: [0x50, 0x4B, 3, 4]) || head.starts(with: [0x50, 0x4B, 5, 6])
    }

    /// - Parameter progress: Is told how many bytes have been read.
    func unpack(into folder: UnpackedFolder, _ progress: (Int) -> Void = { _ in }) throws {
        let entries = try entries()
        let parts = try entries.map { try part($0) }
        try refuseOverlaps(parts, entries)
        for (entry, part) in zip(entries, parts) {
            progress(part.lowerBound)
            let path = try EntryPath(entry.name)
            if path.parts.isEmpty, !entry.isFolder {
                throw ArchiveError.badName(name: entry.shown, why: "it is empty")
            }
            if entry.isFolder || !folder.wants(path) { continue }
            if let kind = entry.kind {
                try folder.pass(entry.shown, kind: kind)
                continue
            }
            try folder.check(entry.unpacked)
            try folder.begin(path)
            try unpack(entry, UnsafeRawBufferPointer(rebasing: bytes[part]), into: folder)
            try folder.end()
        }
    }

    private func unpack(
        _ entry: ZipEntry, _ packed: UnsafeRawBufferPointer, into folder: UnpackedFolder
    ) throws {
        func damaged(_ how: String) -> ArchiveError {
            .damaged("'\(ArchiveError.shortened(entry.shown))'", how)
        }
        if entry.isEncrypted { throw ArchiveError.unread(name: entry.shown, what: "is encrypted") }
        var checksum = try Deflate.Checksum()
        var count = 0
        func take(_ piece: UnsafeRawBufferPointer) throws {
            count += piece.count
            guard count <= entry.unpacked else {
                throw damaged("it has more than the \(entry.unpacked) bytes it announces")
            }
            checksum.take(piece)
            try folder.write(piece)
        }
        switch entry.method {
        case 0: try take(packed)
        case 8: if try !Deflate.unpack(bare: packed, take) { throw damaged("its packed bytes are damaged") }
        case let other: throw ArchiveError.unread(name: entry.shown, what: "is packed by method \(other)")
        }
        guard count == entry.unpacked else {
            throw damaged("it has \(count) bytes and announces \(entry.unpacked)")
        }
        guard checksum.value == entry.checksum else { throw damaged("its checksum is wrong") }
    }

    // MARK: Where files lie

    /// The bytes of a file, packed as they are.
    private func part(_ entry: ZipEntry) throws(ArchiveError) -> Range<Int> {
        let header = 30
        guard bytes.count - header >= entry.offset, bytes.number(entry.offset, as: UInt32.self) == Self.local
        else { throw .damaged("'\(ArchiveError.shortened(entry.shown))'", "it is not where the list says") }
        let start =
            entry.offset + header + Int(bytes.number(entry.offset + 26, as: UInt16.self))
            + Int(bytes.number(entry.offset + 28, as: UInt16.self))
        guard start <= bytes.count, bytes.count - start >= entry.packed else { throw .cut }
        return start..<start + entry.packed
    }

    /// Files that share their packed bytes unfold without end (Fifield, "A better zip bomb", WOOT 2019).
    private func refuseOverlaps(_ parts: [Range<Int>], _ entries: [ZipEntry]) throws(ArchiveError) {
        let order = parts.indices.filter { !parts[$0].isEmpty }
            .sorted { parts[$0].lowerBound < parts[$1].lowerBound }
        for (before, after) in zip(order, order.dropFirst())
        where parts[before].upperBound > entries[after].offset {
            throw .damaged(
                "'\(ArchiveError.shortened(entries[after].shown))'",
                "its bytes are also those of '\(ArchiveError.shortened(entries[before].shown))'")
        }
    }

    // MARK: The list

    private func entries() throws(ArchiveError) -> [ZipEntry] {
        let list = try list()
        var place = list.range.lowerBound
        var entries: [ZipEntry] = []
        while entries.count < list.count {
            entries.append(
                try ZipEntry(bytes, at: &place, end: list.range.upperBound, number: entries.count + 1))
        }
        // Writers that know no ZIP64 count no further than 65,535 and begin anew.
        while list.range.upperBound - place >= 4, bytes.number(place, as: UInt32.self) == ZipEntry.signature {
            entries.append(
                try ZipEntry(bytes, at: &place, end: list.range.upperBound, number: entries.count + 1))
        }
        guard place == list.range.upperBound || Self.isSignature(bytes, place) else {
            throw .damaged("the list of files", "it says there are \(list.count), and more follows")
        }
        return entries
    }

    /// Of the list itself, which nobody checks.
    private static func isSignature(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> Bool {
        bytes.count - place >= 4 && bytes.number(place, as: UInt32.self) == 0x0505_4B50
    }

    /// Where the list lies, and of how many files it is.
    private func list() throws(ArchiveError) -> (range: Range<Int>, count: Int) {
        guard let end = endOfFiles else { throw .cut }
        var (count, size, offset) = (
            UInt64(bytes.number(end + 10, as: UInt16.self)), UInt64(bytes.number(end + 12, as: UInt32.self)),
            UInt64(bytes.number(end + 16, as: UInt32.self))
        )
        guard bytes.number(end + 4, as: UInt16.self) == 0 || count == 0xFFFF else {
            throw .unread(name: "it", what: "is one of several parts")
        }
        if count == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF, let wide = wideEnd(before: end) {
            count = bytes.number(wide + 32, as: UInt64.self)
            size = bytes.number(wide + 40, as: UInt64.self)
            offset = bytes.number(wide + 48, as: UInt64.self)
        }
        guard offset <= UInt64(end), size <= UInt64(end) - offset else {
            throw .damaged("the list of files", "it lies outside the file")
        }
        // Each takes 46 bytes at least.
        guard count <= size / 46 else {
            throw .damaged("the list of files", "it is too short for \(count) files")
        }
        return (Int(offset)..<Int(offset + size), Int(count))
    }

    /// The last record, behind which there may be a comment of up to 65,535 bytes.
    private var endOfFiles: Int? {
        var place = bytes.count - Self.endSize
        let first = max(0, place - 0xFFFF)
        while place >= first {
            if bytes.number(place, as: UInt32.self) == Self.end,
                Int(bytes.number(place + 20, as: UInt16.self)) == bytes.count - place - Self.endSize
            {
                return place
            }
            place -= 1
        }
        return nil
    }

    private func wideEnd(before end: Int) -> Int? {
        guard end >= 20, bytes.number(end - 20, as: UInt32.self) == Self.wideLocator else { return nil }
        let place = bytes.number(end - 12, as: UInt64.self)
        guard place <= UInt64(end), end - Int(place) >= 56,
            bytes.number(Int(place), as: UInt32.self) == Self.wideEnd
        else { return nil }
        return Int(place)
    }
}
