/// Why bytes are no sound that can be read.
public enum AudioError: Error, Equatable, Sendable, CustomStringConvertible {
    case signature(bytes: Int)
    /// `bytes` is what there is of the file; `announced` what it says it has.
    case cut(bytes: Int, announced: Int)
    case damaged(String, at: Int)
    /// Whole, but of a kind that is not read.
    case unsupported(String)
    /// A sample that is no number; counted from 0.
    case notFinite(frame: Int, channel: Int)

    public var description: String {
        switch self {
        case .signature(let bytes):
            "not a WAV file: its \(bytes) bytes do not begin with RIFF, a size and WAVE"
        case .cut(let bytes, let announced):
            "the WAV file ends too early, after \(bytes) bytes; it announces \(announced)"
        case .damaged(let problem, let position): "the WAV file is damaged at byte \(position): \(problem)"
        case .unsupported(let what): "the WAV file is \(what), which is not read"
        case .notFinite(let frame, let channel):
            "the WAV file has a sample that is no number: frame \(frame + 1), channel \(channel + 1)"
        }
    }
}
