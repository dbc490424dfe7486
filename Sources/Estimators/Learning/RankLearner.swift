/// Finds values by their places in ascending order, however many pass: they are held while they are few enough; else
/// counted by 16 leading bits, and looked at once more where those are a wanted value's. After four such passes all 64
/// bits are known.
///
/// Source: the histogram passes of `OrderStatistics`, one a pass of the rows.
public struct RankLearner: Sendable {
    private static let digit = 16

    /// Values of one pass that share their leading bits with a wanted one.
    private struct Cell {
        /// Leading bits, and how many there are.
        var prefix: UInt64 = 0
        var known = 0
        /// Wanted places: among all values, and among these.
        var ranks: [(all: Int, own: Int)] = []
        var held: [Double] = []
        /// By the next bits; empty while all values are held.
        var counts: [Int] = []
    }

    private let scope: LearningScope
    private let ranks: @Sendable (Int) -> [Int]
    private var cells = [Cell()]
    private var found: [Int: Double] = [:]
    private var isFirst = true
    /// Values that are not NaN.
    public private(set) var count = 0

    /// - Parameter ranks: The places that are wanted, from 0, of so many values.
    public init(_ scope: LearningScope, ranks: @escaping @Sendable (_ count: Int) -> [Int]) {
        self.scope = scope
        self.ranks = ranks
    }

    public mutating func take(_ values: [Double]) {
        let present = OrderStatistics.present(in: values)
        guard isFirst else { return takeAgain(present) }
        count += present.count
        if cells[0].counts.isEmpty, cells[0].held.count + present.count <= scope.most {
            // Once for all: what grows is copied again and again.
            if cells[0].held.isEmpty, present.count < scope.rows {
                cells[0].held.reserveCapacity(min(scope.rows, scope.most))
            }
            cells[0].held += present
            return
        }
        spill(0)
        for value in present { add(OrderStatistics.key(value), to: 0) }
    }

    private mutating func takeAgain(_ present: [Double]) {
        for value in present {
            let key = OrderStatistics.key(value)
            for place in cells.indices where key >> UInt64(64 - cells[place].known) == cells[place].prefix {
                if cells[place].counts.isEmpty {
                    cells[place].held.append(value)
                    if cells[place].held.count > scope.most / cells.count { spill(place) }
                } else {
                    add(key, to: place)
                }
            }
        }
    }

    /// Counts what was held so far.
    private mutating func spill(_ place: Int) {
        guard cells[place].counts.isEmpty else { return }
        let held = cells[place].held
        cells[place].held = []
        cells[place].counts = [Int](repeating: 0, count: 1 << Self.digit)
        for value in held { add(OrderStatistics.key(value), to: place) }
    }

    private mutating func add(_ key: UInt64, to place: Int) {
        let shift = UInt64(64 - cells[place].known - Self.digit)
        cells[place].counts[Int(key >> shift & (1 << UInt64(Self.digit) - 1))] += 1
    }

    /// All have passed.
    ///
    /// - Returns: The values at the places, -0 as 0; nil if all are to pass once more.
    /// - Precondition: The places are there.
    public mutating func endPass() -> [Double]? {
        if isFirst {
            isFirst = false
            cells[0].ranks = ranks(count).map { ($0, $0) }
        }
        var next: [Cell] = []
        for cell in cells {
            if cell.counts.isEmpty {
                let values = cell.held.withUnsafeBufferPointer {
                    OrderStatistics.select($0, ranks: cell.ranks.map(\.own))
                }
                for (rank, value) in zip(cell.ranks, values) { found[rank.all] = value }
            } else {
                split(cell, &next)
            }
        }
        cells = next
        return next.isEmpty ? ranks(count).map { found[$0]! } : nil
    }

    private mutating func split(_ cell: Cell, _ next: inout [Cell]) {
        var before = 0
        for (bits, count) in cell.counts.enumerated() where count > 0 {
            let inside = cell.ranks.filter { (before..<before + count).contains($0.own) }
            if !inside.isEmpty {
                let prefix = cell.prefix << UInt64(Self.digit) | UInt64(bits)
                let known = cell.known + Self.digit
                if known == 64 {
                    for rank in inside { found[rank.all] = OrderStatistics.value(prefix) }
                } else {
                    next.append(
                        Cell(prefix: prefix, known: known, ranks: inside.map { ($0.all, $0.own - before) }))
                }
            }
            before += count
        }
    }
}

/// Learns the median; of an even number the mean of the middle pair.
public struct MedianLearner: NumberLearner {
    private var ranks: RankLearner

    public init(_ scope: LearningScope) { ranks = RankLearner(scope) { [($0 - 1) / 2, $0 / 2] } }

    public var count: Int { ranks.count }

    public mutating func take(_ values: [Double]) { ranks.take(values) }

    public mutating func endPass() -> Double? {
        ranks.endPass().map { pair in count % 2 == 1 ? pair[1] : (pair[0] + pair[1]) / 2 }
    }
}
