import Platform

/// libjpeg-turbo's own interface, which tells errors by return values: the one
/// it shares with libjpeg leaves by longjmp, which must not cross a Swift frame.
///
/// Source: turbojpeg.h of libjpeg-turbo 2.1; 3.x keeps these functions.
struct TurboJPEG: Sendable {
    typealias Handle = UnsafeMutableRawPointer

    private typealias Make = @convention(c) () -> Handle?
    private typealias Number = @convention(c) (Handle) -> CInt
    private typealias Text = @convention(c) (Handle) -> UnsafePointer<CChar>?
    /// Bytes and their count, pixels, width, bytes a row, height, form, flags.
    private typealias Decompress =
        @convention(c) (
            Handle, UnsafeRawPointer, CUnsignedLong, UnsafeMutableRawPointer, CInt, CInt, CInt, CInt, CInt
        ) -> CInt

    private let make: Make
    private let destroy: Number
    private let decompress: Decompress
    private let problem: Text
    private let code: Number

    /// Opened when it is first needed.
    static let shared = DynamicLibrary.table(.turboJPEG, prefix: "tj", TurboJPEG.init)

    private init(_ find: DynamicLibrary.Functions) throws(DynamicLibraryError) {
        make = try find("InitDecompress")
        destroy = try find("Destroy")
        decompress = try find("Decompress2")
        problem = try find("GetErrorStr2")
        code = try find("GetErrorCode")
    }

    /// TJPF of turbojpeg.h.
    enum Pixels: CInt {
        case colour = 0
        case grey = 6
        case inks = 11

        var samples: Int {
            switch self {
            case .colour: 3
            case .grey: 1
            case .inks: 4
            }
        }
    }

    /// What the library says of a file that is not as it should be.
    struct Complaint: Error {
        var words: String
        /// The library went on, and filled in what was missing.
        var isWarning: Bool
    }

    /// TJFLAG of turbojpeg.h: the exact transform; stop at a warning; no more
    /// than 500 scans, each of which takes as long as the whole picture.
    private static let exact: CInt = 4096
    private static let stops: CInt = 8192
    private static let limitsScans: CInt = 32768

    /// - Parameter pixels: Room for width x height pixels of this form.
    /// - Returns: Nil when all went well.
    func decode(
        _ bytes: UnsafeRawBufferPointer, width: Int, height: Int, as form: Pixels,
        into pixels: UnsafeMutableRawPointer, stopsAtWarning: Bool
    ) -> Complaint? {
        guard let handle = make(), let start = bytes.baseAddress else {
            return Complaint(words: "libjpeg-turbo cannot start", isWarning: false)
        }
        defer { _ = destroy(handle) }
        let flags = Self.exact | Self.limitsScans | (stopsAtWarning ? Self.stops : 0)
        let result = decompress(
            handle, start, CUnsignedLong(bytes.count), pixels, CInt(width), CInt(width * form.samples),
            CInt(height), form.rawValue, flags)
        if result == 0 { return nil }
        let words = problem(handle).map { String(cString: $0) } ?? ""
        return Complaint(words: words, isWarning: code(handle) == 0)
    }
}
