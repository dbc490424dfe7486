/// The triangular factor of a matrix that comes row by row: R of X = QR, by Householder reflections of one block of rows
/// after another, so that rows need not be kept.
///
/// Source: Golub and Van Loan, "Matrix computations", 5.2 and 12.5 (updating a QR factorization by rows).
struct TriangularFactor {
    let columns: Int
    /// Column by column, those at and above the diagonal.
    private var factor: [Double]
    /// The rows that are not yet in the factor, column by column.
    private var block: [Double]
    private var filled = 0
    private let capacity: Int

    init(columns: Int) {
        self.columns = columns
        capacity = max(64, columns)
        factor = [Double](repeating: 0, count: columns * columns)
        block = [Double](repeating: 0, count: columns * capacity)
    }

    /// - Complexity: O(columns^2) on average.
    mutating func append(_ value: (_ column: Int) -> Double) {
        for column in 0..<columns { block[column * capacity + filled] = value(column) }
        filled += 1
        if filled == capacity { reflect() }
    }

    /// The factor, row by row: `columns` squared.
    mutating func finish() -> [Double] {
        if filled > 0 { reflect() }
        var rows = [Double](repeating: 0, count: columns * columns)
        for row in 0..<columns {
            for column in row..<columns { rows[row * columns + column] = factor[column * columns + row] }
        }
        return rows
    }

    private mutating func reflect() {
        let (columns, capacity, filled) = (columns, capacity, filled)
        factor.withUnsafeMutableBufferPointer { factor in
            block.withUnsafeMutableBufferPointer { block in
                for pivot in 0..<columns {
                    let own = block.baseAddress! + pivot * capacity
                    let rest = Vectors.dot(own, own, filled)
                    guard rest > 0 else { continue }
                    let top = factor[pivot * columns + pivot]
                    let norm = (top * top + rest).squareRoot()
                    let image = top > 0 ? -norm : norm
                    let head = top - image
                    let scale = 2 / (head * head + rest)
                    for other in (pivot + 1)..<max(pivot + 1, columns) {
                        let column = block.baseAddress! + other * capacity
                        let place = other * columns + pivot
                        let share = scale * (head * factor[place] + Vectors.dot(own, column, filled))
                        factor[place] -= share * head
                        Vectors.add(-share, own, to: column, filled)
                    }
                    factor[pivot * columns + pivot] = image
                }
            }
        }
        self.filled = 0
    }
}
