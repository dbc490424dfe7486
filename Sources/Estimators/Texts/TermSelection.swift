/// A bound on how many texts hold a term.
public enum TextShare: Sendable, Equatable {
    case count(Int)
    /// Of all texts, in [0, 1].
    case share(Double)

    public static func countRange(_ name: String) -> OptionRange { .whole(name, from: 1, to: 1 << 52) }
    public static func shareRange(_ name: String) -> OptionRange { .number(name, from: 0, to: 1) }

    func check(_ name: String) throws(EstimatorError) {
        switch self {
        case .count(let count): try Self.countRange(name).check(count)
        case .share(let share): try Self.shareRange(name).check(share)
        }
    }

    func texts(of all: Int) -> Double {
        switch self {
        case .count(let count): Double(count)
        case .share(let share): share * Double(all)
        }
    }
}

/// Which terms become columns.
public struct TermSelection: Sendable, Equatable {
    /// Terms in fewer texts are left out (`min_df`).
    public var least: TextShare
    /// Terms in more texts are left out (`max_df`).
    public var most: TextShare
    /// Of the rest so many that come most often; of equally frequent ones those first in the order of their bytes
    /// (docs/decisions/0018-where-text-features-differ.md).
    public var limit: Int?

    public init(least: TextShare = .count(1), most: TextShare = .share(1), limit: Int? = nil) {
        self.least = least
        self.most = most
        self.limit = limit
    }

    public static let limitRange = OptionRange.whole("max_features", from: 1, to: Int(Int32.max))

    func check() throws(EstimatorError) {
        try least.check("min_df")
        try most.check("max_df")
        if let limit { try Self.limitRange.check(limit) }
    }
}
