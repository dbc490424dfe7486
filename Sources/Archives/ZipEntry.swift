/// A file of a ZIP file, as the list at its end tells of it.
///
/// Source: PKWARE, "APPNOTE.TXT - .ZIP File Format Specification", 6.3.10, sections 4.3.12 (the list), 4.5.3 (ZIP64).
struct ZipEntry {
    static let signature: UInt32 = 0x0201_4B50
    private static let size = 46

    let name: [UInt8]
    let method: UInt16
    let checksum: UInt32
    let packed: Int
    let unpacked: Int
    /// Of the header in front of its bytes.
    let offset: Int
    let isEncrypted: Bool
    /// Nil for a file or a folder.
    let kind: String?

    let isFolder: Bool
    /// As text, for messages.
    var shown: String { String(decoding: name, as: UTF8.self) }

    /// Reads one, and goes behind it.
    ///
    /// - Throws: `damaged`.
    init(_ bytes: UnsafeRawBufferPointer, at place: inout Int, end: Int, number: Int) throws(ArchiveError) {
        func damaged(_ how: String) -> ArchiveError { .damaged("entry \(number) of the list", how) }
        guard end - place >= Self.size, bytes.number(place, as: UInt32.self) == Self.signature else {
            throw damaged("it is not where it should be")
        }
        let lengths = [28, 30, 32].map { Int(bytes.number(place + $0, as: UInt16.self)) }
        let start = place + Self.size
        guard end - start >= lengths.reduce(0, +) else { throw damaged("it is cut") }
        var name = Array(bytes[start..<start + lengths[0]])
        let madeBy = bytes[place + 5]
        // Some programs of Windows separate folders as Windows does, where no other name may have the character.
        if madeBy != 3, madeBy != 19, !name.contains(UInt8(ascii: "/")) {
            name = name.map { $0 == UInt8(ascii: "\\") ? UInt8(ascii: "/") : $0 }
        }
        self.name = name
        isEncrypted = bytes.number(place + 8, as: UInt16.self) & 1 != 0
        method = bytes.number(place + 10, as: UInt16.self)
        checksum = bytes.number(place + 16, as: UInt32.self)
        // The upper half of what is said for a system of Unix, or for macOS, is what stat says.
        let isUnix = madeBy == 3 || madeBy == 19
        let form = isUnix ? bytes.number(place + 38, as: UInt32.self) >> 16 & 0xF000 : 0
        isFolder = name.last == UInt8(ascii: "/") || form == 0x4000
        switch form {
        case 0, 0x8000, 0x4000: kind = nil
        case 0xA000: kind = "a link"
        case 0x1000, 0xC000: kind = "a pipe"
        default: kind = "a device"
        }
        var numbers = [24, 20, 42].map { UInt64(bytes.number(place + $0, as: UInt32.self)) }
        let extra = UnsafeRawBufferPointer(
            rebasing: bytes[start + lengths[0]..<start + lengths[0] + lengths[1]])
        guard Self.widen(&numbers, extra), numbers.allSatisfy({ $0 <= UInt64(Int.max) / 2 }) else {
            throw damaged("its sizes are no numbers")
        }
        (unpacked, packed, offset) = (Int(numbers[0]), Int(numbers[1]), Int(numbers[2]))
        place = start + lengths.reduce(0, +)
    }

    /// Numbers that are too large for 32 bits stand among the extras, in this order.
    private static func widen(_ numbers: inout [UInt64], _ extra: UnsafeRawBufferPointer) -> Bool {
        guard numbers.contains(0xFFFF_FFFF) else { return true }
        var place = 0
        while extra.count - place >= 4 {
            let (tag, count) = (
                extra.number(place, as: UInt16.self), Int(extra.number(place + 2, as: UInt16.self))
            )
            place += 4
            guard count <= extra.count - place else { return false }
            if tag == 1 {
                var at = place
                for index in numbers.indices where numbers[index] == 0xFFFF_FFFF {
                    guard place + count - at >= 8 else { return false }
                    numbers[index] = extra.number(at, as: UInt64.self)
                    at += 8
                }
                return true
            }
            place += count
        }
        // They are that large by chance.
        return true
    }
}

extension UnsafeRawBufferPointer {
    /// A number in little-endian order.
    ///
    /// - Precondition: Its bytes are there.
    func number<Number: FixedWidthInteger & BitwiseCopyable>(_ place: Int, as: Number.Type) -> Number {
        precondition(
            place >= 0 && count - place >= MemoryLayout<Number>.size, "a number at \(place) of \(count)")
        return Number(littleEndian: loadUnaligned(fromByteOffset: place, as: Number.self))
    }
}
