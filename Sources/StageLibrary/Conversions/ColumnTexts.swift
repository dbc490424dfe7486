import DataFrames
import Estimators

extension DataColumn {
    /// The texts of the column, or the levels of its rows; empty for a null.
    private var lentTexts: StringStorage {
        if case .utf8(let texts) = storage, nullCount == 0 { return texts }
        return StringStorage((0..<count).lazy.map { string($0) ?? "" })
    }

    /// Lends the texts of the column in place, or the levels of its rows; empty for a null.
    ///
    /// - Complexity: O(1) for texts without nulls, else O(bytes).
    /// - Precondition: They are less than 4 GiB; see `eachTexts`.
    func withTexts<Result>(_ body: (TextBatch) throws -> Result) rethrows -> Result {
        let texts = lentTexts
        precondition(texts.bytes.count <= UInt32.max, "texts of 4 GiB in one batch")
        return try texts.bytes.withUnsafeBufferPointer { bytes in
            try texts.offsets.words.withUnsafeBufferPointer { offsets in
                try body(TextBatch(bytes: bytes, offsets: offsets))
            }
        }
    }

    /// As `withTexts`, for texts of any length: one part of the rows after another, as many as a `TextBatch` can hold, in
    /// one part wherever they do.
    ///
    /// - Parameter most: Bytes of a part; a part has a row at least.
    func eachTexts(atMost most: Int = Int(UInt32.max), _ body: (TextBatch) throws -> Void) rethrows {
        let texts = lentTexts
        let offsets = texts.offsets
        try texts.bytes.withUnsafeBufferPointer { bytes in
            try offsets.words.withUnsafeBufferPointer { words in
                var start = 0
                repeat {
                    let first = offsets[start]
                    var end = count
                    if offsets[end] - first > most {
                        end = start + 1
                        while end < count, offsets[end + 1] - first <= most { end += 1 }
                    }
                    try body(
                        TextBatch(
                            bytes: UnsafeBufferPointer(rebasing: bytes[first..<offsets[end]]),
                            offsets: UnsafeBufferPointer(rebasing: words[start...end])))
                    start = end
                } while start < count
            }
        }
    }
}
