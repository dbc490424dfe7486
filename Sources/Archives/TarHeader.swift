/// What stands before each thing of a tar file, 512 bytes.
///
/// Source: IEEE 1003.1, pax, "ustar Interchange Format"; what GNU tar does besides: its manual, "Basic Tar Format".
struct TarHeader {
    static let size = 512

    enum Kind: Equatable {
        case file, folder
        case link(String)
        /// The next name, or more about what comes next, in a file of its own.
        case longName, longLink, extended
        /// Means nothing for what is unpacked.
        case passed
        /// A form that is not read.
        case unread(String)
    }

    var name: [UInt8]
    let kind: Kind
    /// Of the bytes behind the header.
    var count: Int

    /// - Returns: Nil for a block of zeros, which ends the archive.
    /// - Throws: `damaged`.
    init?(_ block: [UInt8], number: Int) throws(ArchiveError) {
        if block.allSatisfy({ $0 == 0 }) { return nil }
        func damaged(_ how: String) -> ArchiveError { .damaged("header \(number)", how) }
        guard let sum = Self.number(block[148..<156]), Self.sums(block).contains(sum) else {
            throw damaged("its checksum is wrong")
        }
        func text(_ range: Range<Int>) -> [UInt8] { Array(block[range].prefix { $0 != 0 }) }
        let isPosix = block[257..<263].elementsEqual(Array("ustar\0".utf8))
        let prefix = isPosix ? text(345..<500) : []
        name = (prefix.isEmpty ? [] : prefix + [UInt8(ascii: "/")]) + text(0..<100)
        let endsInSlash = name.last == UInt8(ascii: "/")
        switch block[156] {
        // Before there was a type for them, folders had a name that ended so.
        case 0 where endsInSlash, UInt8(ascii: "0") where endsInSlash: kind = .folder
        case 0, UInt8(ascii: "0"), UInt8(ascii: "7"): kind = .file
        case UInt8(ascii: "1"), UInt8(ascii: "2"): kind = .link("a link")
        case UInt8(ascii: "3"), UInt8(ascii: "4"): kind = .link("a device")
        case UInt8(ascii: "6"): kind = .link("a pipe")
        case UInt8(ascii: "5"): kind = .folder
        case UInt8(ascii: "x"): kind = .extended
        case UInt8(ascii: "L"): kind = .longName
        case UInt8(ascii: "K"): kind = .longLink
        case UInt8(ascii: "g"), UInt8(ascii: "V"): kind = .passed
        case UInt8(ascii: "S"): kind = .unread("has gaps (a sparse file)")
        case UInt8(ascii: "M"): kind = .unread("goes on from another volume")
        case let other: kind = .unread("is of type \(other)")
        }
        guard let count = Self.number(block[124..<136]), count >= 0 else {
            throw damaged("its size is no number")
        }
        self.count = count
    }

    /// Octal digits between blanks, or where the first bit is set the number itself, which GNU tar writes when it has
    /// more digits. Nothing is 0.
    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        let first = field[field.startIndex]
        if first & 0x80 != 0 {
            guard first == 0x80 else { return nil }
            var value = 0
            for byte in field.dropFirst() {
                guard value <= Int.max >> 8 else { return nil }
                value = value << 8 | Int(byte)
            }
            return value
        }
        let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0x20 && $0 != 0 }
        var value = 0
        for digit in digits {
            guard 0x30...0x37 ~= digit else { return nil }
            value = value << 3 | Int(digit - 0x30)
        }
        return value
    }

    /// Of all bytes, those of the checksum as blanks; some programs take bytes as signed.
    private static func sums(_ block: [UInt8]) -> [Int] {
        var (plain, signed) = (0, 0)
        for (place, byte) in block.enumerated() {
            let byte = 148..<156 ~= place ? 0x20 : byte
            plain += Int(byte)
            signed += Int(Int8(bitPattern: byte))
        }
        return [plain, signed]
    }
}
