import DataFrames
import Estimators

extension DataColumn {
    /// Lends the texts of the column, or the levels of its rows, in place; empty for a null.
    ///
    /// - Complexity: O(1) for texts without nulls, else O(bytes).
    /// - Precondition: They are less than 4 GiB, as those of a batch are.
    func withTexts<Result>(_ body: (TextBatch) throws -> Result) rethrows -> Result {
        let texts: StringStorage =
            if case .utf8(let texts) = storage, nullCount == 0 {
                texts
            } else {
                StringStorage((0..<count).lazy.map { string($0) ?? "" })
            }
        return try texts.bytes.withUnsafeBufferPointer { bytes in
            try texts.offsets.words.withUnsafeBufferPointer { offsets in
                try body(TextBatch(bytes: bytes, offsets: offsets))
            }
        }
    }
}
