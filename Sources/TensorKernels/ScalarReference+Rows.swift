extension ScalarReference {
    /// One row.
    public static func softmax(_ x: [Float]) -> [Float] {
        let powers = powers(x).values
        let total = sum(powers)
        return powers.map { $0 / total }
    }

    public static func logSoftmax(_ x: [Float]) -> [Float] {
        let (top, values) = powers(x)
        let total = log(sum(values))
        return x.map { $0 - top - total }
    }

    static func powers(_ x: [Float]) -> (top: Float, values: [Float]) {
        let top = x.reduce(-Float.infinity) { $1 > $0 ? $1 : $0 }
        return (top, x.map { exp($0 - top) })
    }

    public static func softmaxGradient(_ dy: [Float], _ y: [Float]) -> [Float] {
        let sum = dot(dy, y)
        return y.indices.map { y[$0] * (dy[$0] - sum) }
    }

    public static func logSoftmaxGradient(_ dy: [Float], _ y: [Float]) -> [Float] {
        let total = sum(dy)
        return y.indices.map { dy[$0].addingProduct(exp(y[$0]), 0 - total) }
    }

    /// One row: the normalised row, its mean and its reciprocal deviation.
    public static func layerNorm(
        _ x: [Float], gamma: [Float], beta: [Float], epsilon: Float
    ) -> (y: [Float], mean: Float, reciprocal: Float) {
        let count = Float(x.count)
        let mean = sum(x) / count
        let variance = rowSum(x.count) { $0.addProduct(x[$1] - mean, x[$1] - mean) } / count
        let reciprocal = 1 / (variance + epsilon).squareRoot()
        let y = x.indices.map { beta[$0].addingProduct((x[$0] - mean) * reciprocal, gamma[$0]) }
        return (y, mean, reciprocal)
    }

    public static func layerNormGradient(
        _ dy: [Float], _ x: [Float], mean: Float, reciprocal: Float, gamma: [Float]
    ) -> [Float] {
        let count = Float(x.count)
        let normal = x.map { ($0 - mean) * reciprocal }
        let slope = x.indices.map { dy[$0] * gamma[$0] }
        let share = sum(slope) / count
        let tilt = 0 - dot(slope, normal) / count
        return x.indices.map { (slope[$0] - share).addingProduct(normal[$0], tilt) * reciprocal }
    }

    /// Folds rows by `step`, which adds an element to what is folded: left to
    /// right from zero within a leaf of `segment` rows (0: one leaf), then
    /// leaves left to right.
    static func foldRows(
        _ rows: Int, _ columns: Int, _ segment: Int, _ step: (inout Float, _ row: Int, _ column: Int) -> Void
    ) -> [Float] {
        let length = segment <= 0 ? max(rows, 1) : segment
        return (0..<columns).map { column in
            var sum: Float = 0
            for start in stride(from: 0, to: rows, by: length) {
                var leaf: Float = 0
                for row in start..<min(start + length, rows) { step(&leaf, row, column) }
                sum = start == 0 ? leaf : sum + leaf
            }
            return sum
        }
    }

    public static func sumRows(_ x: [Float], rows: Int, columns: Int, segment: Int) -> [Float] {
        foldRows(rows, columns, segment) { $0 += x[$1 * columns + $2] }
    }

    public static func layerNormParameterGradient(
        _ dy: [Float], _ x: [Float], means: [Float], reciprocals: [Float], columns: Int, segment: Int
    ) -> (gamma: [Float], beta: [Float]) {
        let gamma = foldRows(means.count, columns, segment) { sum, row, column in
            let i = row * columns + column
            sum.addProduct(dy[i], (x[i] - means[row]) * reciprocals[row])
        }
        return (gamma, sumRows(dy, rows: means.count, columns: columns, segment: segment))
    }
}
