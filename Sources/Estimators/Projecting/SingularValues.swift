/// The singular values of a matrix and its right singular vectors, by turning its rows until they are orthogonal.
///
/// Source: Hestenes, "Inversion of matrices by biorthogonalization and related results", 1958 (one-sided Jacobi); Demmel
/// and Veselic, "Jacobi's method is more accurate than QR", SIAM J. Matrix Anal. Appl. 13 (1992).
struct SingularValues {
    /// Descending; as many as the lesser of rows and columns.
    let values: [Double]
    /// One of length 1 a value, in their order; all zero where the value is zero next to the greatest.
    let vectors: [[Double]]

    /// - Parameters:
    ///   - row: A row's value in a column.
    ///   - rows: A matrix of many rows is brought to a triangle first.
    /// - Complexity: O(rows columns^2 + columns^3).
    init(rows: Int, columns: Int, _ value: (_ row: Int, _ column: Int) -> Double) {
        if rows > columns {
            var triangle = TriangularFactor(columns: columns)
            for row in 0..<rows { triangle.append { value(row, $0) } }
            self.init(orthogonalizing: triangle.finish(), columns: columns)
        } else {
            self.init(
                orthogonalizing: (0..<rows * columns).map { value($0 / columns, $0 % columns) },
                columns: columns)
        }
    }

    /// - Parameter matrix: Row by row.
    init(orthogonalizing matrix: [Double], columns: Int) {
        var matrix = matrix
        let rows = columns == 0 ? 0 : matrix.count / columns
        var norms: [Double] = []
        matrix.withUnsafeMutableBufferPointer { matrix in
            guard let base = matrix.baseAddress else { return }
            var left = Self.sweeps
            while left > 0, !Self.sweep(base, rows, columns) { left -= 1 }
            norms = (0..<rows).map { row in
                Vectors.dot(base + row * columns, base + row * columns, columns).squareRoot()
            }
        }
        let order = norms.indices.sorted { (-norms[$0], $0) < (-norms[$1], $1) }
        let least = (norms.max() ?? 0) * .ulpOfOne
        values = order.map { norms[$0] }
        vectors = order.map { row in
            (0..<columns).map { norms[row] > least ? matrix[row * columns + $0] / norms[row] : 0 }
        }
    }

    /// Six to ten are needed.
    private static let sweeps = 60

    /// Turns each pair of rows once; whether all were orthogonal.
    private static func sweep(_ matrix: UnsafeMutablePointer<Double>, _ rows: Int, _ columns: Int) -> Bool {
        var squares = (0..<rows).map { row in
            Vectors.dot(matrix + row * columns, matrix + row * columns, columns)
        }
        let least = (squares.max() ?? 0) * .ulpOfOne * .ulpOfOne
        let tolerance = Double(columns).squareRoot() * .ulpOfOne
        var isDone = true
        for first in 0..<rows {
            for second in (first + 1)..<max(first + 1, rows) {
                let (a, b) = (squares[first], squares[second])
                // A row of rounding errors has no direction.
                guard a > least, b > least else { continue }
                let (one, other) = (matrix + first * columns, matrix + second * columns)
                let product = Vectors.dot(one, other, columns)
                guard product.magnitude > tolerance * a.squareRoot() * b.squareRoot() else { continue }
                isDone = false
                let ratio = (b - a) / (2 * product)
                let root = ratio.magnitude + (1 + ratio * ratio).squareRoot()
                let tangent = (ratio < 0 ? -1 : 1) / root
                let cosine = 1 / (1 + tangent * tangent).squareRoot()
                Vectors.rotate(one, other, cosine: cosine, sine: cosine * tangent, columns)
                squares[first] = a - tangent * product
                squares[second] = b + tangent * product
            }
        }
        return isDone
    }
}
