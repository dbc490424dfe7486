/// Rows that values are taken from, eight side by side, so that distances are made of eight at a time.
final class NeighborDonors: @unchecked Sendable {
    /// The last group is filled up with rows that lack everything.
    static let lanes = 8

    let count: Int
    let groups: Int
    let columns: Int
    /// Group by group its columns; 0 where a value is missing.
    private let values: UnsafeMutablePointer<SIMD8<Double>>
    /// 1 where a value is present, else 0.
    private let presence: UnsafeMutablePointer<SIMD8<Double>>
    /// Of each column its groups, one bit a row.
    private let bits: [UInt8]
    /// Whether no row lacks the column.
    private let isComplete: [Bool]

    init(_ x: [Double], columns: Int) {
        let count = x.count / columns
        let groups = (count + Self.lanes - 1) / Self.lanes
        let values = UnsafeMutablePointer<SIMD8<Double>>.allocate(capacity: groups * columns)
        let presence = UnsafeMutablePointer<SIMD8<Double>>.allocate(capacity: groups * columns)
        values.initialize(repeating: .zero, count: groups * columns)
        presence.initialize(repeating: .zero, count: groups * columns)
        var isComplete = [Bool](repeating: true, count: columns)
        var bits = [UInt8](repeating: 0, count: groups * columns)
        for row in 0..<count {
            let (group, lane) = (row / Self.lanes, row % Self.lanes)
            for column in 0..<columns {
                let value = x[row * columns + column]
                if value.isNaN {
                    isComplete[column] = false
                } else {
                    values[group * columns + column][lane] = value
                    presence[group * columns + column][lane] = 1
                    bits[column * groups + group] |= 1 << UInt8(lane)
                }
            }
        }
        self.count = count
        self.columns = columns
        self.groups = groups
        self.values = values
        self.presence = presence
        self.bits = bits
        self.isComplete = isComplete
    }

    deinit {
        values.deallocate()
        presence.deallocate()
    }

    /// Which rows of a group have a column, one bit a row.
    func presence(group: Int, column: Int) -> UInt8 { bits[column * groups + group] }

    func value(row: Int, column: Int) -> Double {
        values[row / Self.lanes * columns + column][row % Self.lanes]
    }

    /// The columns a row has: those that no donor lacks, and the others.
    struct Present {
        let whole: [Int]
        let gappy: [Int]
    }

    func present(in row: UnsafePointer<Double>) -> Present {
        let own = (0..<columns).filter { !row[$0].isNaN }
        return Present(whole: own.filter { isComplete[$0] }, gappy: own.filter { !isComplete[$0] })
    }

    /// So many groups that they stay in a near cache while rows are compared with them.
    var block: Int { max(1, (1 << 17) / (columns * MemoryLayout<SIMD8<Double>>.stride * 2)) }

    /// The squared distance of a row to the donors of some groups, NaN where no column is in both.
    ///
    /// Sums run over the columns that no donor lacks and then over the others, each in order.
    ///
    /// - Parameter out: Room for all groups.
    func squaredDistances(
        of row: UnsafePointer<Double>, _ present: Present, in range: Range<Int>,
        to out: UnsafeMutablePointer<SIMD8<Double>>
    ) {
        present.whole.withUnsafeBufferPointer { whole in
            present.gappy.withUnsafeBufferPointer { gappy in
                for group in range {
                    let (values, presence) = (values + group * columns, presence + group * columns)
                    var sum = SIMD8<Double>.zero
                    var shared = SIMD8(repeating: Double(whole.count))
                    for column in whole {
                        let difference = values[column] - row[column]
                        sum += difference * difference
                    }
                    for column in gappy {
                        let difference = (values[column] - row[column]) * presence[column]
                        sum += difference * difference
                        shared += presence[column]
                    }
                    out[group] = sum * (Double(columns) / shared)
                }
            }
        }
    }
}
