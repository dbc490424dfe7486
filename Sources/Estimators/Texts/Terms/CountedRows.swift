/// Rows of one counter, one after another, as a part of a batch.
struct CountedRows {
    let counter: Box<TermCounter>
    let rows: Range<Int>
    /// The column of each of the counter's terms, -1 where it has none; nil where the number is the column.
    var columns: [Int32]?

    /// Entries that have a column.
    func size() -> Int {
        if rows.isEmpty { return 0 }
        let view = view
        let range = view.entries(rows.lowerBound).lowerBound..<view.entries(rows.upperBound - 1).upperBound
        guard let columns else { return range.count }
        var size = 0
        columns.withUnsafeBufferPointer { columns in
            for place in range { size &+= columns[Int(view.start[place].number)] < 0 ? 0 : 1 }
        }
        return size
    }

    /// Where the counter's entries lie; as long as nothing is taken.
    struct View {
        let start: UnsafeMutablePointer<TermCounter.Entry>
        let ends: UnsafeMutablePointer<Int>

        /// Of a row; before the first there are none.
        @inline(__always)
        func entries(_ row: Int) -> Range<Int> { (row == 0 ? 0 : ends[row &- 1])..<ends[row] }
    }

    var view: View { View(start: counter.value.entries.start, ends: counter.value.ends.start) }
}
