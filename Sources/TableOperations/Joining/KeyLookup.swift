import DataFrames

/// The rows of a right table by their keys, for left rows to be looked up in.
///
///     let lookup = KeyLookup([prices["item"]!])
///     while let piece = try orders.next() {
///         lookup.pairs(of: [piece["item"]!], .left, atOnce: 65_536) { pairs in ... }
///     }
public struct KeyLookup: Sendable {
    private let keys: RowKeys
    private let partners: Partners

    private enum Partners {
        /// A key's number is its row.
        case itself
        /// By the number of a key its only row.
        case one([Int32])
        case several(RowsByKey)
    }

    /// - Parameters:
    ///   - right: Key columns.
    ///   - isUnique: Whether each key may stand once only.
    /// - Throws: `DuplicateKey`.
    /// - Complexity: O(bytes of the keys), expected.
    public init(_ right: [DataColumn], isUnique: Bool = false) throws(Joining.DuplicateKey) {
        keys = RowKeys(right, nulls: .apart)
        let rows = right[0].count
        if isUnique { try Joining.requireUnique(keys, rows: rows) }
        if keys.count == rows {
            partners = .itself
        } else if keys.count == keys.numbers.reduce(0, { $0 + ($1 >= 0 ? 1 : 0) }) {
            partners = .one(keys.firstRows)
        } else {
            partners = .several(RowsByKey(keys.numbers, count: keys.count))
        }
    }

    /// The most right rows that have one key.
    public var mostPartners: Int {
        guard case .several(let rows) = partners else { return min(1, keys.count) }
        return (0..<keys.count).reduce(0) { max($0, rows[$1].count) }
    }

    /// Rows of the result for some left rows.
    ///
    /// - Parameter left: As many key columns as on the right, each comparable with its own: of one type, or a text and
    ///   a category.
    /// - Complexity: O(bytes of the left keys), expected.
    public func count(of left: [DataColumn], _ kind: Joining.Kind) -> Int {
        keys.find(left).reduce(0) { $0 + meetings($1, kind) }
    }

    private func meetings(_ key: Int32, _ kind: Joining.Kind) -> Int {
        switch (kind, key < 0, partners) {
        case (.anti, let isAlone, _): isAlone ? 1 : 0
        case (_, true, _): kind == .left ? 1 : 0
        case (_, false, .several(let rows)): rows[Int(key)].count
        case (_, false, _): 1
        }
    }

    /// Calls with the pairs of some left rows, once at least.
    ///
    /// - Parameters:
    ///   - left: As for `count`.
    ///   - most: Rows of the result that a call is given at most, where one left row can meet several.
    /// - Complexity: O(bytes of the left keys + rows of the result), expected.
    public func pairs(
        of left: [DataColumn], _ kind: Joining.Kind, atOnce most: Int,
        _ body: (Joining.Pairs) throws -> Void
    ) rethrows {
        let found = keys.find(left)
        guard kind != .anti else {
            let alone = found.indices.filter { found[$0] < 0 }.map { Int32($0) }
            let isAll = alone.count == found.count
            return try body(.init(left: isAll ? nil : alone, right: [], hasGaps: false, count: alone.count))
        }
        switch partners {
        case .itself: try body(Self.onePartner(found, kind))
        case .one(let rows): try body(Self.onePartner(found.taking(none: -1, from: rows), kind))
        case .several(let rows): try Self.severalPartners(found, rows, kind, atOnce: most, body)
        }
    }

    /// - Parameter found: Of every left row its row of the right table.
    private static func onePartner(_ found: [Int32], _ kind: Joining.Kind) -> Joining.Pairs {
        let misses = found.reduce(0) { $0 + ($1 < 0 ? 1 : 0) }
        if kind == .left || misses == 0 {
            return .init(left: nil, right: found, hasGaps: misses > 0, count: found.count)
        }
        // Written for every row, kept only where there is a partner: no branch.
        var right = [Int32](repeating: 0, count: found.count - misses + 1)
        var left = right
        found.withUnsafeBufferPointer { found in
            right.withUnsafeMutableBufferPointer { right in
                left.withUnsafeMutableBufferPointer { left in
                    var next = 0
                    for row in 0..<found.count {
                        left[next] = Int32(truncatingIfNeeded: row)
                        right[next] = found[row]
                        next += found[row] >= 0 ? 1 : 0
                    }
                }
            }
        }
        left.removeLast()
        right.removeLast()
        return .init(left: left, right: right, hasGaps: false, count: left.count)
    }

    private static func severalPartners(
        _ found: [Int32], _ partners: RowsByKey, _ kind: Joining.Kind, atOnce most: Int,
        _ body: (Joining.Pairs) throws -> Void
    ) rethrows {
        var left: [Int32] = []
        var right: [Int32] = []
        var hasGaps = false
        func pass() throws {
            try body(.init(left: left, right: right, hasGaps: hasGaps, count: left.count))
            left.removeAll(keepingCapacity: true)
            right.removeAll(keepingCapacity: true)
            hasGaps = false
        }
        for (row, key) in found.enumerated() {
            guard key >= 0 else {
                guard kind == .left else { continue }
                if left.count >= most { try pass() }
                left.append(Int32(row))
                right.append(-1)
                hasGaps = true
                continue
            }
            var next = Int(partners.starts[Int(key)])
            let end = Int(partners.starts[Int(key) + 1])
            // One row may meet more than a call is given.
            while next < end {
                if left.count >= most { try pass() }
                let taken = min(end - next, most - left.count)
                left.append(contentsOf: repeatElement(Int32(row), count: taken))
                right.append(contentsOf: partners.rows[next..<(next + taken)])
                next += taken
            }
        }
        try pass()
    }
}

extension Array where Element == Int32 {
    /// Each number below zero kept, any other looked up.
    func taking(none: Int32, from table: [Int32]) -> [Int32] {
        table.withUnsafeBufferPointer { table in map { $0 < 0 ? none : table[Int($0)] } }
    }
}
