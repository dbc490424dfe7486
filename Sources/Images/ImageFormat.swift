/// The formats of image files that are read, told by their first bytes and
/// never by a name.
public enum ImageFormat: String, Sendable, CaseIterable {
    case png
    case jpeg

    /// - Returns: Nil for bytes that are of neither.
    public init?(of bytes: UnsafeRawBufferPointer) {
        guard let format = Self.allCases.first(where: { bytes.starts(with: $0.signature) }) else {
            return nil
        }
        self = format
    }

    /// JPEG: the start of the image and of the marker behind it (ITU T.81, B.1.1).
    var signature: [UInt8] {
        switch self {
        case .png: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        case .jpeg: [0xFF, 0xD8, 0xFF]
        }
    }

    /// As people write it.
    public var name: String {
        switch self {
        case .png: "PNG"
        case .jpeg: "JPEG"
        }
    }
}
