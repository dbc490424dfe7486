import Glibc
import Synchronization

/// Bytes of a page, not set to anything at first. Eight more follow that may be
/// read, so that decoders load whole words.
final class Memory {
    /// Bytes past the end of every page that may be read: here they are
    /// allocated, in a file the footer's length and mark stand there.
    static let slack = 8

    let bytes: UnsafeMutableRawBufferPointer

    init(_ count: Int) {
        let start = UnsafeMutableRawPointer.allocate(byteCount: count + Self.slack, alignment: 16)
        memset(start + count, 0, Self.slack)
        bytes = UnsafeMutableRawBufferPointer(start: start, count: count)
    }

    deinit { bytes.baseAddress?.deallocate() }
}

/// Memory that is used again for every page.
final class Scratch<Element: BitwiseCopyable> {
    private var buffer = UnsafeMutableBufferPointer<Element>(start: nil, count: 0)

    /// Room for so many elements; what stood there before is gone.
    func room(_ count: Int) -> UnsafeMutablePointer<Element> {
        if buffer.count < count || buffer.baseAddress == nil {
            buffer.deallocate()
            buffer = .allocate(capacity: max(count, 2 * buffer.count, 64))
        }
        return buffer.baseAddress!
    }

    deinit { buffer.deallocate() }
}

/// How much a file may unfold to, shared by all columns that are read: a small
/// file that asks for much memory, or much work, is no honest one.
final class Budget: Sendable {
    let limit: Int
    private let left: Mutex<Int>

    init(limit: Int) {
        self.limit = limit
        left = Mutex(limit)
    }

    /// - Parameter file: Bytes of the file.
    convenience init(file: Int) {
        let (product, isOver) = file.multipliedReportingOverflow(by: 1024)
        self.init(limit: max(512 << 20, isOver ? .max : product))
    }

    /// - Parameter place: What asks, for the error.
    func take(_ bytes: Int, for place: @autoclosure () -> String) throws(ParquetError) {
        let isEnough = left.withLock { left in
            guard bytes >= 0, bytes <= left else { return false }
            left -= bytes
            return true
        }
        guard isEnough else { throw ParquetError(.unfoldsTooFar(place: place(), limit: limit)) }
    }

    /// The same for `count` elements of a width in bytes.
    func take(_ count: Int, of width: Int, for place: @autoclosure () -> String) throws(ParquetError) {
        let (bytes, isOver) = count.multipliedReportingOverflow(by: width)
        try take(isOver ? .max : bytes, for: place())
    }
}
