/// Why bytes are no image that can be read.
public enum ImageError: Error, Equatable, Sendable, CustomStringConvertible {
    case signature(bytes: Int)
    /// `bytes` is what there is of the file.
    case cut(bytes: Int)
    case tooLarge(width: Int, height: Int, channels: Int, limit: Int)
    case tooShort(width: Int, height: Int, bytes: Int)
    /// In libpng's words, which change with its version; `at` is how many bytes
    /// it had read.
    case damaged(String, at: Int)

    public var description: String {
        switch self {
        case .signature(let bytes): "not a PNG file: its \(bytes) bytes do not begin with PNG's signature"
        case .cut(let bytes): "the PNG file ends too early, after \(bytes) bytes"
        case .tooLarge(let width, let height, let channels, let limit):
            "an image of \(width) x \(height) with \(channels) channels is too large: allowed are \(limit) bytes"
        case .tooShort(let width, let height, let bytes):
            "a PNG file of \(bytes) bytes cannot hold the \(width) x \(height) pixels it announces"
        case .damaged(let problem, let position):
            "the PNG file is damaged before byte \(position): \(problem)"
        }
    }
}
