/// How a file is packed as a whole, told by its first bytes.
public enum Packing: String, Sendable {
    case gzip, zstd

    /// Bytes beyond which what a file unfolds to is no honest one's.
    public static func mostUnfolded(from size: Int) -> Int {
        let (product, isOver) = size.multipliedReportingOverflow(by: 1024)
        return max(512 << 20, isOver ? .max : product)
    }

    /// - Parameter head: The file's first four bytes, or all of a shorter one.
    public init?(head: some Collection<UInt8>) {
        if head.starts(with: [0x1F, 0x8B]) {
            self = .gzip
        } else if head.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            self = .zstd
        } else {
            return nil
        }
    }
}

/// Why a packed file cannot be unpacked.
public enum PackingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Offsets count packed bytes.
    case damaged(Packing, offset: Int)
    case cut(Packing, offset: Int)
    case unfoldsTooFar(Packing, limit: Int)
    /// How far back the packed data may point, in bytes: so much has to be kept while they are unpacked.
    case window(UInt64)
    case library(DynamicLibraryError)

    public var description: String {
        switch self {
        case .damaged(let packing, let offset): "the \(packing.rawValue) data are damaged near byte \(offset)"
        case .cut(let packing, let offset):
            "the \(packing.rawValue) data end too early, at byte \(offset); copy or fetch the file again"
        case .unfoldsTooFar(let packing, let limit):
            "the \(packing.rawValue) data unfold to more than \(limit) bytes, 1024 times the file; unpack it first if it is what it should be"
        case .window(let size):
            "the zstd data ask for a window of \((size >> 20) + (size & 0xF_FFFF == 0 ? 0 : 1)) MiB, more than the \(ZstdUnpacking.widestWindow >> 20) MiB there are for it; unpack the file first (zstd -d --long=31), or pack it without --long"
        case .library(let error): error.description
        }
    }
}

/// Where an unpacker stands.
enum UnpackState: Equatable {
    case within, between, damaged
    /// The data need a larger window than they get.
    case tooWide(UInt64)
}

/// Takes packed bytes and gives plain ones, some at a time.
protocol Unpacking: AnyObject {
    func unpack(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) -> (taken: Int, given: Int, state: UnpackState)
}

/// The bytes a packed stream unfolds to; several members or frames follow each other. Memory is that of the codec, and
/// a small file that unfolds to very much is refused: it is no honest one.
public final class UnpackedStream: ByteStream {
    private let source: any ByteStream
    private let packing: Packing
    private let codec: any Unpacking
    private let held: UnsafeMutableRawBufferPointer
    /// Packed bytes that have been read and not been taken.
    private var rest: Range<Int>
    private var isAtEnd = false
    private var state = UnpackState.between
    private var taken = 0
    private var given = 0
    private let limit: Int

    /// - Parameters:
    ///   - size: Bytes of the packed file; 0 where it is not known.
    /// - Throws: `PackingError.library`.
    public init(_ source: any ByteStream, _ packing: Packing, size: Int) throws(PackingError) {
        do throws(DynamicLibraryError) {
            codec =
                switch packing {
                case .gzip: try GzipUnpacking()
                case .zstd: try ZstdUnpacking()
                }
        } catch {
            throw .library(error)
        }
        held = .allocate(byteCount: 1 << 16, alignment: 16)
        self.source = source
        self.packing = packing
        rest = 0..<0
        limit = Packing.mostUnfolded(from: size)
    }

    /// What a stream unfolds to where its first bytes say that it is packed, else itself.
    ///
    /// - Throws: `PackingError.library`; what reading the first bytes throws.
    public static func plain(_ source: any ByteStream, size: Int) throws -> any ByteStream {
        let peeked = try PeekingStream(source, bytes: 4)
        guard let packing = Packing(head: peeked.head) else { return peeked }
        return try UnpackedStream(peeked, packing, size: size)
    }

    deinit { held.deallocate() }

    public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            if rest.isEmpty, !isAtEnd {
                let count = try source.read(into: held)
                rest = 0..<count
                isAtEnd = count == 0
            }
            if rest.isEmpty, isAtEnd, state == .between { return 0 }
            let packed = UnsafeRawBufferPointer(rebasing: held[rest])
            let step = codec.unpack(packed, into: buffer)
            rest = (rest.lowerBound + step.taken)..<rest.upperBound
            taken += step.taken
            given += step.given
            state = step.state
            let isStuck = step.taken == 0 && step.given == 0 && !packed.isEmpty
            if case .tooWide(let window) = state { throw PackingError.window(window) }
            if state == .damaged || isStuck { throw PackingError.damaged(packing, offset: taken) }
            if given > limit { throw PackingError.unfoldsTooFar(packing, limit: limit) }
            if step.given > 0 { return step.given }
            if isAtEnd, step.taken == 0, state != .between { throw PackingError.cut(packing, offset: taken) }
        }
    }
}
