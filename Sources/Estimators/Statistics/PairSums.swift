public import Platform

/// What Pearson's correlation of each pair of columns is made of, over the rows in which both have a value, taken batch by
/// batch.
///
/// Missing values stand as zeros in the products, and what they would have counted is taken from the sums, so that a table
/// without nulls costs its products only. Each pair has one place and batches come in order: threads change no bit.
///
/// Complexity: O(rows x columns^2 / 2), and for each missing value O(columns).
public struct PairSums: Sendable {
    public let columns: Int
    private let centres: [Double]
    // By [i * columns + j]: of products of i and j; of i, and of its squares, where j has a value; rows where both have.
    private var products: [Double]
    private var sums: [Double]
    private var squares: [Double]
    private var counts: [Int]

    /// - Parameter centres: A value near each column's mean, which keeps its distance from rounding.
    public init(centres: [Double]) {
        columns = centres.count
        self.centres = centres
        products = [Double](repeating: 0, count: columns * columns)
        (sums, squares) = (products, products)
        counts = [Int](repeating: 0, count: columns * columns)
    }

    /// Takes rows.
    ///
    /// - Parameter batch: Of each column as many values; one that is not finite is missing.
    public mutating func add(_ batch: [[Double]], _ pool: WorkerPool) {
        precondition(batch.count == columns, "\(batch.count) columns in place of \(columns)")
        guard let rows = batch.first?.count, rows > 0 else { return }
        precondition(batch.allSatisfy { $0.count == rows }, "columns of different rows")
        let block = CentredBlock(batch, centres, pool)
        let width = columns
        products.withUnsafeMutableBufferPointer { products in
            nonisolated(unsafe) let products = products
            let strips = (width + 1) / 2
            pool.runEach(strips) { strip in
                for other in strip..<strips { block.addProducts(2 * strip, 2 * other, to: products, width) }
            }
        }
        sums.withUnsafeMutableBufferPointer { sums in
            squares.withUnsafeMutableBufferPointer { squares in
                counts.withUnsafeMutableBufferPointer { counts in
                    nonisolated(unsafe) let (sums, squares, counts) = (sums, squares, counts)
                    pool.runEach(width) { j in
                        for i in 0..<width {
                            let part = block.sums(of: i, where: j)
                            sums[i * width + j] += part.sum
                            squares[i * width + j] += part.squares
                            counts[i * width + j] += part.rows
                        }
                    }
                }
            }
        }
    }

    /// In [-1, 1]. Nil where less than two rows have both values, or one of the columns is constant in them.
    public func correlation(_ i: Int, _ j: Int) -> Double? {
        let (ij, ji) = (i * columns + j, j * columns + i)
        let rows = Double(counts[ij])
        guard rows > 1 else { return nil }
        let (x, y) = (squares[ij] - sums[ij] * sums[ij] / rows, squares[ji] - sums[ji] * sums[ji] / rows)
        // What is left of equal values is rounding.
        guard x > squares[ij] * 1e-12, y > squares[ji] * 1e-12 else { return nil }
        let xy = products[min(ij, ji)] - sums[ij] * sums[ji] / rows
        let r = xy / (x.squareRoot() * y.squareRoot())
        return r.isFinite ? min(1, max(-1, r)) : nil
    }

    /// Rows in which both have a value.
    public func rows(_ i: Int, _ j: Int) -> Int { counts[i * columns + j] }
}

/// Rows of all columns, less their centres, zero where a value is missing.
private final class CentredBlock: @unchecked Sendable {
    private typealias Lane = SIMD4<Double>
    private let rows: Int
    /// From one column to the next, whole lanes.
    private let stride: Int
    private let values: UnsafeMutablePointer<Double>
    private let columns: Int
    private let parts: UnsafeMutablePointer<Part>

    private struct Part {
        /// Rows without a value, and the same a bit a row.
        var missing: [Int32] = []
        var gaps: [UInt64]
        var sum = 0.0
        var squares = 0.0
    }

    init(_ batch: [[Double]], _ centres: [Double], _ pool: WorkerPool) {
        rows = batch[0].count
        stride = (rows + 3) / 4 * 4
        // An even number, so that strips of two have their place.
        let height = (batch.count + 1) / 2 * 2
        values = .allocate(capacity: height * stride)
        values.initialize(repeating: 0, count: height * stride)
        columns = batch.count
        parts = .allocate(capacity: columns)
        parts.initialize(
            repeating: Part(gaps: [UInt64](repeating: 0, count: (rows + 63) / 64)), count: columns)
        pool.runEach(columns) { take(batch[$0], $0, centres[$0]) }
    }

    deinit {
        values.deallocate()
        parts.deinitialize(count: columns)
        parts.deallocate()
    }

    /// Threads take columns of their own.
    private func take(_ column: [Double], _ place: Int, _ centre: Double) {
        let start = values + place * stride
        var part = parts[place]
        for (row, value) in column.enumerated() {
            guard value.isFinite else {
                part.missing.append(Int32(row))
                part.gaps[row >> 6] |= 1 << UInt64(row & 63)
                continue
            }
            let distance = value - centre
            start[row] = distance
            part.sum += distance
            part.squares += distance * distance
        }
        parts[place] = part
    }

    /// Of two columns by two, a lane of rows at a time. Those behind the last column are zeros and have no place.
    func addProducts(_ i: Int, _ j: Int, to products: UnsafeMutableBufferPointer<Double>, _ width: Int) {
        let (a0, a1) = (values + i * stride, values + (i + 1) * stride)
        let (b0, b1) = (values + j * stride, values + (j + 1) * stride)
        var (s00, s01, s10, s11) = (Lane.zero, Lane.zero, Lane.zero, Lane.zero)
        func lane(_ start: UnsafeMutablePointer<Double>, _ row: Int) -> Lane {
            UnsafeRawPointer(start + row).loadUnaligned(as: Lane.self)
        }
        for row in Swift.stride(from: 0, to: stride, by: 4) {
            let (x0, x1, y0, y1) = (lane(a0, row), lane(a1, row), lane(b0, row), lane(b1, row))
            s00 += x0 * y0
            s01 += x0 * y1
            s10 += x1 * y0
            s11 += x1 * y1
        }
        for (x, y, sum) in [(i, j, s00), (i, j + 1, s01), (i + 1, j, s10), (i + 1, j + 1, s11)]
        where x < width && y < width && x <= y {
            products[x * width + y] += sum.sum()
        }
    }

    /// Sums of a column over the rows where another has a value, and how many rows both have.
    func sums(of i: Int, where j: Int) -> (sum: Double, squares: Double, rows: Int) {
        let (own, other) = (parts[i], parts[j])
        if other.missing.isEmpty { return (own.sum, own.squares, rows - own.missing.count) }
        let place = values + i * stride
        var (sum, squares) = (0.0, 0.0)
        for row in other.missing {
            let value = place[Int(row)]
            sum += value
            squares += value * value
        }
        let common = zip(own.gaps, other.gaps).reduce(0) { $0 + ($1.0 & $1.1).nonzeroBitCount }
        return (
            own.sum - sum, own.squares - squares, rows - own.missing.count - other.missing.count + common
        )
    }
}
