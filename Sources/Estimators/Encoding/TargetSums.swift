/// What a target sums to in each level: place 0 is null, the levels follow.
struct TargetSums: Sendable {
    private(set) var rows = 0
    private var total = 0.0
    private var counts: [Double]
    private var sums: [Double]
    /// Of the differences to the level's mean, and to that of all, in a second pass.
    private var squares: [Double] = []
    private var allSquares = 0.0
    private var means: [Double] = []

    init(levels: Int) {
        counts = [Double](repeating: 0, count: levels + 1)
        sums = counts
    }

    var mean: Double { total / Double(rows) }

    mutating func add(_ codes: [Int32], _ target: [Double]) {
        let most = Int(codes.max() ?? -1) + 2
        if most > counts.count {
            counts += [Double](repeating: 0, count: most - counts.count)
            sums += [Double](repeating: 0, count: most - sums.count)
        }
        for (code, value) in zip(codes, target) {
            counts[Int(code) + 1] += 1
            sums[Int(code) + 1] += value
            total += value
        }
        rows += codes.count
    }

    /// The first pass is over.
    mutating func center() {
        means = sums.indices.map { sums[$0] / counts[$0] }
        squares = [Double](repeating: 0, count: sums.count)
    }

    /// - Precondition: All codes were there in the first pass.
    mutating func addSquares(_ codes: [Int32], _ target: [Double]) {
        let mean = mean
        for (code, value) in zip(codes, target) {
            let own = value - means[Int(code) + 1]
            squares[Int(code) + 1] += own * own
            allSquares += (value - mean) * (value - mean)
        }
    }

    /// Equation 7, or equations 5 and 6 of Micci-Barreca.
    func values(_ smoothing: TargetEncoder.Smoothing) -> [Double] {
        let mean = mean
        switch smoothing {
        case .rows(let smoothing):
            return sums.indices.map { level in
                let count = counts[level] + smoothing
                return count == 0 ? mean : (smoothing * mean + sums[level]) / count
            }
        case .auto:
            let variance = allSquares / Double(rows)
            return means.indices.map { level in
                let own = variance * counts[level]
                let weight = own / (own + squares[level] / counts[level])
                // None of the level's rows, or a target that is the same everywhere.
                return weight.isNaN ? mean : weight * means[level] + (1 - weight) * mean
            }
        }
    }
}
