import DataFrames
import TableTypes

/// Aggregates of groups. Nulls are passed over, except by `count()`, `first`
/// and `last`; a group without a value gives null, and a count of 0.
///
/// Sums of numbers are left folds in the order of the rows, so their bits
/// depend on nothing else. Integers are summed exactly; a sum that fits no
/// 64 bits ends the run.
extension Groups {
    func aggregate(
        _ call: AggregateCall, _ argument: Vector?, rows: Int
    ) throws(RowFailure) -> Vector {
        guard let argument else { return Vector(.integer(sizes(valid: nil))) }
        let values =
            argument.isConstant ? argument.taking([Int32](repeating: 0, count: rows)) : argument
        switch call.function {
        case .count: return Vector(.integer(sizes(valid: values.valid)))
        case .sum: return try sum(values, call)
        case .mean:
            let sizes = sizes(valid: values.valid)
            let sums = sums(values.asNumbers, valid: values.valid)
            return ratio(sums, sizes)
        case .std, .variance:
            return spread(values, isRoot: call.function == .std)
        case .min, .max:
            return values.picking(extremes(values, isGreatest: call.function == .max))
        case .first:
            return values.picking(firstRows + (numbers.isEmpty ? Array(repeating: -1, count: count) : []))
        case .last:
            var picks = [Int32](repeating: -1, count: count)
            for (row, number) in numbers.enumerated() { picks[Int(number)] = Int32(row) }
            return values.picking(picks)
        case .uniques, .mode: return distinct(values, call.function)
        case .median, .quantile: return quantiles(values, call.quantile)
        }
    }

    // MARK: Counts and sums

    /// Rows of each group that hold a value.
    func sizes(valid: [Bool]?) -> [Int64] {
        var sizes = [Int64](repeating: 0, count: count)
        fold(into: &sizes, valid: valid) { sizes, group, _ in sizes[group] += 1 }
        return sizes
    }

    /// Calls `step` for each row with a value, in order.
    @inline(__always)
    private func fold<T>(
        into totals: inout [T], valid: [Bool]?,
        _ step: (UnsafeMutableBufferPointer<T>, Int, Int) -> Void
    ) {
        numbers.withUnsafeBufferPointer { numbers in
            totals.withUnsafeMutableBufferPointer { totals in
                guard let valid else {
                    for row in 0..<numbers.count { step(totals, Int(numbers[row]), row) }
                    return
                }
                valid.withUnsafeBufferPointer { valid in
                    for row in 0..<numbers.count where valid[row] { step(totals, Int(numbers[row]), row) }
                }
            }
        }
    }

    func sums(_ values: [Double], valid: [Bool]?) -> [Double] {
        var sums = [Double](repeating: 0, count: count)
        values.withUnsafeBufferPointer { values in
            fold(into: &sums, valid: valid) { sums, group, row in sums[group] += values[row] }
        }
        return sums
    }

    private func sum(_ values: Vector, _ call: AggregateCall) throws(RowFailure) -> Vector {
        let isEmpty = sizes(valid: values.valid).map { $0 == 0 }
        let valid = isEmpty.contains(true) ? isEmpty.map { !$0 } : nil
        if case .number(let numbers) = values.lanes {
            return Vector(.number(sums(numbers, valid: values.valid)), valid: valid)
        }
        let integers = values.asIntegers
        // Of up to 2^31 integers, so that only what all of them come to must fit.
        var sums = [Int128](repeating: 0, count: count)
        integers.withUnsafeBufferPointer { integers in
            fold(into: &sums, valid: values.valid) { sums, group, row in sums[group] += Int128(integers[row])
            }
        }
        if let group = sums.firstIndex(where: { Int64(exactly: $0) == nil }) {
            var sum: Int128 = 0
            let row = numbers.indices.first { row in
                guard numbers[row] == Int32(group), values.valid?[row] ?? true else { return false }
                sum += Int128(integers[row])
                return Int64(exactly: sum) == nil
            }
            throw RowFailure(
                row: row ?? 0, message: "the sum of its group is no 64-bit integer from here on",
                span: call.argument?.span ?? Span(offset: 0, length: 0))
        }
        return Vector(.integer(sums.map { Int64($0) }), valid: valid)
    }

    private func ratio(_ sums: [Double], _ sizes: [Int64]) -> Vector {
        let means = sums.indices.map { sizes[$0] == 0 ? 0 : sums[$0] / Double(sizes[$0]) }
        return Vector(.number(means), valid: sizes.contains(0) ? sizes.map { $0 > 0 } : nil)
    }

    /// Of a sample (n - 1), in two passes; null below two values.
    func spread(_ values: Vector, isRoot: Bool) -> Vector {
        let numbers = values.asNumbers
        let sizes = sizes(valid: values.valid)
        let means = ratio(sums(numbers, valid: values.valid), sizes).numbers
        var squares = [Double](repeating: 0, count: count)
        numbers.withUnsafeBufferPointer { numbers in
            fold(into: &squares, valid: values.valid) { squares, group, row in
                let distance = numbers[row] - means[group]
                squares[group] += distance * distance
            }
        }
        let spreads = squares.indices.map { group -> Double in
            guard sizes[group] > 1 else { return 0 }
            let variance = squares[group] / Double(sizes[group] - 1)
            return isRoot ? variance.squareRoot() : variance
        }
        let isThere = sizes.map { $0 > 1 }
        return Vector(.number(spreads), valid: isThere.contains(false) ? isThere : nil)
    }

    // MARK: Values of rows

    /// Rows of the least or greatest values, the first of equal ones; -1 for
    /// none. NaN is taken only where nothing else is.
    private func extremes(_ values: Vector, isGreatest: Bool) -> [Int32] {
        var picks = [Int32](repeating: -1, count: count)
        func run(_ isBetter: (Int, Int) -> Bool) {
            fold(into: &picks, valid: values.valid) { picks, group, row in
                let best = Int(picks[group])
                if best < 0 || isBetter(row, best) { picks[group] = Int32(row) }
            }
        }
        func ordered<T: Comparable & BitwiseCopyable>(_ lanes: [T]) {
            lanes.withUnsafeBufferPointer { lanes in
                if isGreatest { run { lanes[$0] > lanes[$1] } } else { run { lanes[$0] < lanes[$1] } }
            }
        }
        switch values.lanes {
        case .integer(let lanes), .timestamp(let lanes): ordered(lanes)
        case .date(let lanes): ordered(lanes)
        case .number(let lanes):
            lanes.withUnsafeBufferPointer { lanes in
                run { row, best in
                    let (new, old) = (lanes[row], lanes[best])
                    return old.isNaN ? !new.isNaN : isGreatest ? new > old : new < old
                }
            }
        case .boolean(let lanes): ordered(lanes.map { $0 ? UInt8(1) : 0 })
        case .text(let lanes):
            lanes.withSlices { text in
                run { isGreatest ? text($0).order(text($1)) > 0 : text($0).order(text($1)) < 0 }
            }
        case .opaque: break
        }
        return picks
    }
}
