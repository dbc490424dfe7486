import Platform
import TensorKernels

/// Counts of terms, weighed: what scikit-learn's TfidfVectorizer makes of texts (with neither inverse frequency nor norm, its
/// CountVectorizer). Made by `TextFeatureLearner`.
///
/// Source: Spärck Jones, "A statistical interpretation of term specificity", Journal of Documentation 28, 1972.
public struct TextFeatures: Sendable, Equatable {
    public let analysis: TextAnalysis
    public let weighting: TermWeighting
    /// The term of each column, in the order of their bytes.
    public let vocabulary: TextList
    /// Of the texts that were learned from so many hold a column's term.
    public let textsWithTerm: [Int]
    /// So many texts were learned from.
    public let texts: Int
    /// What counts of a column's term are multiplied by.
    public let inverseFrequencies: [Double]
    private let terms: FixedTerms

    /// - Throws: Where an option is out of its range, a term comes twice, or the numbers of texts do not fit.
    public init(
        _ analysis: TextAnalysis, _ weighting: TermWeighting, _ vocabulary: TextList, textsWithTerm: [Int],
        texts: Int
    ) throws(EstimatorError) {
        try analysis.check()
        guard texts >= 0, texts < 1 << 53 else {
            throw .architecture(key: "texts", expected: "how many were learned from")
        }
        guard textsWithTerm.count == vocabulary.count,
            textsWithTerm.allSatisfy({ (1...max(1, texts)).contains($0) })
        else {
            throw .architecture(
                key: "texts_with_term", expected: "for each term a number from 1 to that of all texts")
        }
        self.analysis = analysis
        self.weighting = weighting
        self.vocabulary = vocabulary
        self.textsWithTerm = textsWithTerm
        self.texts = texts
        let all = Double(weighting.smooth ? texts + 1 : texts)
        inverseFrequencies = textsWithTerm.map {
            weighting.usesInverseFrequency
                ? Elementary.log(all / Double(weighting.smooth ? $0 + 1 : $0)) + 1 : 1
        }
        var table = TermTable()
        vocabulary.withBatch { batch in
            for row in 0..<batch.count { _ = table.insert(copying: batch[row]) }
        }
        guard table.count == vocabulary.count else {
            throw .architecture(key: "terms", expected: "texts that differ")
        }
        terms = FixedTerms(table)
    }

    public static func == (a: TextFeatures, b: TextFeatures) -> Bool {
        a.analysis == b.analysis && a.weighting == b.weighting && a.vocabulary == b.vocabulary
            && a.textsWithTerm == b.textsWithTerm && a.texts == b.texts
    }

    /// One row a text. Terms that were not learned are passed over.
    ///
    /// - Parameter threads: Changes no result.
    public func rows(of batch: TextBatch, threads: Int = 1) -> SparseRows<Double> { anyRows(batch, threads) }

    /// As `rows`, values rounded once.
    public func singleRows(of batch: TextBatch, threads: Int = 1) -> SparseRows<Float> {
        anyRows(batch, threads)
    }

    private func anyRows<Value: BinaryFloatingPoint & Sendable>(
        _ batch: TextBatch, _ threads: Int
    ) -> SparseRows<Value> {
        let pool = WorkerPool(size: max(1, threads))
        let shares = batch.parts(batch.shares(pool.size))
        let counters = shares.map { _ in Box(TermCounter(analysis, fixed: terms, keepsRows: true)) }
        pool.run(shares.count) { counters[$0].value.take(batch, shares[$0]) }
        return weigher.rows(counters.map { CountedRows(counter: $0, rows: 0..<$0.value.rows) }, pool)
    }

    var weigher: RowWeigher {
        RowWeigher(
            width: vocabulary.count, weighting,
            factors: weighting.usesInverseFrequency ? inverseFrequencies : nil)
    }
}
