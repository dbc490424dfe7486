/// What may be counted on by whoever learns while rows pass.
public struct LearningScope: Sendable {
    /// That will pass.
    public let rows: Int
    /// Values of eight bytes that one learner may hold in memory.
    public let most: Int

    public init(rows: Int, most: Int) {
        self.rows = rows
        self.most = most
    }

    /// - Parameters:
    ///   - memory: Bytes that may be used, a quarter of them for what is held; nil is as many as there are.
    ///   - learners: That may learn at the same time.
    public init(rows: Int, memory: Int64?, learners: Int) {
        let most = memory.map { Swift.max(1 << 12, Int($0) / 4 / 8 / Swift.max(1, learners)) }
        self.init(rows: rows, most: most ?? .max)
    }
}

/// Learns something of numbers that pass some at a time, as often as it needs; how they are cut into batches changes
/// nothing. NaN is a missing value.
public protocol NumberLearner {
    associatedtype Learned

    /// Values that were not missing, of one pass.
    var count: Int { get }

    /// Takes more of them.
    mutating func take(_ values: [Double])

    /// All have passed.
    ///
    /// - Returns: What was learned; nil if they are to pass once more.
    /// - Precondition: One value was not missing.
    mutating func endPass() -> Learned?
}

/// Learns the mean, from one value after the other.
public struct MeanLearner: NumberLearner {
    public private(set) var count = 0
    private var sum = 0.0

    public init() {}

    public mutating func take(_ values: [Double]) {
        var (count, sum) = (count, sum)
        for value in values where !value.isNaN {
            sum += value
            count += 1
        }
        (self.count, self.sum) = (count, sum)
    }

    public mutating func endPass() -> Double? { sum / Double(count) }
}

/// Learns the least and the greatest value.
public struct RangeLearner: NumberLearner {
    public struct Range: Sendable, Equatable {
        public let least: Double
        public let greatest: Double
    }

    public private(set) var count = 0
    private var least = Double.infinity
    private var greatest = -Double.infinity

    public init() {}

    public mutating func take(_ values: [Double]) {
        for value in values where !value.isNaN {
            if value < least { least = value }
            if value > greatest { greatest = value }
            count += 1
        }
    }

    public mutating func endPass() -> Range? { Range(least: least, greatest: greatest) }
}
