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
/// Complexity: O(n log n).
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
        case stratified([Int])
        /// By group codes, one a row: a group lies whole in one part. Groups
        /// come in random order, each to the part that lacks most rows; no
        /// part passes its share by a whole largest group.
        case group([Int])
        /// By a sort key, ties by row: the earliest rows make the first part.
        /// The seed has no part in it.
        case time([Double])
        case timestamps([Int64])
    }

    public let names: [String]
    /// Ascending row numbers, one list a part in the order of `names`.
    public let rows: [[Int]]

    /// - Throws: `RowSplitError`.
    public init(
        rows count: Int, parts: [Part], method: Method = .random, seed: UInt64 = 0
    )
        throws(RowSplitError)
    {
        precondition(count >= 0, "a table has no \(count) rows")
        try Self.check(parts, count, method)
        let fractions = parts.map(\.fraction)
        var out: [[Int]]
        switch method {
        case .random:
            out = Self.cut(RandomStream.split.permutation(count, seed: seed), Self.sizes(count, fractions))
        case .stratified(let labels):
            out = try Self.stratified(labels, fractions, seed: seed)
        case .group(let groups):
            out = try Self.grouped(groups, fractions, seed: seed)
        case .time(let keys):
            if let row = keys.firstIndex(where: \.isNaN) { throw .notANumber(row: row) }
            let order = keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
            out = Self.cut(order, Self.sizes(count, fractions))
        case .timestamps(let keys):
            let order = keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
            out = Self.cut(order, Self.sizes(count, fractions))
        }
        if let empty = out.firstIndex(where: \.isEmpty) { throw .emptyPart(parts[empty].name, rows: count) }
        for index in out.indices { out[index].sort() }
        names = parts.map(\.name)
        rows = out
    }

    /// The rows of a part.
    public subscript(_ name: String) -> [Int]? { names.firstIndex(of: name).map { rows[$0] } }

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

    /// Largest remainder. `owed` is what earlier cuts owe each part; a share
    /// that is whole is never rounded up.
    private static func sizes(_ count: Int, _ fractions: [Double], owed: [Double]? = nil) -> [Int] {
        let shares = fractions.map { $0 * Double(count) }
        var sizes = shares.map { Int($0) }
        var left = count - sizes.reduce(0, +)
        let remainders = shares.indices.map { shares[$0] - Double(sizes[$0]) }
        let claims = shares.indices.map { remainders[$0] + (owed?[$0] ?? 0) }
        let order = shares.indices.sorted {
            (remainders[$0] > 0 ? 0 : 1, -claims[$0], $0) < (remainders[$1] > 0 ? 0 : 1, -claims[$1], $1)
        }
        // Rounding of the shares can leave a row too many or too few in all.
        for index in order where left > 0 {
            sizes[index] += 1
            left -= 1
        }
        for index in order.reversed() where left < 0 && sizes[index] > 0 {
            sizes[index] -= 1
            left += 1
        }
        return sizes
    }

    private static func cut(_ order: [Int], _ sizes: [Int]) -> [[Int]] {
        var start = 0
        return sizes.map { size in
            defer { start += size }
            return Array(order[start..<start + size])
        }
    }

    private static func stratified(
        _ labels: [Int], _ fractions: [Double], seed: UInt64
    ) throws(RowSplitError) -> [[Int]] {
        var out = [[Int]](repeating: [], count: fractions.count)
        var owed = [Double](repeating: 0, count: fractions.count)
        for (label, members) in runs(of: labels, in: RandomStream.split.permutation(labels.count, seed: seed))
        {
            guard members.count >= fractions.count else {
                throw .classTooSmall(label: label, rows: members.count, parts: fractions.count)
            }
            let sizes = sizes(members.count, fractions, owed: owed)
            for (part, rows) in cut(members, sizes).enumerated() {
                out[part] += rows
                owed[part] += fractions[part] * Double(members.count) - Double(rows.count)
            }
        }
        return out
    }

    private static func grouped(
        _ groups: [Int], _ fractions: [Double], seed: UInt64
    ) throws(RowSplitError) -> [[Int]] {
        let members = runs(of: groups, in: Array(groups.indices))
        guard members.count >= fractions.count else {
            throw .tooFewGroups(groups: members.count, parts: fractions.count)
        }
        var out = [[Int]](repeating: [], count: fractions.count)
        let order = RandomStream.split.permutation(members.count, seed: seed)
        for (index, group) in order.enumerated() {
            let empty = out.indices.filter { out[$0].isEmpty }
            // The last groups go where nothing lies yet.
            let candidates = members.count - index <= empty.count ? empty : Array(out.indices)
            var best = candidates[0]
            var most = -Double.infinity
            for part in candidates {
                let lack = fractions[part] * Double(groups.count) - Double(out[part].count)
                if lack > most { (best, most) = (part, lack) }
            }
            out[best] += members[group].rows
        }
        return out
    }

    /// Rows of each code, codes ascending, rows in the given order.
    private static func runs(of codes: [Int], in order: [Int]) -> [(code: Int, rows: [Int])] {
        var out: [(code: Int, rows: [Int])] = []
        let ranks = order.indices.sorted { (codes[order[$0]], $0) < (codes[order[$1]], $1) }
        for rank in ranks {
            let row = order[rank]
            if out.last?.code != codes[row] { out.append((codes[row], [])) }
            out[out.count - 1].rows.append(row)
        }
        return out
    }
}
