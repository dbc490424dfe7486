import DataFrames
import TensorKernels

/// The rows of which quantiles, pictures and relations are made: all of them, or of a long table one of each stretch, chosen
/// at random, so that what is held does not grow with it. The same of every column.
struct SampledRows {
    /// More rows are sampled.
    static let most = 1 << 21

    let rows: Int
    /// Rows that are taken.
    let count: Int

    init(of rows: Int, most: Int = SampledRows.most) {
        self.rows = rows
        count = min(rows, most)
    }

    var isAll: Bool { count == rows }

    /// Places within a batch of the rows that are taken.
    ///
    /// - Parameter first: Rows before the batch.
    func places(first: Int, count batch: Int) -> [Int] {
        if isAll { return Array(0..<batch) }
        let philox = Philox(seed: 0)
        var places: [Int] = []
        // The stretch that the first row lies in, and those after it.
        var stretch = first * count / rows
        while stretch < count {
            let (start, end) = (Self.start(stretch, count, rows), Self.start(stretch + 1, count, rows))
            let word = RandomStream.split.word(ofRow: stretch, philox, index: 1)
            let row = start + Int(word % UInt64(end - start))
            if row >= first + batch { break }
            if row >= first { places.append(row - first) }
            stretch += 1
        }
        return places
    }

    private static func start(_ stretch: Int, _ count: Int, _ rows: Int) -> Int {
        Int((UInt64(stretch) * UInt64(rows) + UInt64(count) - 1) / UInt64(count))
    }
}
