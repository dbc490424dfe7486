import CPNG
import Platform

extension Image {
    /// Decodes a PNG file: a plain one at once (`PlainPNG`), all others by libpng, which is opened when it is first
    /// needed; the pixels are the same.
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
        if let plain = PlainPNG(bytes), let pixels = plain.pixels(limit: limit) {
            self = Image(width: plain.width, height: plain.height, channels: plain.channels, pixels: pixels)
        } else {
            self = try Image(libpng: bytes, limit: limit)
        }
    }

    /// By libpng in any case.
    init(libpng bytes: UnsafeRawBufferPointer, limit: Int) throws(ImageError) {
        self = try PNGReading.reading(bytes) { file throws(ImageError) in
            // Each is below 2^31, so these are exact.
            let area = file.header.width * file.header.height
            let channels = file.header.channels
            // No limit lets the products below overflow.
            guard area <= min(limit, 1 << 48) / channels else {
                throw .tooLarge(
                    width: file.header.width, height: file.header.height, channels: channels, limit: limit)
            }
            // Deflate makes at most 258 bytes of two bits, so a file this short
            // cannot hold as many pixels as it says; a few bytes get no memory.
            guard area * file.bitsPerPixel / 8 <= 1032 * bytes.count else {
                throw .tooShort(
                    .png, width: file.header.width, height: file.header.height, bytes: bytes.count)
            }
            return Image(
                width: file.header.width, height: file.header.height, channels: channels,
                pixels: try file.pixels())
        }
    }

    public init(png bytes: [UInt8], limit: Int = Image.defaultLimit) throws(ImageError) {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(ImageError) in try Image(png: buffer, limit: limit) }
        }
        self = try result.get()
    }
}

/// A file that libpng has open, read up to its pixels.
private struct PNGReading {
    private var file: sluice_png

    /// Opens a file for as long as `body` runs.
    static func reading<Result>(
        _ bytes: UnsafeRawBufferPointer, _ body: (inout PNGReading) throws(ImageError) -> Result
    ) throws(ImageError) -> Result {
        guard bytes.starts(with: ImageFormat.png.signature) else {
            throw .signature(.png, bytes: bytes.count)
        }
        let library: PNGLibrary
        do throws(DynamicLibraryError) { library = try PNGLibrary.shared.get() } catch {
            throw .library(.png, error)
        }
        var reading = PNGReading(file: sluice_png())
        reading.file.functions = UnsafePointer(library.functions.pointers)
        reading.file.bytes = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        reading.file.count = bytes.count
        defer { sluice_png_close(&reading.file) }
        guard sluice_png_open(&reading.file) == 1 else { throw reading.fault }
        return try body(&reading)
    }

    var header: ImageHeader {
        ImageHeader(
            format: .png, width: Int(file.width), height: Int(file.height), channels: Int(file.channels))
    }

    /// Of the file, before samples become bytes.
    var bitsPerPixel: Int { Int(file.bits_per_pixel) }

    /// Once only.
    mutating func pixels() throws(ImageError) -> [UInt8] {
        var pixels = [UInt8](repeating: 0, count: Int(file.width) * Int(file.height) * Int(file.channels))
        let isRead = pixels.withUnsafeMutableBufferPointer { sluice_png_read(&file, $0.baseAddress!) }
        guard isRead == 1 else { throw fault }
        return pixels
    }

    private var fault: ImageError {
        if file.is_cut != 0 { return .cut(.png, bytes: file.count) }
        let words = withUnsafeBytes(of: file.problem) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        return .damaged(.png, words, at: file.position)
    }
}
