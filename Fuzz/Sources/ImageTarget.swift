import Images

extension FuzzTarget {
    /// The PNG reader: an error that says something, or as many pixels as the
    /// size says, the same ones every time. Once with the bytes as they are and
    /// once with the chunks' checksums made right, which changed bytes never have.
    static let png = FuzzTarget(name: "png") { bytes in
        decode(bytes)
        decode(mended(bytes))
    }

    /// The JPEG reader: the same.
    static let jpeg = FuzzTarget(name: "jpeg") { decode($0) }

    private static func decode(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            do throws(ImageError) {
                let image = try Image(bytes, limit: 1 << 20)
                precondition(
                    image.pixels.count == image.width * image.height * image.channels, "a size is wrong")
                let again = try Image(bytes, limit: 1 << 20)
                precondition(again == image, "the same bytes give other pixels")
            } catch {
                precondition(!error.description.isEmpty, "an error says nothing")
            }
        }
    }

    private static func mended(_ file: [UInt8]) -> [UInt8] {
        var file = file
        var place = 8
        while place + 12 <= file.count {
            let length = file[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
            guard length <= file.count - place - 12 else { break }
            let end = place + 8 + length
            let sum = checksum(file[place + 4..<end])
            for index in 0..<4 { file[end + index] = UInt8(truncatingIfNeeded: sum >> (24 - 8 * index)) }
            place = end + 4
        }
        return file
    }

    /// CRC-32: PNG specification, third edition, Annex D.
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
    }

    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(byte) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
    }
}
