import Platform

extension Image {
    /// Decodes a JPEG file by libjpeg-turbo, which is opened when it is first
    /// needed.
    ///
    /// Grey gives one channel, colour three; inks (CMYK) are taken as Adobe
    /// stores them, inverted, and give the product of each with black. Colour
    /// profiles change nothing. The picture is turned as its Exif orientation
    /// says. What is missing is damage, even where the library would fill it in;
    /// bytes too many between segments are not.
    /// - Parameter limit: Bytes of pixels, checked before any are allocated.
    /// - Throws: Each case of `ImageError`, whatever the bytes; never traps.
    /// - Complexity: O(pixels x scans + bytes), scans at most 500.
    public init(jpeg bytes: UnsafeRawBufferPointer, limit: Int = Image.defaultLimit) throws(ImageError) {
        let file = try JPEGHeader(bytes)
        let form: TurboJPEG.Pixels = file.components == 1 ? .grey : file.components == 3 ? .colour : .inks
        let area = file.width * file.height
        guard area <= limit / form.samples else {
            throw .tooLarge(
                width: file.header.width, height: file.header.height, channels: form.samples, limit: limit)
        }
        // A block of 64 samples takes a bit at least, but for arithmetic code.
        guard file.isArithmetic || area <= 512 * bytes.count else {
            throw .tooShort(.jpeg, width: file.width, height: file.height, bytes: bytes.count)
        }
        let library: TurboJPEG
        do throws(DynamicLibraryError) { library = try TurboJPEG.shared.get() } catch {
            throw .library(.jpeg, error)
        }
        var pixels = [UInt8](repeating: 0, count: area * form.samples)
        let complaint = pixels.withUnsafeMutableBytes { buffer in
            func decode(stopsAtWarning: Bool) -> TurboJPEG.Complaint? {
                library.decode(
                    bytes, width: file.width, height: file.height, as: form, into: buffer.baseAddress!,
                    stopsAtWarning: stopsAtWarning)
            }
            let first = decode(stopsAtWarning: true)
            guard let first, first.isWarning, first.isHarmless else { return first }
            // Only the last warning is told: the first is known to do no harm.
            let last = decode(stopsAtWarning: false)
            return last.flatMap { $0.isWarning && $0.isHarmless ? nil : $0 }
        }
        if let complaint {
            throw complaint.isCut
                ? .cut(.jpeg, bytes: bytes.count) : .damaged(.jpeg, complaint.words, at: nil)
        }
        if form == .inks { pixels = Self.colours(ofInks: pixels) }
        let stored = Image(
            width: file.width, height: file.height, channels: file.header.channels, pixels: pixels)
        self = stored.turned(from: file.header.orientation)
    }

    public init(jpeg bytes: [UInt8], limit: Int = Image.defaultLimit) throws(ImageError) {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(ImageError) in try Image(jpeg: buffer, limit: limit) }
        }
        self = try result.get()
    }

    /// Each of cyan, magenta and yellow with black, as light: v k / 255, rounded.
    private static func colours(ofInks inks: [UInt8]) -> [UInt8] {
        var colours: [UInt8] = []
        colours.reserveCapacity(inks.count / 4 * 3)
        for pixel in stride(from: 0, to: inks.count, by: 4) {
            let black = Int(inks[pixel + 3])
            for ink in 0..<3 { colours.append(UInt8((Int(inks[pixel + ink]) * black + 127) / 255)) }
        }
        return colours
    }
}

/// In libjpeg's words (jerror.h), which have stood for decades.
extension TurboJPEG.Complaint {
    fileprivate var isCut: Bool { isWarning && words.contains("remature end") }

    /// Bytes between segments, and marks of versions that nobody knows.
    fileprivate var isHarmless: Bool {
        words.contains("extraneous bytes") || !words.contains("Corrupt") && !isCut
    }
}
