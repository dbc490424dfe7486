/// A z_stream that unpacks (zlib.h 1.2).
struct ZlibStream: ~Copyable {
    /// What it is told of the window.
    enum Form: Int32 {
        /// 15 bits; 32 more mean that gzip and zlib are both known.
        case gzip = 47
        /// A zlib stream, with the window that it says it needs.
        case zlib = 0
        /// Less than zero: no header is there.
        case bare = -15
    }

    enum State {
        /// More is to come, or more room is needed.
        case within
        case ended, damaged
    }

    static let library = DynamicLibrary(.zlib)

    private typealias Begin =
        @convention(c) (UnsafeMutableRawPointer, Int32, UnsafePointer<CChar>, Int32) -> Int32
    private typealias Inflate = @convention(c) (UnsafeMutableRawPointer, Int32) -> Int32
    private typealias Change = @convention(c) (UnsafeMutableRawPointer) -> Int32

    /// z_stream, field by field.
    private struct Fields {
        var nextIn: UnsafeRawPointer?
        var availableIn: UInt32 = 0
        var totalIn: UInt = 0
        var nextOut: UnsafeMutableRawPointer?
        var availableOut: UInt32 = 0
        var totalOut: UInt = 0
        var message: UnsafePointer<CChar>?
        var state: OpaquePointer?
        var allocate: OpaquePointer?
        var free: OpaquePointer?
        var opaque: OpaquePointer?
        var dataType: Int32 = 0
        var adler: UInt = 0
        var reserved: UInt = 0
    }

    /// zlib points back at it, so it may not move.
    private let fields: UnsafeMutablePointer<Fields>
    private let inflate: Inflate
    private let reset: Change
    private let end: Change

    init(_ form: Form) throws(DynamicLibraryError) {
        // All that may not be there comes first.
        let begin = try Self.library.function("inflateInit2_", as: Begin.self)
        let inflate = try Self.library.function("inflate", as: Inflate.self)
        let reset = try Self.library.function("inflateReset", as: Change.self)
        let end = try Self.library.function("inflateEnd", as: Change.self)
        let fields = UnsafeMutablePointer<Fields>.allocate(capacity: 1)
        fields.initialize(to: Fields())
        guard begin(fields, form.rawValue, "1.2.11", Int32(MemoryLayout<Fields>.size)) == 0 else {
            fatalError("no memory to unpack in")
        }
        (self.fields, self.inflate, self.reset, self.end) = (fields, inflate, reset, end)
    }

    deinit {
        _ = end(fields)
        fields.deallocate()
    }

    /// Goes back to the start, for what follows an end.
    func restart() { _ = reset(fields) }

    /// Unpacks what it can, at most 4 GiB of either side.
    ///
    /// - Parameter isAll: Whether there is neither more to come nor more room.
    func step(
        _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer, isAll: Bool = false
    ) -> (state: State, taken: Int, given: Int) {
        let (most, room) = (UInt32(clamping: source.count), UInt32(clamping: target.count))
        fields.pointee.nextIn = source.baseAddress
        fields.pointee.availableIn = most
        fields.pointee.nextOut = target.baseAddress
        fields.pointee.availableOut = room
        // Z_FINISH or Z_NO_FLUSH; 1 is Z_STREAM_END, -5 Z_BUF_ERROR: it could do nothing yet.
        let state: State =
            switch inflate(fields, isAll ? 4 : 0) {
            case 1: .ended
            case 0, -5: .within
            default: .damaged
            }
        return (state, Int(most - fields.pointee.availableIn), Int(room - fields.pointee.availableOut))
    }
}
