import TensorKernels

/// Row numbers cut into folds for cross-validation: each fold is tested by a model of other rows.
///
/// Sizes are those of scikit-learn's splitters. Folds of random and stratified rows (`KFold`, `StratifiedKFold`) have
/// sizes within 1 of each other, and of each class too; every row is tested once. Groups go, the largest first, to the
/// fold with the fewest rows (`GroupKFold`), those of one size in random order. In time (`TimeSeriesSplit`) the rows are
/// cut into one stretch more than there are folds, all but the first of `rows / (folds + 1)` rows: a fold tests a
/// stretch and learns from all before it, so the earliest rows are never tested.
///
/// Complexity: as `RowSplit`; for groups O(n + g (log g + folds)). Memory: a byte a row, while it is made as `RowSplit`.
public struct RowFolds: Sendable, Equatable {
    public enum Side: Sendable, Equatable {
        case train, test
        /// Rows of a later time than those tested.
        case neither
    }

    /// How many folds there can be.
    public static let range = 2...200

    public let folds: Int
    /// By row its fold; in time one more, and 0 for the earliest rows.
    private let stretchOfRow: [UInt8]
    private let isExpanding: Bool

    /// - Throws: `RowSplitError`; a fold without rows is an `emptyPart` of that number.
    /// - Precondition: At most 2^32 - 1 rows.
    public init(
        rows count: Int, folds: Int, method: RowSplit.Method = .random, seed: UInt64 = 0
    ) throws(RowSplitError) {
        guard Self.range.contains(folds) else { throw .folds(folds) }
        self.folds = folds
        switch method {
        case .random, .stratified:
            let parts = (0..<folds).map { RowSplit.Part("\($0)", 1 / Double(folds)) }
            stretchOfRow = try RowSplit(rows: count, parts: parts, method: method, seed: seed).partOfRow
            isExpanding = false
        case .group(let groups):
            if groups.count != count { throw .keyCount(keys: groups.count, rows: count) }
            stretchOfRow = try Self.grouped(groups, folds, seed: seed)
            isExpanding = false
        case .time(let keys):
            if let row = keys.firstIndex(where: \.isNaN) { throw .notANumber(row: row) }
            stretchOfRow = try Self.ordered(keys, folds, rows: count)
            isExpanding = true
        case .timestamps(let keys):
            stretchOfRow = try Self.ordered(keys, folds, rows: count)
            isExpanding = true
        }
    }

    /// Where a row lies when a fold is tested.
    public func side(_ row: Int, fold: Int) -> Side {
        let stretch = Int(stretchOfRow[row])
        guard isExpanding else { return stretch == fold ? .test : .train }
        return stretch == fold + 1 ? .test : stretch <= fold ? .train : .neither
    }

    private static func grouped(
        _ groups: [Int32], _ folds: Int, seed: UInt64
    ) throws(RowSplitError) -> [UInt8] {
        let classes = RowClasses(groups)
        let count = classes.codes.count
        guard count >= folds else { throw .tooFewGroups(groups: count, parts: folds) }
        let order = RandomStream.split.permutation(count, seed: seed)
        let sizes = order.map { classes.members[$0].count }
        let largestFirst = order.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
        var rows = [Int](repeating: 0, count: folds)
        var foldOfRow = [UInt8](repeating: 0, count: groups.count)
        for place in largestFirst {
            var lightest = 0
            for fold in 1..<folds where rows[fold] < rows[lightest] { lightest = fold }
            rows[lightest] += sizes[place]
            for row in classes.rows[classes.members[order[place]]] {
                foldOfRow[Int(row)] = UInt8(lightest)
            }
        }
        return foldOfRow
    }

    private static func ordered<Key: Comparable>(
        _ keys: [Key], _ folds: Int, rows count: Int
    ) throws(RowSplitError) -> [UInt8] {
        if keys.count != count { throw .keyCount(keys: keys.count, rows: count) }
        let tested = count / (folds + 1)
        guard tested > 0 else { throw .emptyPart("\(folds - 1)", rows: count) }
        var cut = RowCut(rows: count)
        let sizes = [count - folds * tested] + [Int](repeating: tested, count: folds)
        keys.withUnsafeBufferPointer { keys in
            cut.cut(0..<count, sizes) { keys[Int($0)] }
        }
        return cut.partOfRow
    }
}
