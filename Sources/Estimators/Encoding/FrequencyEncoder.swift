/// How often each level was there, as a number or as a share of the rows that have a level.
public struct FrequencyEncoder: Sendable, Equatable {
    public enum Output: String, Sendable, CaseIterable { case count, share }

    /// Of each level, how many rows have it.
    public let counts: [Int]
    public let output: Output

    public init(counts: [Int], output: Output) {
        self.counts = counts
        self.output = output
    }

    /// - Parameter codes: -1 for null, else in [0, levels).
    /// - Throws: `label` for a code outside.
    /// - Complexity: O(rows + levels).
    public init(fitting codes: [Int32], levels: Int, output: Output = .share) throws(EstimatorError) {
        try LevelCodes.check(codes, levels: levels)
        var counts = [Int](repeating: 0, count: levels)
        for code in codes where code >= 0 { counts[Int(code)] += 1 }
        self.init(counts: counts, output: output)
    }

    /// The value of each row: 0 for an unseen level, NaN for null.
    public func callAsFunction(_ codes: [Int32]) -> [Double] {
        let total = counts.reduce(0, +)
        let values = counts.map { output == .count ? Double($0) : Double($0) / Double(max(1, total)) }
        return codes.map { $0 < 0 ? .nan : Int($0) < values.count ? values[Int($0)] : 0 }
    }
}
