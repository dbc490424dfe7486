import TensorKernels

/// Why rows cannot be split as asked.
public enum RowSplitError: Error, Equatable, Sendable, CustomStringConvertible {
    case noParts
    case duplicatePart(String)
    case fraction(Double, part: String)
    case fractionSum(Double)
    case keyCount(keys: Int, rows: Int)
    case emptyPart(String, rows: Int)
    case classTooSmall(label: Int, rows: Int, parts: Int)
    case tooFewGroups(groups: Int, parts: Int)
    case notANumber(row: Int)
    case folds(Int)

    public var description: String {
        switch self {
        case .noParts: "a split needs at least one part"
        case .duplicatePart(let name): "part '\(name)' is named twice"
        case .fraction(let fraction, let part):
            "part '\(part)' has fraction \(fraction); a fraction must lie above 0 and not above 1"
        case .fractionSum(let sum): "the fractions of the parts sum to \(sum); they must sum to 1"
        case .keyCount(let keys, let rows): "\(keys) keys for \(rows) rows; each row needs one"
        case .emptyPart(let name, let rows):
            "part '\(name)' would be empty: \(rows) rows are too few for its fraction"
        case .classTooSmall(let label, let rows, let parts):
            "class \(label) has \(rows) \(rows == 1 ? "row" : "rows"), fewer than the \(parts) parts; "
                + "merge rare classes or split at random"
        case .tooFewGroups(let groups, let parts):
            "\(groups) \(groups == 1 ? "group" : "groups") cannot fill \(parts) parts"
        case .notANumber(let row): "row \(row) has no time (NaN); drop it or fill it before the split"
        case .folds(let count):
            "a split into \(count) folds; there can be from \(RowFolds.range.lowerBound) to \(RowFolds.range.upperBound)"
        }
    }
}

/// Row numbers cut into named, disjoint parts that cover every row once.
///
/// Sizes are exact shares rounded by largest remainder: each part gets the
/// whole number below its share, and the rows left over go one each to the
/// largest remainders, ties to the part named first. So sizes sum to the rows
/// and each is within 1 of its share. A function of its arguments alone.
///
/// Complexity: O(n) expected, for groups O(n + g log g). Memory: a byte a row,
/// while it is made five more, nine where rows have keys.
public struct RowSplit: Sendable, Equatable {
    public struct Part: Sendable, Equatable {
        public var name: String
        /// Share of the rows, in (0, 1].
        public var fraction: Double

        public init(_ name: String, _ fraction: Double) {
            self.name = name
            self.fraction = fraction
        }
    }

    public enum Method: Sendable, Equatable {
        case random
        /// By class codes, one a row. The rule of sizes holds in each class, so
        /// each class is within 1 of its share in each part; a remainder counts
        /// with what earlier classes owe the part, so parts keep their sizes
        /// over many classes. A class needs a row for each part.
        case stratified([Int32])
        /// By group codes, one a row: a group lies whole in one part. Groups
        /// come in random order, each to the part that lacks most rows; no
        /// part passes its share by a whole largest group.
        case group([Int32])
        /// By a sort key, ties by row: the earliest rows make the first part.
        /// The seed has no part in it.
        case time([Double])
        case timestamps([Int64])
    }

    public let names: [String]
    /// Of every row its part's place among the names.
    public let partOfRow: [UInt8]

    /// - Throws: `RowSplitError`.
    /// - Precondition: At most 255 parts and 2^32 - 1 rows.
    public init(
        rows count: Int, parts: [Part], method: Method = .random, seed: UInt64 = 0
    ) throws(RowSplitError) {
        precondition(count >= 0 && count < Int(UInt32.max), "a table has no \(count) rows")
        precondition(parts.count < 256, "\(parts.count) parts")
        try Self.check(parts, count, method)
        let fractions = parts.map(\.fraction)
        let partOfRow: [UInt8]
        switch method {
        case .random:
            var cut = RowCut(rows: count)
            let sizes = PartSizes.of(count, fractions)
            cut.cut(0..<count, sizes, key: Self.randomOrder(seed))
            partOfRow = cut.partOfRow
        case .stratified(let labels): partOfRow = try Self.stratified(labels, fractions, seed: seed)
        case .group(let groups): partOfRow = try Self.grouped(groups, fractions, seed: seed)
        case .time(let keys):
            if let row = keys.firstIndex(where: \.isNaN) { throw .notANumber(row: row) }
            partOfRow = Self.ordered(keys, fractions)
        case .timestamps(let keys): partOfRow = Self.ordered(keys, fractions)
        }
        var sizes = [Int](repeating: 0, count: parts.count)
        for part in partOfRow { sizes[Int(part)] += 1 }
        if let empty = sizes.firstIndex(of: 0) { throw .emptyPart(parts[empty].name, rows: count) }
        names = parts.map(\.name)
        self.partOfRow = partOfRow
    }

