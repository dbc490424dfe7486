public import Platform

/// What associations with columns of levels are made of, taken batch by batch: how often levels come together, and the sums
/// of numbers by level, over the rows in which both have a value.
///
/// Complexity: O(rows x levels columns x (levels columns / 2 + number columns)).
public struct LevelAssociations: Sendable {
    /// Of each column of levels, how many it has.
    private let levels: [Int]
    private let centres: [Double]
    /// Of each pair i < j in the order of `place`, level by level.
    private var tables: [[Int32]]
    /// Of each column of levels and each number.
    private var groups: [Groups]

    private struct Groups: Sendable {
        /// Of every level.
        var counts: [Int]
        var sums: [Double]
        /// Of all.
        var squares = 0.0
    }

    /// - Parameters:
    ///   - levels: Of each column of levels, how many it has.
    ///   - centres: Of each column of numbers a value near its mean.
    public init(levels: [Int], centres: [Double]) {
        self.levels = levels
        self.centres = centres
        tables = levels.indices.flatMap { j in
            (0..<j).map { i in [Int32](repeating: 0, count: levels[i] * levels[j]) }
        }
        groups = levels.flatMap { count in
            centres.map { _ in
                Groups(
                    counts: [Int](repeating: 0, count: count), sums: [Double](repeating: 0, count: count))
            }
        }
    }

    private static func place(_ i: Int, _ j: Int) -> Int { j * (j - 1) / 2 + i }

    /// Takes rows.
    ///
    /// - Parameters:
    ///   - codes: Of each column of levels the places of the rows' levels; below 0 where there is none.
    ///   - numbers: One that is not finite is missing.
    public mutating func add(_ codes: [[Int32]], _ numbers: [[Double]], _ pool: WorkerPool) {
        precondition(codes.count == levels.count && numbers.count == centres.count, "other columns")
        let (levels, centres) = (levels, centres)
        let pairs = levels.indices.flatMap { j in (0..<j).map { (i: $0, j: j) } }
        tables.withUnsafeMutableBufferPointer { tables in
            nonisolated(unsafe) let tables = tables
            pool.runEach(pairs.count) { pair in
                let (i, j) = pairs[pair]
                let width = levels[j]
                tables[pair].withUnsafeMutableBufferPointer { table in
                    codes[i].withUnsafeBufferPointer { one in
                        codes[j].withUnsafeBufferPointer { other in
                            for row in one.indices where one[row] >= 0 && other[row] >= 0 {
                                table[Int(one[row]) * width + Int(other[row])] &+= 1
                            }
                        }
                    }
                }
            }
        }
        groups.withUnsafeMutableBufferPointer { groups in
            nonisolated(unsafe) let groups = groups
            pool.runEach(groups.count) { place in
                let (level, number) = place.quotientAndRemainder(dividingBy: max(1, centres.count))
                Self.add(codes[level], numbers[number], less: centres[number], to: &groups[place])
            }
        }
    }

    private static func add(
        _ codes: [Int32], _ numbers: [Double], less centre: Double, to groups: inout Groups
    ) {
        var squares = 0.0
        groups.counts.withUnsafeMutableBufferPointer { counts in
            groups.sums.withUnsafeMutableBufferPointer { sums in
                for (code, number) in zip(codes, numbers) where code >= 0 && number.isFinite {
                    let value = number - centre
                    counts[Int(code)] += 1
                    sums[Int(code)] += value
                    squares += value * value
                }
            }
        }
        groups.squares += squares
    }

    /// Of two columns of levels; see `ContingencyTable.cramersV`.
    public func cramersV(_ one: Int, _ other: Int) -> Double? {
        let (i, j) = (min(one, other), max(one, other))
        let counts = tables[Self.place(i, j)].map { Int($0) }
        guard levels[j] > 0, !counts.isEmpty else { return nil }
        return ContingencyTable(counts: counts, columns: levels[j]).cramersV()
    }

    /// Eta, of a column of levels and one of numbers: the square root of the share of the numbers' variance that lies
    /// between the levels. Nil where less than two levels have a number, or all numbers are equal.
    ///
    /// Source: K. Pearson, "On the general theory of skew correlation and non-linear regression", 1905.
    public func correlationRatio(level: Int, number: Int) -> Double? {
        let group = groups[level * centres.count + number]
        let present = group.counts.indices.filter { group.counts[$0] > 0 }
        guard present.count > 1 else { return nil }
        let count = Double(group.counts.reduce(0, +))
        let sum = group.sums.reduce(0, +)
        let total = group.squares - sum * sum / count
        guard total > group.squares * 1e-12 else { return nil }
        let between = present.reduce(0) { $0 + group.sums[$1] * group.sums[$1] / Double(group.counts[$1]) }
        let share = (between - sum * sum / count) / total
        return share.isFinite ? min(1, max(0, share)).squareRoot() : nil
    }
}
