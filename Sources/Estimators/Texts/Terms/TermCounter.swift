/// How often terms come in each of the rows that one thread reads.
struct TermCounter: ~Copyable {
    struct Entry: BitwiseCopyable {
        var number: Int32
        var count: UInt32
    }

    /// What is known of a term.
    private struct Known: BitwiseCopyable {
        /// The row it was seen in last, counted from 1.
        var row = 0
        /// Its entry there.
        var place = 0
        var rows = 0
        var total = 0
    }

    /// Terms that were learned, where none is learned here; those that it lacks are passed over.
    private let fixed: FixedTerms?
    /// Terms that are learned.
    private(set) var table = TermTable()
    private let keepsRows: Bool
    private var cutter: TermCutter
    /// By number.
    private var known = GrowingBuffer<Known>()
    private(set) var entries = GrowingBuffer<Entry>()
    /// Where the entries of each row end.
    private(set) var ends = GrowingBuffer<Int>()
    private(set) var rows = 0

    /// - Parameter keepsRows: Whether the entries of all rows are kept; else those of the last.
    init(_ analysis: TextAnalysis, fixed: FixedTerms? = nil, keepsRows: Bool) {
        self.fixed = fixed
        self.keepsRows = keepsRows
        cutter = TermCutter(analysis)
        let count = fixed?.table.count ?? 0
        known.makeRoom(count)
        while known.count < count { known.append(Known()) }
    }

    /// The number of a term in the table, which is put in if need be.
    mutating func number(of term: UnsafeBufferPointer<UInt8>) -> Int32 { table.insert(copying: term) }

    /// Rows in which a term comes.
    func rows(with number: Int) -> Int { known.start[number].rows }

    func total(of number: Int) -> Int { known.start[number].total }

    mutating func take(_ batch: TextBatch, _ range: Range<Int>) {
        for row in range { take(batch[row]) }
    }

    @inline(__always)
    private mutating func take(_ text: UnsafeBufferPointer<UInt8>) {
        cutter.cut(text)
        rows &+= 1
        let (bytes, terms) = (cutter.bytes, cutter.terms)
        if !keepsRows { entries.count = 0 }
        entries.makeRoom(terms.count)
        var end = entries.count
        let list = entries.start
        let row = rows
        for term in terms {
            let number: Int
            if let fixed {
                number = Int(fixed.table.find(bytes + term.start, term.count))
                if number < 0 { continue }
            } else {
                number = Int(table.insert(bytes + term.start, term.count))
                if number == known.count { known.append(Known()) }
            }
            let one = known.start + number
            one.pointee.total &+= 1
            if one.pointee.row == row {
                list[one.pointee.place].count &+= 1
            } else {
                one.pointee.row = row
                one.pointee.place = end
                one.pointee.rows &+= 1
                list[end] = Entry(number: Int32(truncatingIfNeeded: number), count: 1)
                end &+= 1
            }
        }
        entries.count = end
        if keepsRows { ends.append(end) }
    }
}