    /// Ascending row numbers, one list a part in the order of `names`.
    public var rows: [[Int]] {
        var rows = [[Int]](repeating: [], count: names.count)
        for (row, part) in partOfRow.enumerated() { rows[Int(part)].append(row) }
        return rows
    }

    /// The rows of a part.
    public subscript(_ name: String) -> [Int]? {
        guard let part = names.firstIndex(of: name) else { return nil }
        return partOfRow.indices.filter { partOfRow[$0] == part }
    }

    private static func check(_ parts: [Part], _ count: Int, _ method: Method) throws(RowSplitError) {
        if parts.isEmpty { throw .noParts }
        for (index, part) in parts.enumerated() {
            if parts[..<index].contains(where: { $0.name == part.name }) { throw .duplicatePart(part.name) }
            guard part.fraction > 0, part.fraction <= 1 else {
                throw .fraction(part.fraction, part: part.name)
            }
        }
        let sum = parts.reduce(0) { $0 + $1.fraction }
        guard (sum - 1).magnitude <= 1e-9 else { throw .fractionSum(sum) }
        let keys: Int? =
            switch method {
            case .random: nil
            case .stratified(let codes), .group(let codes): codes.count
            case .time(let keys): keys.count
            case .timestamps(let keys): keys.count
            }
        if let keys, keys != count { throw .keyCount(keys: keys, rows: count) }
    }

    /// What `RandomStream.split.permutation` orders rows by, made when it is asked for.
    private static func randomOrder(_ seed: UInt64) -> (UInt32) -> UInt64 {
        let philox = Philox(seed: seed)
        return { RandomStream.split.word(ofRow: Int($0), philox, index: 0) }
    }

    private static func ordered<Key: Comparable>(_ keys: [Key], _ fractions: [Double]) -> [UInt8] {
        var cut = RowCut(rows: keys.count)
        keys.withUnsafeBufferPointer { keys in
            cut.cut(0..<keys.count, PartSizes.of(keys.count, fractions)) { keys[Int($0)] }
        }
        return cut.partOfRow
    }

    private static func stratified(
        _ labels: [Int32], _ fractions: [Double], seed: UInt64
    ) throws(RowSplitError) -> [UInt8] {
        let classes = RowClasses(labels)
        var cut = RowCut(rows: classes.rows)
        var owed = [Double](repeating: 0, count: fractions.count)
        let order = randomOrder(seed)
        for (label, members) in zip(classes.codes, classes.members) {
            guard members.count >= fractions.count else {
                throw .classTooSmall(label: Int(label), rows: members.count, parts: fractions.count)
            }
            let sizes = PartSizes.of(members.count, fractions, owed: owed)
            cut.cut(members, sizes, key: order)
            for part in sizes.indices {
                owed[part] += fractions[part] * Double(members.count) - Double(sizes[part])
            }
        }
        return cut.partOfRow
    }

    private static func grouped(
        _ groups: [Int32], _ fractions: [Double], seed: UInt64
    ) throws(RowSplitError) -> [UInt8] {
        let classes = RowClasses(groups)
        let count = classes.codes.count
        guard count >= fractions.count else {
            throw .tooFewGroups(groups: count, parts: fractions.count)
        }
        var sizes = [Int](repeating: 0, count: fractions.count)
        var partOfRow = [UInt8](repeating: 0, count: groups.count)
        let order = RandomStream.split.permutation(count, seed: seed)
        for (index, group) in order.enumerated() {
            let empty = sizes.indices.filter { sizes[$0] == 0 }
            // The last groups go where nothing lies yet.
            let candidates = count - index <= empty.count ? empty : Array(sizes.indices)
            var best = candidates[0]
            var most = -Double.infinity
            for part in candidates {
                let lack = fractions[part] * Double(groups.count) - Double(sizes[part])
                if lack > most { (best, most) = (part, lack) }
            }
            sizes[best] += classes.members[group].count
            for row in classes.rows[classes.members[group]] { partOfRow[Int(row)] = UInt8(best) }
        }
        return partOfRow
    }
}
