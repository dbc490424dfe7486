import DataFrames

/// The window of every row: a stretch of its entity's rows in time order, and
/// perhaps the row itself. Both ends move forward with the row, so most
/// aggregates are kept up to date instead of computed anew.
struct Windows {
    private let rows: [Int32]
    private let ranges: [Range<Int>]
    /// By row, places in `rows`.
    private let low: [Int32]
    private let high: [Int32]
    /// By row whether it is in its window besides.
    private let hasSelf: [Bool]

    /// Numbers are added up in stretches of so many rows, counted from the
    /// entity's first: a window's sum is the left fold of the rows before its
    /// first whole stretch, of the sums of its whole stretches, and of the rest.
    /// So a sum costs little where windows are long, and its bits depend on
    /// what the entity did up to then and on nothing else.
    static let stretch = 64

    init(_ order: TimeOrder, entities: Int, times: [Int64], length: Int64, sight: TimeWindows.Sight) {
        rows = order.rows
        ranges = (0..<entities).map(order.range)
        var low = [Int32](repeating: 0, count: times.count)
        var high = low
        var hasSelf = [Bool](repeating: false, count: times.count)
        for range in ranges {
            var (first, end) = (range.lowerBound, range.lowerBound)
            for place in range {
                let row = Int(order.rows[place])
                let (start, isOver) = times[row].subtractingReportingOverflow(length)
                let since = isOver ? Int64.min : start
                while end < range.upperBound, isSeen(times[Int(order.rows[end])], times[row], sight) {
                    end += 1
                }
                while first < end, times[Int(order.rows[first])] < since { first += 1 }
                low[row] = Int32(first)
                high[row] = Int32(end)
                hasSelf[row] = sight == .itself
            }
        }
        func isSeen(_ time: Int64, _ now: Int64, _ sight: TimeWindows.Sight) -> Bool {
            sight == .instant ? time <= now : time < now
        }
        (self.low, self.high, self.hasSelf) = (low, high, hasSelf)
    }

    func aggregate(_ call: AggregateCall, _ argument: Vector?) throws(RowFailure) -> Vector {
        guard let argument else { return Vector(.integer(counts(valid: nil))) }
        let values =
            argument.isConstant ? argument.taking([Int32](repeating: 0, count: low.count)) : argument
        switch call.function {
        case .count: return Vector(.integer(counts(valid: values.valid)))
        case .sum: return try sum(values, call)
        case .mean:
            let counts = counts(valid: values.valid)
            let sums = sums(values.asNumbers, valid: values.valid)
            let means = sums.indices.map { counts[$0] == 0 ? 0 : sums[$0] / Double(counts[$0]) }
            return Vector(.number(means), valid: counts.map { $0 > 0 })
        case .std, .variance: return spread(values, isRoot: call.function == .std)
        case .min, .max: return values.picking(extremes(values, isGreatest: call.function == .max))
        case .first:
            return values.picking(
                low.indices.map { row in
                    low[row] < high[row] ? rows[Int(low[row])] : hasSelf[row] ? Int32(row) : -1
                })
        case .last:
            return values.picking(
                low.indices.map { row in
                    hasSelf[row] ? Int32(row) : low[row] < high[row] ? rows[Int(high[row]) - 1] : -1
                })
        case .uniques: return Vector(.integer(uniques(values)))
        case .median, .quantile, .mode: preconditionFailure("'\(call.function)' over a window")
        }
    }

    // MARK: Counts and sums

    private func counts(valid: [Bool]?) -> [Int64] {
        guard let valid else {
            return low.indices.map { Int64(high[$0] - low[$0]) + (hasSelf[$0] ? 1 : 0) }
        }
        var before: [Int64] = [0]
        before.reserveCapacity(rows.count + 1)
        for row in rows { before.append(before[before.count - 1] + (valid[Int(row)] ? 1 : 0)) }
        return low.indices.map { row in
            before[Int(high[row])] - before[Int(low[row])] + (hasSelf[row] && valid[row] ? 1 : 0)
        }
    }

    private func sum(_ values: Vector, _ call: AggregateCall) throws(RowFailure) -> Vector {
        let valid = counts(valid: values.valid).map { $0 > 0 }
        if case .number(let numbers) = values.lanes {
            return Vector(.number(sums(numbers, valid: values.valid)), valid: valid)
        }
        // Exact, whatever the window: 2^31 rows of 64 bits fit in 128.
        let integers = values.asIntegers
        var before: [Int128] = [0]
        before.reserveCapacity(rows.count + 1)
        for row in rows.lazy.map(Int.init) {
            let value = values.valid?[row] ?? true ? integers[row] : 0
            before.append(before[before.count - 1] + Int128(value))
        }
        var sums = [Int64](repeating: 0, count: low.count)
        for row in sums.indices {
            let own = hasSelf[row] && (values.valid?[row] ?? true) ? integers[row] : 0
            let sum = before[Int(high[row])] - before[Int(low[row])] + Int128(own)
            guard let fitting = Int64(exactly: sum) else {
                throw RowFailure(
                    row: row, message: "the sum of its window is no 64-bit integer",
                    span: call.argument?.span ?? Span(offset: 0, length: 0))
            }
            sums[row] = fitting
        }
        return Vector(.integer(sums), valid: valid)
    }

