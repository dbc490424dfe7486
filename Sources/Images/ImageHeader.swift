/// What an image file says of itself in front of its pixels.
struct ImageHeader: Sendable, Hashable {
    let format: ImageFormat
    /// Of the picture as people see it, which is the file's turned as its
    /// orientation says.
    let width: Int
    let height: Int
    /// Of the decoded picture: see `Image`.
    let channels: Int
    /// How the stored rows lie: Exif 2.32, tag 274; 1 as they are seen.
    let orientation: Int

    init(format: ImageFormat, width: Int, height: Int, channels: Int, orientation: Int = 1) {
        let isTurned = orientation > 4
        self.format = format
        self.width = isTurned ? height : width
        self.height = isTurned ? width : height
        self.channels = channels
        self.orientation = orientation
    }
}

extension Image {
    /// 256 MiB of pixels.
    public static let defaultLimit = 1 << 28

    /// Decodes a file of either format, which its bytes tell.
    ///
    /// - Parameter limit: Bytes of pixels, checked before any are allocated.
    /// - Throws: Each case of `ImageError`, whatever the bytes; never traps.
    /// - Complexity: O(pixels + bytes)
    public init(_ bytes: UnsafeRawBufferPointer, limit: Int = Image.defaultLimit) throws(ImageError) {
        switch ImageFormat(of: bytes) {
        case .png: self = try Image(png: bytes, limit: limit)
        case .jpeg: self = try Image(jpeg: bytes, limit: limit)
        case nil: throw .signature(nil, bytes: bytes.count)
        }
    }
}
