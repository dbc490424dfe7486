import TensorKernels

extension TargetEncoder {
    public static let foldsRange = OptionRange.whole("folds", from: 2, to: 255)

    /// The values of the rows that were learned from, each by an encoder that has not seen its row's target, as those of
    /// new rows will be: what a model is to be trained on.
    ///
    /// Meaning: scikit-learn's TargetEncoder.fit_transform; which fold a row is in is our own.
    ///
    /// - Throws: As fitting; `option` if there are fewer rows than folds.
    /// - Complexity: O(rows x folds x columns).
    public static func outOfFold(
        _ codes: [Int32], levels: Int, target: EncoderTarget, smoothing: Smoothing = .auto,
        folds count: Int = 5,
        seed: UInt64 = 0
    ) throws(EstimatorError) -> [[Double]] {
        try foldsRange.check(count)
        try target.check(rows: codes.count)
        guard codes.count >= count else {
            throw .option("folds", value: "\(count)", expected: "at most the number of rows, \(codes.count)")
        }
        let foldOfRow = folds(target, count: count, seed: seed)
        var values: [[Double]] = []
        for fold in 0..<count {
            let encoder = try TargetEncoder(
                fitting: codes, levels: levels, target: target, smoothing: smoothing,
                rows: codes.indices.filter { foldOfRow[$0] != fold })
            if values.isEmpty {
                values = [[Double]](
                    repeating: [Double](repeating: 0, count: codes.count), count: encoder.means.count)
            }
            let own = codes.indices.filter { foldOfRow[$0] == fold }
            for (column, encoded) in encoder(own.map { codes[$0] }).enumerated() {
                for (row, value) in zip(own, encoded) { values[column][row] = value }
            }
        }
        return values
    }

    /// The fold of each row. Rows in random order, of classes one class after the other, are dealt to the folds in turn:
    /// folds differ by a row at most, in all and in each class.
    ///
    /// - Complexity: O(n log n).
    public static func folds(_ target: EncoderTarget, count: Int, seed: UInt64) -> [Int] {
        let (rows, labels): (Int, [Int]?) =
            switch target {
            case .number(let values): (values.count, nil)
            case .classes(let labels, _): (labels.count, labels)
            }
        var order = RandomStream.targetFold.permutation(rows, seed: seed)
        if let labels {
            var members = [[Int]](repeating: [], count: (labels.max() ?? -1) + 1)
            for row in order { members[labels[row]].append(row) }
            order = members.flatMap { $0 }
        }
        var foldOfRow = [Int](repeating: 0, count: rows)
        for (place, row) in order.enumerated() { foldOfRow[row] = place % count }
        return foldOfRow
    }
}
