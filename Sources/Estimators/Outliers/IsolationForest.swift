import Platform
import TensorKernels

/// Rows that random cuts set apart early are anomalies.
///
/// Scores are the paper's, in (0, 1): near 1 for an anomaly, below 0.5 for what is like most. Which rows and cuts a tree
/// is made of is drawn from Philox, so trees are others than scikit-learn's. A missing value goes the way most rows of
/// its node went in training.
///
/// Source: Liu, Ting and Zhou, "Isolation forest", ICDM 2008.
public struct IsolationForest: Sendable, Equatable {
    public enum Threshold: Sendable, Equatable {
        /// 0.5, the paper's bound of what is like the others.
        case auto
        /// The share of the rows learned from that is to lie above it.
        case contamination(Double)
    }

    public struct Options: Sendable, Equatable {
        public var trees = 100
        /// Rows a tree is made of, without repetition; all where there are fewer.
        public var sample = 256
        public var threshold = Threshold.auto
        public var seed: UInt64 = 0

        public init() {}

        public static let treesRange = OptionRange.whole("trees", from: 1, to: 10_000)
        public static let sampleRange = OptionRange.whole("sample", from: 2, to: 1 << 20)
        public static let contaminationRange = OptionRange.number(
            "contamination", from: 0, to: 0.5, excludesLowest: true)
    }

    public let columns: Int
    /// Rows each tree was made of.
    public let sample: Int
    public let trees: [IsolationTree]
    /// Rows with a greater score are outliers.
    public let threshold: Double

    /// - Throws: `architecture` unless there are trees, all of whose nodes are within them and the columns.
    public init(
        columns: Int, sample: Int, trees: [IsolationTree], threshold: Double
    ) throws(EstimatorError) {
        guard columns > 0 else { throw .architecture(key: "columns", expected: "above 0") }
        guard sample > 0 else { throw .architecture(key: "sample", expected: "above 0") }
        guard !trees.isEmpty, trees.allSatisfy({ $0.isSound(columns: columns) }) else {
            throw .architecture(key: "trees", expected: "nodes whose columns and children there are")
        }
        guard threshold.isFinite else { throw .architecture(key: "threshold", expected: "a number") }
        self.columns = columns
        self.sample = sample
        self.trees = trees
        self.threshold = threshold
    }

    /// - Parameter x: N x columns, row by row; NaN is missing.
    /// - Throws: `noRows`, `shape`, `notFinite` for an infinite value; an option out of its range.
    /// - Complexity: O(trees x sample x columns x log sample), and the scores of all rows for a contamination.
    public init(
        fitting x: [Double], columns: Int, _ options: Options = Options(), threads: Int = 1
    ) throws(EstimatorError) {
        try Options.treesRange.check(options.trees)
        try Options.sampleRange.check(options.sample)
        if case .contamination(let share) = options.threshold { try Options.contaminationRange.check(share) }
        try checkMatrix(x, columns: columns)
        let rows = x.count / columns
        let sample = min(options.sample, rows)
        var trees = [IsolationTree?](repeating: nil, count: options.trees)
        let seed = options.seed
        trees.withUnsafeMutableBufferPointer { trees in
            let made = UncheckedBuffer(trees)
            WorkerPool(size: max(1, min(threads, made.values.count))).runEach(made.values.count) { tree in
                made.values[tree] = IsolationTree(
                    of: x, columns: columns, sample: sample, tree: UInt32(tree), seed: seed)
            }
        }
        self.columns = columns
        self.sample = sample
        self.trees = trees.compactMap { $0 }
        switch options.threshold {
        case .auto: threshold = 0.5
        case .contamination(let share):
            let forest = try IsolationForest(
                columns: columns, sample: sample, trees: self.trees, threshold: 0.5)
            let scores = try forest.scores(x, threads: threads)
            threshold = Quantiles.linear(scores, [1 - share])?[0] ?? 0.5
        }
    }

    /// One a row: 2^(-mean path / expected path), whatever the number of threads.
    ///
    /// - Throws: `shape`, `notFinite`.
    /// - Complexity: O(rows x trees x log sample).
    public func scores(_ x: [Double], threads: Int = 1) throws(EstimatorError) -> [Double] {
        guard x.count % columns == 0 else {
            throw .shape(values: x.count, rows: x.count / columns, columns: columns)
        }
        try refuseInfinite(x, columns: columns)
        var scores = [Double](repeating: 0, count: x.count / columns)
        let expected = IsolationTree.expectedPath(sample) * Double(trees.count)
        // A tree stays in the nearest cache for so many rows.
        let chunk = 256
        scores.withUnsafeMutableBufferPointer { scores in
            let made = UncheckedBuffer(scores)
            let chunks = (made.values.count + chunk - 1) / chunk
            WorkerPool(size: max(1, min(threads, chunks))).runEach(chunks) { index in
                let rows = index * chunk..<min((index + 1) * chunk, made.values.count)
                x.withUnsafeBufferPointer { x in
                    for tree in trees { tree.addPaths(x, columns, rows, to: made.values) }
                }
                for row in rows {
                    let depth = expected > 0 ? made.values[row] / expected : 1
                    made.values[row] = Elementary.exp(-depth * Self.logOfTwo)
                }
            }
        }
        return scores
    }

    /// True for a row whose score is above the threshold.
    public func flags(_ x: [Double], threads: Int = 1) throws(EstimatorError) -> [Bool] {
        try scores(x, threads: threads).map { $0 > threshold }
    }

    private static let logOfTwo = Elementary.log(2)

    /// What threads write, each its own part.
    private struct UncheckedBuffer<Element>: @unchecked Sendable {
        let values: UnsafeMutableBufferPointer<Element>
        init(_ values: UnsafeMutableBufferPointer<Element>) { self.values = values }
    }
}
