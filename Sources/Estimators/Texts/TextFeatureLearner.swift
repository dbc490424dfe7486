import Platform

/// Learns which terms texts have, batch by batch.
///
/// - Complexity: O(bytes) a batch for words, times the lengths of terms for characters. Memory: all distinct terms; where
///   rows are kept also eight bytes for each term of each text.
public final class TextFeatureLearner {
    private let analysis: TextAnalysis
    private let selection: TermSelection
    private let weighting: TermWeighting
    private let pool: WorkerPool
    private let counters: [Box<TermCounter>]
    /// Kept rows: which counter has them, and which of its rows they are.
    private var parts: [(counter: Int, rows: Range<Int>)] = []
    private let keepsRows: Bool

    /// - Parameters:
    ///   - threads: Changes no result.
    ///   - keepsRows: For `finishWithRows`.
    public init(
        _ analysis: TextAnalysis = TextAnalysis(), selection: TermSelection = TermSelection(),
        weighting: TermWeighting = TermWeighting(), threads: Int = 1, keepsRows: Bool = false
    ) throws(EstimatorError) {
        try analysis.check()
        try selection.check()
        try TextBatch.threadRange.check(threads)
        self.analysis = analysis
        self.selection = selection
        self.weighting = weighting
        self.keepsRows = keepsRows
        pool = WorkerPool(size: threads)
        counters = (0..<threads).map { _ in
            Box(TermCounter(analysis, keepsRows: keepsRows))
        }
    }

    public func take(_ batch: TextBatch) {
        let shares = batch.parts(batch.shares(counters.count))
        for (counter, share) in shares.enumerated() where keepsRows {
            let first = counters[counter].value.rows
            parts.append((counter, first..<first + share.count))
        }
        pool.run(shares.count) { counters[$0].value.take(batch, shares[$0]) }
    }

    /// What was learned. The learner must not be used afterwards.
    public func finish() throws(EstimatorError) -> TextFeatures { try features().model }

    /// What was learned, and the rows of all texts that were taken.
    ///
    /// - Precondition: Rows are kept.
    public func finishWithRows() throws(EstimatorError) -> (model: TextFeatures, rows: SparseRows<Double>) {
        try finishWithAnyRows()
    }

    /// As `finishWithRows`, values rounded once.
    public func finishWithSingleRows() throws(EstimatorError) -> (
        model: TextFeatures, rows: SparseRows<Float>
    ) {
        try finishWithAnyRows()
    }

    private func finishWithAnyRows<Value: BinaryFloatingPoint & Sendable>() throws(EstimatorError) -> (
        model: TextFeatures, rows: SparseRows<Value>
    ) {
        precondition(keepsRows, "rows that were not kept")
        let (model, columns) = try features()
        let rows = parts.map {
            CountedRows(counter: counters[$0.counter], rows: $0.rows, columns: columns[$0.counter])
        }
        return (model, model.weigher.rows(rows, pool))
    }

    /// The model, and the column of each term of each counter.
    private func features() throws(EstimatorError) -> (model: TextFeatures, columns: [[Int32]]) {
        // All terms in the first table, so that each counter's terms have numbers there.
        let first = counters[0]
        var numbers = [(0..<Int32(first.value.table.count)).map { $0 }]
        for counter in counters.dropFirst() {
            numbers.append(
                (0..<counter.value.table.count).map {
                    first.value.number(of: counter.value.table.bytes(of: $0))
                })
        }
        let count = first.value.table.count
        var texts = [Int](repeating: 0, count: count)
        var totals = [Int](repeating: 0, count: count)
        for (counter, numbers) in zip(counters, numbers) {
            for (own, number) in numbers.enumerated() {
                texts[Int(number)] += counter.value.rows(with: own)
                totals[Int(number)] += counter.value.total(of: own)
            }
        }
        let rows = counters.reduce(0) { $0 + $1.value.rows }
        let chosen = try choose(first, texts, totals, rows)
        var columns = [Int32](repeating: -1, count: count)
        var vocabulary = TextList()
        for (column, number) in chosen.enumerated() {
            columns[Int(number)] = Int32(column)
            vocabulary.append(first.value.table.bytes(of: Int(number)))
        }
        let model = try TextFeatures(
            analysis, weighting, vocabulary, textsWithTerm: chosen.map { texts[Int($0)] }, texts: rows)
        return (model, numbers.map { $0.map { columns[Int($0)] } })
    }

    /// The terms that become columns, in the order of their bytes, which is that of code points.
    private func choose(
        _ counter: Box<TermCounter>, _ texts: [Int], _ totals: [Int], _ rows: Int
    ) throws(EstimatorError) -> [Int32] {
        let (least, most) = (selection.least.texts(of: rows), selection.most.texts(of: rows))
        guard least <= most || rows == 0 else {
            throw .option(
                "max_df", value: "\(most) of \(rows) texts",
                expected: "no less than min_df, which is \(least)")
        }
        var chosen = (0..<Int32(texts.count)).filter {
            Double(texts[Int($0)]) >= least && Double(texts[Int($0)]) <= most
        }
        guard !chosen.isEmpty else { throw .noTerms(learned: texts.count, texts: rows) }
        let terms = (0..<texts.count).map { counter.value.table.bytes(of: $0) }
        chosen.sort { terms[Int($0)].precedes(terms[Int($1)]) }
        if let limit = selection.limit, limit < chosen.count {
            // Of equals the first: the sort is stable in effect, since places differ.
            let ranked = chosen.indices.sorted {
                let (a, b) = (totals[Int(chosen[$0])], totals[Int(chosen[$1])])
                return a != b ? a > b : $0 < $1
            }
            chosen = ranked.prefix(limit).sorted().map { chosen[$0] }
        }
        return chosen
    }
}
