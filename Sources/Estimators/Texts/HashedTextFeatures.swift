import Platform

/// Counts of terms in columns that their hashes choose: nothing is learned, and no term can be told from its column. What
/// scikit-learn's HashingVectorizer makes of texts.
///
/// Source: Weinberger et al., "Feature hashing for large scale multitask learning", ICML 2009.
public struct HashedTextFeatures: Sendable, Equatable {
    public static let widthRange = OptionRange.whole("n_features", from: 1, to: Int(Int32.max))

    public let analysis: TextAnalysis
    public let width: Int
    /// Every other term, by a bit of its hash, counts below zero, so that terms of one column cancel out on average.
    public let alternatesSigns: Bool
    public let norm: TermWeighting.Norm

    public init(
        _ analysis: TextAnalysis = TextAnalysis(), width: Int = 1 << 20, alternatesSigns: Bool = true,
        norm: TermWeighting.Norm = .l2
    ) throws(EstimatorError) {
        try analysis.check()
        try Self.widthRange.check(width)
        self.analysis = analysis
        self.width = width
        self.alternatesSigns = alternatesSigns
        self.norm = norm
    }

    /// The column of a term and what it counts there, as scikit-learn's FeatureHasher has them.
    @inline(__always)
    public func place(of term: UnsafeBufferPointer<UInt8>) -> (column: Int32, count: Int32) {
        let hash = Int32(bitPattern: MurmurHash3.of(term))
        let column = Int32(truncatingIfNeeded: Int(hash.magnitude) % width)
        return (column, alternatesSigns && hash < 0 ? -1 : 1)
    }

    /// One row a text; terms that cancel each other out take no place.
    ///
    /// - Parameter threads: Changes no result.
    public func rows(of batch: TextBatch, threads: Int = 1) -> SparseRows<Double> {
        let pool = WorkerPool(size: max(1, threads))
        let shares = batch.parts(batch.shares(pool.size))
        let parts = shares.map { _ in Box(HashedRows(self)) }
        pool.run(shares.count) { parts[$0].value.take(batch, shares[$0]) }
        var (offsets, columns, values): ([Int], [Int32], [Double]) = ([0], [], [])
        offsets.reserveCapacity(batch.count + 1)
        let size = parts.reduce(0) { $0 + $1.value.columns.count }
        columns.reserveCapacity(size)
        values.reserveCapacity(size)
        for part in parts {
            let first = columns.count
            for end in part.value.ends.elements { offsets.append(first + end) }
            columns.append(contentsOf: part.value.columns.elements)
            values.append(contentsOf: part.value.values.elements)
        }
        return SparseRows(width: width, offsets: offsets, columns: columns, values: values)
    }
}

/// Rows that one thread makes.
private struct HashedRows: ~Copyable {
    private let features: HashedTextFeatures
    private var cutter: TermCutter
    private var row = GrowingBuffer<UInt64>()
    private(set) var ends = GrowingBuffer<Int>()
    private(set) var columns = GrowingBuffer<Int32>()
    private(set) var values = GrowingBuffer<Double>()

    init(_ features: HashedTextFeatures) {
        self.features = features
        cutter = TermCutter(features.analysis)
    }

    mutating func take(_ batch: TextBatch, _ rows: Range<Int>) {
        for number in rows {
            cutter.cut(batch[number])
            let (bytes, terms) = (cutter.bytes, cutter.terms)
            row.count = 0
            row.makeRoom(terms.count)
            for term in terms {
                let (column, count) = features.place(
                    of: UnsafeBufferPointer(start: bytes + term.start, count: term.count))
                row.start[row.count] = UInt64(column) << 32 | UInt64(UInt32(bitPattern: count))
                row.count += 1
            }
            var sorted = UnsafeMutableBufferPointer(start: row.start, count: row.count)
            sorted.sort()
            finishRow()
        }
    }

    /// Adds up what fell into one column, and divides by the norm.
    private mutating func finishRow() {
        columns.makeRoom(row.count)
        values.makeRoom(row.count)
        let first = columns.count
        var place = 0
        var size = 0.0
        while place < row.count {
            let column = row.start[place] >> 32
            var sum = 0
            while place < row.count, row.start[place] >> 32 == column {
                sum += Int(Int32(truncatingIfNeeded: row.start[place]))
                place += 1
            }
            if sum == 0 { continue }
            let value = Double(sum)
            columns.append(Int32(column))
            values.append(value)
            size += features.norm == .l2 ? value * value : value.magnitude
        }
        if features.norm == .l2 { size = size.squareRoot() }
        if features.norm != .none {
            for place in first..<values.count { values.start[place] /= size }
        }
        ends.append(columns.count)
    }
}
