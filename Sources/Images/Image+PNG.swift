import CPNG

extension Image {
    /// 256 MiB of pixels.
    public static let defaultLimit = 1 << 28

    /// Decodes a PNG file.
    ///
    /// Samples are as stored: of fewer than 8 bits stretched to 0...255, of 16
    /// bits rounded to 8 (v / 257), palettes looked up; gamma and colour profiles
    /// change nothing. Grey gives one channel, colour three, and four whatever
    /// has opacity (a channel of it, or a tRNS chunk). An index beyond the
    /// palette is black. All checksums must hold up to IEND; what follows that
    /// is not looked at.
    /// - Parameter limit: Bytes of pixels, checked before any are allocated.
    /// - Throws: Each case of `ImageError`, whatever the bytes; never traps.
    /// - Complexity: O(pixels + bytes)
    public init(png bytes: UnsafeRawBufferPointer, limit: Int = Image.defaultLimit) throws(ImageError) {
        guard bytes.starts(with: Self.signature) else { throw .signature(bytes: bytes.count) }
        let header = try Self.read(bytes, into: nil)
        let (width, height, channels) = (Int(header.width), Int(header.height), Int(header.channels))
        // Each is below 2^31, so these are exact.
        let area = width * height
        guard area <= limit / channels else {
            throw .tooLarge(width: width, height: height, channels: channels, limit: limit)
        }
        // Deflate makes at most 258 bytes of two bits, so a file this short
        // cannot hold as many pixels as it says; a few bytes get no memory.
        guard area * Int(header.bits_per_pixel) / 8 <= 1032 * bytes.count else {
            throw .tooShort(width: width, height: height, bytes: bytes.count)
        }
        var pixels = [UInt8](repeating: 0, count: area * channels)
        var fault: ImageError?
        pixels.withUnsafeMutableBufferPointer { buffer in
            do throws(ImageError) { _ = try Self.read(bytes, into: buffer.baseAddress) } catch {
                fault = error
            }
        }
        if let fault { throw fault }
        self.init(width: width, height: height, channels: channels, pixels: pixels)
    }

    public init(png bytes: [UInt8], limit: Int = Image.defaultLimit) throws(ImageError) {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(ImageError) in try Image(png: buffer, limit: limit) }
        }
        self = try result.get()
    }

    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// The header, and the pixels where there is memory for them.
    private static func read(
        _ bytes: UnsafeRawBufferPointer, into pixels: UnsafeMutablePointer<UInt8>?
    ) throws(ImageError) -> sluice_png {
        var file = sluice_png()
        file.bytes = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        file.count = bytes.count
        if sluice_png_read(&file, pixels) == 1 { return file }
        if file.is_cut != 0 { throw .cut(bytes: bytes.count) }
        throw .damaged(
            withUnsafeBytes(of: &file.problem) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) },
            at: file.position)
    }
}
