/// Texts end to end in one buffer that somebody else holds, UTF-8, as a column of texts has them. A row without a value is
/// given as an empty text.
///
/// Bytes that are no UTF-8 do no harm: each is taken for U+FFFD.
public struct TextBatch {
    private let bytes: UnsafePointer<UInt8>
    private let offsets: UnsafePointer<UInt32>
    public let count: Int

    /// - Parameters:
    ///   - bytes: Of all texts, less than 4 GiB, from the first one's on.
    ///   - offsets: Text `i` is the bytes from `offsets[i] - offsets[0]` to `offsets[i + 1] - offsets[0]`, modulo 2^32.
    /// - Precondition: There is at least one offset; offsets never fall but where they begin anew, and end within the bytes.
    ///   Only the last is looked at.
    public init(bytes: UnsafeBufferPointer<UInt8>, offsets: UnsafeBufferPointer<UInt32>) {
        guard let first = offsets.baseAddress else { preconditionFailure("texts without offsets") }
        count = offsets.count - 1
        precondition(Int(first[count] &- first[0]) <= bytes.count, "offsets beyond the bytes")
        self.offsets = first
        // Where there are no bytes, none is read.
        self.bytes = bytes.baseAddress ?? UnsafeRawPointer(first).assumingMemoryBound(to: UInt8.self)
    }

    /// Lends texts that lie in arrays.
    public static func with<T, Failure: Error>(
        bytes: [UInt8], offsets: [UInt32], _ body: (TextBatch) throws(Failure) -> T
    ) throws(Failure) -> T {
        try bytes.withUnsafeBufferPointer { bytes throws(Failure) in
            try offsets.withUnsafeBufferPointer { offsets throws(Failure) in
                try body(TextBatch(bytes: bytes, offsets: offsets))
            }
        }
    }

    /// Where a text begins.
    @inline(__always)
    private func start(_ row: Int) -> Int { Int(offsets[row] &- offsets[0]) }

    @inline(__always)
    subscript(row: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: bytes + start(row), count: Int(offsets[row &+ 1] &- offsets[row]))
    }

    /// Rows cut into so many parts of about as many bytes each, some of which may be empty.
    func parts(_ parts: Int) -> [Range<Int>] {
        var ends = (1..<max(1, parts)).map { part in
            // The first row that begins at or behind the part's share.
            let target = start(count) / parts * part
            var (low, high) = (0, count)
            while low < high {
                let middle = (low + high) / 2
                if start(middle) < target { low = middle + 1 } else { high = middle }
            }
            return low
        }
        ends.append(count)
        return ends.indices.map { ($0 == 0 ? 0 : ends[$0 - 1])..<ends[$0] }
    }

    static let threadRange = OptionRange.whole("the number of threads", from: 1, to: 1024)

    /// How many threads are worth waking for these texts.
    func shares(_ threads: Int) -> Int { max(1, min(threads, start(count) >> 15)) }
}
