import DataFrames

/// The rows of a right table by time, for left rows to be looked up in: each meets one of them at most.
///
/// A null time or a null key meets nothing. Of right rows at one time backward takes the last of the table and forward
/// the first.
public struct TimeLookup: Sendable {
    public enum Direction: String, Sendable, CaseIterable {
        /// The latest right row at or before the left row's time.
        case backward
        /// The earliest right row at or after it.
        case forward
        /// The nearer of the two; at equal distance the earlier.
        case nearest
    }

    private let direction: Direction
    private let tolerance: Int64?
    /// Nil where all rows have one key.
    private let keys: RowKeys?
    private let times: [Int64]
    private let order: TimeOrder

    /// - Parameters:
    ///   - times: A date, timestamp or integer column of the right table.
    ///   - keys: Its columns that must be equal besides, or none.
    ///   - tolerance: How far apart the times may be, both ends included; nil for any distance. In the unit of the
    ///     columns: microseconds, days, the number itself.
    /// - Complexity: O(rows log rows).
    public init(
        _ times: DataColumn, keys: [DataColumn] = [], direction: Direction, tolerance: Int64? = nil
    ) {
        self.direction = direction
        self.tolerance = tolerance
        self.times = times.instants
        self.keys = keys.isEmpty ? nil : RowKeys(keys, nulls: .apart)
        var numbers = self.keys?.numbers ?? [Int32](repeating: 0, count: times.count)
        if times.nullCount > 0 {
            for row in numbers.indices where !times.isValid(row) { numbers[row] = -1 }
        }
        order = TimeOrder(numbers, count: self.keys?.count ?? 1, times: self.times)
    }

    /// Every left row, in order, with its right row.
    ///
    /// - Parameters:
    ///   - left: Of the type of the right one.
    ///   - keys: As many as on the right.
    /// - Complexity: O(rows log right rows).
    public func pairs(of left: DataColumn, keys: [DataColumn] = []) -> Joining.Pairs {
        let instants = left.instants
        let wanted = self.keys?.find(keys)
        var partners = [Int32](repeating: -1, count: left.count)
        var hasGaps = false
        for row in instants.indices {
            let key = wanted?[row] ?? 0
            if key >= 0, left.isValid(row) { partners[row] = partner(of: instants[row], key: Int(key)) }
            if partners[row] < 0 { hasGaps = true }
        }
        return Joining.Pairs(left: nil, right: partners, hasGaps: hasGaps, count: left.count)
    }

    private func partner(of time: Int64, key: Int) -> Int32 {
        let range = order.range(of: key)
        var before: Int32 = -1
        var after: Int32 = -1
        if direction != .forward {
            let end = order.firstPlace(in: range) { times[Int($0)] > time }
            if end > range.lowerBound { before = order.rows[end - 1] }
        }
        if direction != .backward {
            let start = order.firstPlace(in: range) { times[Int($0)] >= time }
            if start < range.upperBound { after = order.rows[start] }
        }
        /// Nil for one that is not there, or too far.
        func distance(_ row: Int32) -> UInt64? {
            guard row >= 0 else { return nil }
            let other = times[Int(row)]
            // Of 64-bit numbers the difference may need the 64th bit.
            let distance = UInt64(bitPattern: time > other ? time &- other : other &- time)
            if let tolerance, distance > UInt64(max(0, tolerance)) { return nil }
            return distance
        }
        switch (distance(before), distance(after)) {
        case (let a?, let b?): return b < a ? after : before
        case (.some, nil): return before
        case (nil, .some): return after
        case (nil, nil): return -1
        }
    }
}

/// The rows of each key by time, equal times by row.
struct TimeOrder: Sendable {
    let rows: [Int32]
    private let starts: [Int32]

    /// - Parameter numbers: Of every row its key; below zero for none.
    /// - Complexity: O(rows log rows), O(rows) where they are in order already.
    init(_ numbers: [Int32], count: Int, times: [Int64]) {
        let byKey = RowsByKey(numbers, count: count)
        starts = byKey.starts
        var sorted = byKey.rows
        for key in 0..<count {
            let range = Int(byKey.starts[key])..<Int(byKey.starts[key + 1])
            let isSorted = range.dropFirst().allSatisfy {
                times[Int(sorted[$0 - 1])] <= times[Int(sorted[$0])]
            }
            if isSorted { continue }
            sorted[range].sort { a, b in
                let (x, y) = (times[Int(a)], times[Int(b)])
                return x == y ? a < b : x < y
            }
        }
        rows = sorted
    }

    func range(of key: Int) -> Range<Int> { Int(starts[key])..<Int(starts[key + 1]) }

    /// By halving; the end where none is reached.
    func firstPlace(in range: Range<Int>, where isReached: (Int32) -> Bool) -> Int {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            let middle = low + (high - low) / 2
            if isReached(rows[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension DataColumn {
    /// The values of a date, a timestamp or an integer column on one axis; what
    /// stands in a null row means nothing.
    var instants: [Int64] {
        switch storage {
        case .int64(let values), .timestamp(let values): values
        case .date32(let values): values.map { Int64($0) }
        case .boolean, .float64, .utf8, .binary, .dictionary:
            preconditionFailure("column '\(name)' holds no times")
        }
    }
}
