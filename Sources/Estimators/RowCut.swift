import TensorKernels

/// How many rows each part of a split gets.
enum PartSizes {
    /// Largest remainder. `owed` is what earlier cuts owe each part; a share
    /// that is whole is never rounded up.
    static func of(_ count: Int, _ fractions: [Double], owed: [Double]? = nil) -> [Int] {
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
}

/// The rows of each code, ascending, end to end.
struct RowClasses {
    /// Ascending.
    let codes: [Int32]
    let rows: [UInt32]
    /// Where the rows of each code lie.
    let members: [Range<Int>]

    /// - Complexity: O(n + k log k).
    init(_ labels: [Int32]) {
        let codes = Self.codes(labels)
        // Codes are dense as a rule.
        let isDense = codes.first == 0 && codes.last.map { Int($0) + 1 == codes.count } ?? false
        let places = isDense ? [:] : Dictionary(uniqueKeysWithValues: codes.enumerated().map { ($1, $0) })
        func place(_ label: Int32) -> Int { isDense ? Int(label) : places[label]! }
        var ends = [Int](repeating: 0, count: codes.count + 1)
        for label in labels { ends[place(label) + 1] += 1 }
        for index in codes.indices { ends[index + 1] += ends[index] }
        members = codes.indices.map { ends[$0]..<ends[$0 + 1] }
        var rows = [UInt32](repeating: 0, count: labels.count)
        for (row, label) in labels.enumerated() {
            let place = place(label)
            rows[ends[place]] = UInt32(row)
            ends[place] += 1
        }
        self.codes = codes
        self.rows = rows
    }

    /// Those that occur, ascending.
    private static func codes(_ labels: [Int32]) -> [Int32] {
        guard let low = labels.min(), let high = labels.max() else { return [] }
        guard low >= 0, Int(high) < labels.count else { return Set(labels).sorted() }
        var occurs = [Bool](repeating: false, count: Int(high) + 1)
        for label in labels { occurs[Int(label)] = true }
        return (0...high).filter { occurs[Int($0)] }
    }
}

/// Cuts lists of rows where an order would cut them, without sorting them.
struct RowCut {
    private var rows: [UInt32]
    private(set) var partOfRow: [UInt8]

    init(rows count: Int) { self.init(rows: Array(0..<UInt32(count))) }

    init(rows: [UInt32]) {
        self.rows = rows
        partOfRow = [UInt8](repeating: 0, count: rows.count)
    }

    /// Gives the first rows of a stretch, by their keys and then their numbers, to the first part, the next ones to the
    /// second and so on.
    ///
    /// - Precondition: The sizes sum to the stretch.
    /// - Complexity: O(stretch x parts), expected.
    mutating func cut<Key: Comparable>(_ stretch: Range<Int>, _ sizes: [Int], key: (UInt32) -> Key) {
        var start = stretch.lowerBound
        for (part, size) in sizes.enumerated() {
            if part + 1 < sizes.count { select(size, of: start..<stretch.upperBound, key) }
            for row in rows[start..<(start + size)] { partOfRow[Int(row)] = UInt8(part) }
            start += size
        }
    }

    /// Brings the first `count` rows of a stretch to its start, in no order themselves.
    ///
    /// Source: C. A. R. Hoare, "Algorithm 65: find", Communications of the ACM 4 (1961).
    private mutating func select<Key: Comparable>(
        _ count: Int, of stretch: Range<Int>, _ key: (UInt32) -> Key
    ) {
        var (low, high) = (stretch.lowerBound, stretch.upperBound - 1)
        let target = stretch.lowerBound + count
        rows.withUnsafeMutableBufferPointer { rows in
            func place(_ index: Int) -> (Key, UInt32) { (key(rows[index]), rows[index]) }
            while low < high, target <= high {
                let pivot = Self.middle(place(low), place(low + (high - low) / 2), place(high))
                var (left, right) = (low, high)
                while left <= right {
                    while place(left) < pivot { left += 1 }
                    while pivot < place(right) { right -= 1 }
                    if left <= right {
                        rows.swapAt(left, right)
                        left += 1
                        right -= 1
                    }
                }
                if target <= right {
                    high = right
                } else if target >= left {
                    low = left
                } else {
                    return
                }
            }
        }
    }

    private static func middle<Key: Comparable>(
        _ a: (Key, UInt32), _ b: (Key, UInt32), _ c: (Key, UInt32)
    ) -> (Key, UInt32) {
        if a < b { return b < c ? b : a < c ? c : a }
        return a < c ? a : b < c ? c : b
    }
}
