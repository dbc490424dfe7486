/// Learns a `FrequencyEncoder` of levels that pass some at a time.
public struct FrequencyLearner: Sendable {
    private let output: FrequencyEncoder.Output
    private var counts: [Int] = []

    public init(output: FrequencyEncoder.Output = .share) { self.output = output }

    /// - Parameter codes: -1 for null; numbers of levels, of which there may be more with each batch.
    /// - Throws: `label` for a code below -1.
    public mutating func take(_ codes: [Int32]) throws(EstimatorError) {
        let levels = Int(codes.max() ?? -1) + 1
        try LevelCodes.check(codes, levels: levels)
        if levels > counts.count { counts += [Int](repeating: 0, count: levels - counts.count) }
        for code in codes where code >= 0 { counts[Int(code)] += 1 }
    }

    /// All have passed.
    public func end() -> FrequencyEncoder { FrequencyEncoder(counts: counts, output: output) }
}

/// Learns a `TargetEncoder` of levels and targets that pass some at a time: in one pass, or in two where each level's
/// variance counts (`auto`).
public struct TargetLearner: Sendable {
    private let smoothing: TargetEncoder.Smoothing
    /// Of each column of the target, one place for null and one a level.
    private var sums: [TargetSums] = []
    private var isFirst = true
    private let levels: Int

    /// - Parameter levels: How many have a value at least, whether a row has them or not.
    /// - Throws: Options out of their ranges.
    public init(smoothing: TargetEncoder.Smoothing = .auto, levels: Int = 0) throws(EstimatorError) {
        if case .rows(let count) = smoothing { try TargetEncoder.smoothingRange.check(count) }
        try LevelCodes.levelsRange.check(levels)
        self.smoothing = smoothing
        self.levels = levels
    }

    /// - Parameters:
    ///   - codes: -1 for null; numbers of levels, of which there may be more with each batch of the first pass.
    ///   - target: As many rows.
    /// - Throws: `label` for a code below -1; a target that is none.
    public mutating func take(_ codes: [Int32], _ target: EncoderTarget) throws(EstimatorError) {
        try LevelCodes.check(codes, levels: Int(codes.max() ?? -1) + 1)
        try target.check(rows: codes.count)
        let columns = target.columns
        if sums.isEmpty { sums = columns.map { _ in TargetSums(levels: levels) } }
        for (place, column) in columns.enumerated() {
            if isFirst { sums[place].add(codes, column) } else { sums[place].addSquares(codes, column) }
        }
    }

    /// All have passed.
    ///
    /// - Returns: What was learned; nil if they are to pass once more.
    /// - Throws: `noRows`, `tooLarge`.
    public mutating func endPass() throws(EstimatorError) -> TargetEncoder? {
        guard let first = sums.first, first.rows > 0 else { throw .noRows }
        if isFirst, smoothing == .auto {
            isFirst = false
            for place in sums.indices { sums[place].center() }
            return nil
        }
        let means = sums.map(\.mean)
        let values = sums.map { $0.values(smoothing) }
        guard (means + values.joined()).allSatisfy({ $0.isFinite }) else { throw .tooLarge }
        return try TargetEncoder(means: means, values: values)
    }
}
