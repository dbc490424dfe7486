/// Rows that values are taken from, column by column, so that distances are made of many rows at a time.
final class NeighborDonors: @unchecked Sendable {
    /// Rows come in groups of eight; the last group is filled up with rows that lack everything.
    static let lanes = 8

    let count: Int
    let groups: Int
    let columns: Int
    /// Of each column its rows; 0 where it is missing.
    private let values: UnsafeMutablePointer<SIMD8<Double>>
    /// 1 where a value is present, else 0.
    private let presence: UnsafeMutablePointer<SIMD8<Double>>
    /// Whether no row lacks the column.
    let isComplete: [Bool]

    init(_ x: [Double], columns: Int) {
        let count = x.count / columns
        let groups = (count + Self.lanes - 1) / Self.lanes
        let values = UnsafeMutablePointer<SIMD8<Double>>.allocate(capacity: groups * columns)
        let presence = UnsafeMutablePointer<SIMD8<Double>>.allocate(capacity: groups * columns)
        values.initialize(repeating: .zero, count: groups * columns)
        presence.initialize(repeating: .zero, count: groups * columns)
        var isComplete = [Bool](repeating: true, count: columns)
        for row in 0..<count {
            for column in 0..<columns {
                let value = x[row * columns + column]
                if value.isNaN {
                    isComplete[column] = false
                } else {
                    let place = column * groups + row / Self.lanes
                    values[place][row % Self.lanes] = value
                    presence[place][row % Self.lanes] = 1
                }
            }
        }
        self.count = count
        self.columns = columns
        self.groups = groups
        self.values = values
        self.presence = presence
        self.isComplete = isComplete
    }

    deinit {
        values.deallocate()
        presence.deallocate()
    }

    func values(of column: Int) -> UnsafePointer<SIMD8<Double>> { UnsafePointer(values + column * groups) }
    func presence(of column: Int) -> UnsafePointer<SIMD8<Double>> {
        UnsafePointer(presence + column * groups)
    }

    func value(row: Int, column: Int) -> Double {
        values[column * groups + row / Self.lanes][row % Self.lanes]
    }
    func isPresent(row: Int, column: Int) -> Bool {
        presence[column * groups + row / Self.lanes][row % Self.lanes] != 0
    }

    /// The squared distance of a row to every donor, NaN where no column is in both.
    ///
    /// Sums run over the columns in order, so a distance does not depend on the groups.
    ///
    /// - Parameter out: Room for all groups.
    func squaredDistances(of row: UnsafePointer<Double>, to out: UnsafeMutablePointer<SIMD8<Double>>) {
        // So many groups that what is summed stays in the nearest cache.
        let block = 64
        withUnsafeTemporaryAllocation(of: SIMD8<Double>.self, capacity: block) { shared in
            for start in stride(from: 0, to: groups, by: block) {
                let size = min(block, groups - start)
                for group in 0..<size {
                    out[start + group] = .zero
                    shared[group] = .zero
                }
                var complete = 0.0
                for column in 0..<columns where !row[column].isNaN {
                    let own = SIMD8<Double>(repeating: row[column])
                    let (values, presence) = (values(of: column) + start, presence(of: column) + start)
                    if isComplete[column] {
                        complete += 1
                        for group in 0..<size {
                            let difference = values[group] - own
                            out[start + group] += difference * difference
                        }
                    } else {
                        for group in 0..<size {
                            let difference = (values[group] - own) * presence[group]
                            out[start + group] += difference * difference
                            shared[group] += presence[group]
                        }
                    }
                }
                for group in 0..<size {
                    out[start + group] *= Double(columns) / (shared[group] + complete)
                }
            }
        }
    }
}
