import DataFrames

/// The join of each left row with one right row, by time.
public struct AsOfJoin: Sendable {
    public enum Direction: String, Sendable, CaseIterable {
        /// The latest right row at or before the left row's time.
        case backward
        /// The earliest right row at or after it.
        case forward
        /// The nearer of the two; at equal distance the earlier.
        case nearest
    }

    public var direction: Direction
    /// How far apart the times may be, both ends included; nil for any
    /// distance. In the unit of the columns: microseconds, days, the number itself.
    public var tolerance: Int64?

    public init(direction: Direction, tolerance: Int64? = nil) {
        self.direction = direction
        self.tolerance = tolerance
    }

    /// Every left row, in order, with its right row. Of right rows at one time
    /// backward takes the last of the table and forward the first. A null time
    /// or a null key meets nothing.
    ///
    /// - Parameters:
    ///   - times: Left and right, both of one type: date, timestamp or integer.
    ///   - keys: Columns that must be equal besides, none or as many on both sides.
    /// - Complexity: O(rows log rows).
    public func pairs(
        times: (left: DataColumn, right: DataColumn), keys: (left: [DataColumn], right: [DataColumn])
    ) -> Joining.Pairs {
        let (left, right) = (times.left.instants, times.right.instants)
        var numbers = [Int32](repeating: 0, count: right.count)
        var wanted = [Int32](repeating: 0, count: left.count)
        var count = 1
        if !keys.right.isEmpty {
            let known = RowKeys(keys.right, nulls: .apart)
            (numbers, wanted, count) = (known.numbers, known.find(keys.left), known.count)
        }
        if times.right.nullCount > 0 {
            for row in numbers.indices where !times.right.isValid(row) { numbers[row] = -1 }
        }
        let order = TimeOrder(numbers, count: count, times: right)
        var partners = [Int32](repeating: -1, count: left.count)
        var hasGaps = false
        for row in left.indices {
            if wanted[row] >= 0, times.left.isValid(row) {
                partners[row] = partner(of: left[row], in: order, key: Int(wanted[row]), right)
            }
            if partners[row] < 0 { hasGaps = true }
        }
        return Joining.Pairs(
            left: (0..<Int32(left.count)).map { $0 }, right: partners, isLeftWhole: true, hasGaps: hasGaps)
    }

    private func partner(of time: Int64, in order: TimeOrder, key: Int, _ times: [Int64]) -> Int32 {
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
struct TimeOrder {
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