    private func sums(_ values: [Double], valid: [Bool]?) -> [Double] {
        var sums = [Double](repeating: 0, count: low.count)
        func value(_ place: Int) -> Double {
            let row = Int(rows[place])
            return valid?[row] ?? true ? values[row] : 0
        }
        for range in ranges {
            // Sums of whole stretches, each a left fold.
            let start = range.lowerBound
            let whole = stride(from: start, to: range.upperBound - Self.stretch + 1, by: Self.stretch).map {
                first in (first..<(first + Self.stretch)).reduce(0.0) { $0 + value($1) }
            }
            for place in range {
                let row = Int(rows[place])
                var sum = 0.0
                var next = Int(low[row])
                let end = Int(high[row])
                while next < end {
                    let isWhole = (next - start) % Self.stretch == 0 && next + Self.stretch <= end
                    sum += isWhole ? whole[(next - start) / Self.stretch] : value(next)
                    next += isWhole ? Self.stretch : 1
                }
                if hasSelf[row], valid?[row] ?? true { sum += values[row] }
                sums[row] = sum
            }
        }
        return sums
    }

    /// Of a sample, in two passes, each a left fold; null below two values.
    private func spread(_ values: Vector, isRoot: Bool) -> Vector {
        let numbers = values.asNumbers
        var spreads = [Double](repeating: 0, count: low.count)
        var isThere = [Bool](repeating: false, count: low.count)
        var window: [Double] = []
        for row in low.indices {
            window.removeAll(keepingCapacity: true)
            for other in rows[Int(low[row])..<Int(high[row])] where values.valid?[Int(other)] ?? true {
                window.append(numbers[Int(other)])
            }
            if hasSelf[row], values.valid?[row] ?? true { window.append(numbers[row]) }
            guard window.count > 1 else { continue }
            let mean = window.reduce(0, +) / Double(window.count)
            let squares = window.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            spreads[row] = SpreadState.spread(squares, window.count, isRoot: isRoot)
            isThere[row] = true
        }
        return Vector(.number(spreads), valid: isThere)
    }

    // MARK: Values

    /// The first of the least or greatest values: those that a later one beats
    /// are forgotten, so the best is always the oldest that is kept.
    private func extremes(_ values: Vector, isGreatest: Bool) -> [Int32] {
        var picks = [Int32](repeating: -1, count: low.count)
        let isBetter = values.judge(isGreatest: isGreatest)
        var kept: [Int] = []
        for range in ranges {
            kept.removeAll(keepingCapacity: true)
            var (front, end) = (0, range.lowerBound)
            for place in range {
                let row = Int(rows[place])
                while end < Int(high[row]) {
                    let other = Int(rows[end])
                    if values.valid?[other] ?? true {
                        while kept.count > front, isBetter(other, Int(rows[kept[kept.count - 1]])) {
                            kept.removeLast()
                        }
                        kept.append(end)
                    }
                    end += 1
                }
                while front < kept.count, kept[front] < Int(low[row]) { front += 1 }
                var best = front < kept.count ? Int(rows[kept[front]]) : -1
                if hasSelf[row], values.valid?[row] ?? true, best < 0 || isBetter(row, best) { best = row }
                picks[row] = Int32(best)
            }
        }
        return picks
    }

    private func uniques(_ values: Vector) -> [Int64] {
        let keys = ColumnKeys(values.column("", values.keyType, rows: low.count))
        var times = [Int32](repeating: 0, count: keys.count)
        var uniques = [Int64](repeating: 0, count: low.count)
        for range in ranges {
            var (first, end, different) = (range.lowerBound, range.lowerBound, Int64(0))
            for place in range {
                let row = Int(rows[place])
                while end < Int(high[row]) {
                    let key = Int(keys.numbers[Int(rows[end])])
                    if key >= 0 {
                        if times[key] == 0 { different += 1 }
                        times[key] += 1
                    }
                    end += 1
                }
                while first < Int(low[row]) {
                    let key = Int(keys.numbers[Int(rows[first])])
                    if key >= 0 {
                        times[key] -= 1
                        if times[key] == 0 { different -= 1 }
                    }
                    first += 1
                }
                let own = Int(keys.numbers[row])
                uniques[row] = different + (hasSelf[row] && own >= 0 && times[own] == 0 ? 1 : 0)
            }
            for place in first..<end {
                let key = Int(keys.numbers[Int(rows[place])])
                if key >= 0 { times[key] -= 1 }
            }
        }
        return uniques
    }
}
