/// Texts end to end in one buffer that somebody else holds: row `i` is the bytes from `offsets[i]` to `offsets[i + 1]`,
/// UTF-8, as a column of texts has them. A row without a value is given as an empty text.
///
/// Bytes that are no UTF-8 do no harm: each is taken for U+FFFD.
public struct TextBatch {
    let bytes: UnsafePointer<UInt8>
    let offsets: UnsafePointer<Int>
    public let count: Int

    /// - Precondition: There is at least one offset; offsets begin at 0 or above, never fall, and end within the bytes.
    ///   Only the first and the last are looked at.
    public init(bytes: UnsafeBufferPointer<UInt8>, offsets: UnsafeBufferPointer<Int>) {
        guard let first = offsets.baseAddress else { preconditionFailure("texts without offsets") }
        count = offsets.count - 1
        precondition(first[0] >= 0 && first[count] <= bytes.count, "offsets beyond the bytes")
        self.offsets = first
        // Where there are no bytes, none is read.
        self.bytes = bytes.baseAddress ?? UnsafeRawPointer(first).assumingMemoryBound(to: UInt8.self)
    }

    /// Lends texts that lie in arrays.
    public static func with<T, Failure: Error>(
        bytes: [UInt8], offsets: [Int], _ body: (TextBatch) throws(Failure) -> T
    ) throws(Failure) -> T {
        try bytes.withUnsafeBufferPointer { bytes throws(Failure) in
            try offsets.withUnsafeBufferPointer { offsets throws(Failure) in
                try body(TextBatch(bytes: bytes, offsets: offsets))
            }
        }
    }

    @inline(__always)
    subscript(row: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: bytes + offsets[row], count: offsets[row &+ 1] &- offsets[row])
    }

    /// Rows cut into so many parts of about as many bytes each, some of which may be empty.
    func parts(_ parts: Int) -> [Range<Int>] {
        let (first, all) = (offsets[0], offsets[count] - offsets[0])
        var ends = (1..<max(1, parts)).map { part in
            // The first row that begins at or behind the part's share.
            let target = first + all / parts * part
            var (low, high) = (0, count)
            while low < high {
                let middle = (low + high) / 2
                if offsets[middle] < target { low = middle + 1 } else { high = middle }
            }
            return low
        }
        ends.append(count)
        return ends.indices.map { ($0 == 0 ? 0 : ends[$0 - 1])..<ends[$0] }
    }

    /// How many threads are worth waking for these texts.
    func shares(_ threads: Int) -> Int {
        max(1, min(threads, (offsets[count] - offsets[0]) >> 15))
    }
}
