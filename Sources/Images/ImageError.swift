import Platform

/// Why bytes are no image that can be read.
public enum ImageError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Neither a PNG nor a JPEG file; for one format alone not that one.
    case signature(ImageFormat?, bytes: Int)
    /// `bytes` is what there is of the file.
    case cut(ImageFormat, bytes: Int)
    case tooLarge(width: Int, height: Int, channels: Int, limit: Int)
    case tooShort(ImageFormat, width: Int, height: Int, bytes: Int)
    /// Where the library that decodes says so, in its words, which change with
    /// its version; `at` is how many bytes were read, where that is known.
    case damaged(ImageFormat, String, at: Int?)
    /// Whole, but of a kind that is not read.
    case unsupported(ImageFormat, String)
    /// Nothing is wrong with the image.
    case library(ImageFormat, DynamicLibraryError)

    public var description: String {
        switch self {
        case .signature(nil, let bytes):
            "neither a PNG nor a JPEG file: its \(bytes) bytes begin with the signature of neither"
        case .signature(let format?, let bytes):
            "not a \(format.name) file: its \(bytes) bytes do not begin with \(format.name)'s signature"
        case .cut(let format, let bytes): "the \(format.name) file ends too early, after \(bytes) bytes"
        case .tooLarge(let width, let height, let channels, let limit):
            "an image of \(width) x \(height) with \(channels) channels is too large: allowed are \(limit) bytes"
        case .tooShort(let format, let width, let height, let bytes):
            "a \(format.name) file of \(bytes) bytes cannot hold the \(width) x \(height) pixels it announces"
        case .damaged(let format, let problem, let position):
            "the \(format.name) file is damaged\(position.map { " before byte \($0)" } ?? ""): \(problem)"
        case .unsupported(let format, let what): "the \(format.name) file is \(what), which is not read"
        case .library(let format, let error): "\(format.name) files cannot be decoded: \(error)"
        }
    }
}
