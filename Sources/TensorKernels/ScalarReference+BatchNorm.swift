extension ScalarReference {
    /// Of each column its mean and its variance.
    public static func batchNormMoments(
        _ x: [Float], rows: Int, columns: Int, segment: Int
    ) -> (means: [Float], variances: [Float]) {
        let length = segment <= 0 ? max(rows, 1) : segment
        let moments = (0..<columns).map { column -> (Float, Float) in
            var (mean, squares): (Float, Float) = (0, 0)
            for start in stride(from: 0, to: rows, by: length) {
                let leaf = (start..<min(start + length, rows)).map { x[$0 * columns + column] }
                let leafMean = leaf.reduce(0, +) / Float(leaf.count)
                let leafSquares = leaf.reduce(Float(0)) { $0.addingProduct($1 - leafMean, $1 - leafMean) }
                if start == 0 {
                    (mean, squares) = (leafMean, leafSquares)
                } else {
                    let part = Float(leaf.count) / Float(start + leaf.count)
                    let apart = leafMean - mean
                    mean.addProduct(apart, part)
                    squares = (squares + leafSquares).addingProduct(apart * apart, Float(start) * part)
                }
            }
            return (mean, squares / Float(max(rows, 1)))
        }
        return (moments.map(\.0), moments.map(\.1))
    }

    /// One element.
    public static func batchNorm(
        _ x: Float, mean: Float, reciprocal: Float, gamma: Float, beta: Float
    ) -> Float {
        beta.addingProduct((x - mean) * reciprocal, gamma)
    }

    public static func batchNormParameterGradient(
        _ dy: [Float], _ x: [Float], means: [Float], reciprocals: [Float], rows: Int, segment: Int
    ) -> (gamma: [Float], beta: [Float]) {
        let columns = means.count
        let gamma = foldRows(rows, columns, segment) { sum, row, column in
            let i = row * columns + column
            sum.addProduct(dy[i], (x[i] - means[column]) * reciprocals[column])
        }
        return (gamma, sumRows(dy, rows: rows, columns: columns, segment: segment))
    }

    /// One element.
    public static func batchNormGradient(
        _ dy: Float, _ x: Float, mean: Float, reciprocal: Float, gamma: Float, dgamma: Float, dbeta: Float,
        count: Int
    ) -> Float {
        let share = 1 / Float(count)
        let level = (dy - dbeta * share).addingProduct((x - mean) * reciprocal, dgamma * (0 - share))
        return level * (gamma * reciprocal)
    }

    /// Adds to each of the table's rows the fold of those of dy that have its id.
    public static func scatterAddRows(
        _ table: [Float], _ dy: [Float], ids: [Int32], columns: Int, segment: Int
    ) -> [Float] {
        var out = table
        for id in Set(ids) {
            let rows = ids.indices.filter { ids[$0] == id }
            for column in 0..<columns {
                var (sum, leaf): (Float?, Float) = (nil, 0)
                for (place, row) in rows.enumerated() {
                    leaf += dy[row * columns + column]
                    let next = place + 1 < rows.count ? rows[place + 1] : nil
                    if let next, segment <= 0 || next / segment == row / segment { continue }
                    sum = sum.map { $0 + leaf } ?? leaf
                    leaf = 0
                }
                out[Int(id) * columns + column] += sum ?? 0
            }
        }
        return out
    }
}
