public import Platform

/// What a logistic regression says of rows it was not trained on: each fold's rows by a model of all others.
public enum OutOfFold {
    public static let foldsRange = OptionRange.whole("the number of folds", from: 2, to: 50)
    public static let cRange = OptionRange.number("c", from: 0, excludesLowest: true)

    /// - Parameters:
    ///   - x: Rows x columns, row by row.
    ///   - labels: In `0..<classes`, of each at least `folds` rows.
    ///   - folds: In `foldsRange`.
    ///   - c: In `cRange`; how little the penalty of large coefficients counts.
    /// - Returns: Rows x classes, row by row; the same whatever the pool.
    /// - Throws: `EstimatorError`; `RowSplitError.classTooSmall`.
    /// - Complexity: `folds` trainings; memory: a copy of the rows for each thread.
    public static func probabilities(
        _ x: [Double], columns: Int, labels: [Int], classes: Int, folds: Int, c: Double, seed: UInt64,
        _ pool: WorkerPool
    ) throws -> [Double] {
        try foldsRange.check(folds)
        try cRange.check(c)
        guard x.count == labels.count * columns else {
            throw EstimatorError.shape(values: x.count, rows: labels.count, columns: columns)
        }
        let split = try RowSplit(
            rows: labels.count, parts: (0..<folds).map { .init("fold \($0)", 1 / Double(folds)) },
            method: .stratified(labels.map { Int32($0) }), seed: seed)
        var answers = [Result<[Double], EstimatorError>](repeating: .success([]), count: folds)
        answers.withUnsafeMutableBufferPointer { answers in
            nonisolated(unsafe) let answers = answers
            pool.runEach(folds) { fold in
                answers[fold] = Result { () throws(EstimatorError) in
                    try answer(fold, split.partOfRow, x, columns, labels, classes, c)
                }
            }
        }
        var probabilities = [Double](repeating: 0, count: labels.count * classes)
        for (fold, rows) in split.rows.enumerated() {
            let own = try answers[fold].get()
            for (place, row) in rows.enumerated() {
                for label in 0..<classes {
                    probabilities[row * classes + label] = own[place * classes + label]
                }
            }
        }
        return probabilities
    }

    /// Of the rows of one fold, in order.
    private static func answer(
        _ fold: Int, _ partOfRow: [UInt8], _ x: [Double], _ columns: Int, _ labels: [Int], _ classes: Int,
        _ c: Double
    ) throws(EstimatorError) -> [Double] {
        var (train, test): ([Double], [Double]) = ([], [])
        var targets: [Int] = []
        train.reserveCapacity(x.count)
        for (row, part) in partOfRow.enumerated() {
            let own = x[row * columns..<(row + 1) * columns]
            if Int(part) == fold {
                test += own
            } else {
                train += own
                targets.append(labels[row])
            }
        }
        let model = try LogisticRegression(
            fitting: train, columns: columns, labels: targets, classes: classes, c: c, tolerance: tolerance)
        return model.probabilities(test)
    }

    /// Of the gradient; what is left of the way changes no probability by 1e-6.
    private static let tolerance = 1e-6
}
