import DataFrames
import TableTypes

/// What one aggregate knows of the rows so far, group by group. Nulls are passed over, except by `count()`, `first` and
/// `last`; a group without a value gives null, and a count of 0.
///
/// Sums of numbers are left folds in the order of the rows, so their bits depend on nothing else, and on no borders
/// between pieces either.
protocol AggregateState: Sendable {
    /// How often it has to see the rows.
    var passes: Int { get }

    /// Takes the next rows.
    ///
    /// - Parameter values: Of its argument, one a row; nil for `count()`.
    /// - Throws: `RowFailure`, its row one of these.
    mutating func take(_ values: Vector?, _ groups: Groups, pass: Int) throws(RowFailure)

    /// One value for each group.
    ///
    /// - Throws: `RowFailure`, its row among all that were taken.
    func result() throws(RowFailure) -> Vector
}

extension AggregateState {
    var passes: Int { 1 }
}

extension AggregateCall {
    /// Of no rows.
    var state: any AggregateState {
        switch function {
        case .count: CountState()
        case .sum where argument?.type == .number: SumState(isMean: false)
        case .sum: IntegerSumState(span: argument?.span ?? Span(offset: 0, length: 0))
        case .mean: SumState(isMean: true)
        case .std, .variance: SpreadState(isRoot: function == .std)
        case .min, .max, .first, .last: PickState(function)
        case .uniques, .mode: DistinctState(isMode: function == .mode)
        case .median, .quantile: QuantileState(share: quantile)
        }
    }
}

extension Groups {
    /// Calls `step` for each row with a value, in order, with the total of its group, which begins at `none`.
    @inline(__always)
    func fold<T>(
        into totals: inout [T], _ none: T, valid: [Bool]?,
        _ step: (UnsafeMutableBufferPointer<T>, Int, Int) -> Void
    ) {
        totals.append(contentsOf: repeatElement(none, count: count - totals.count))
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

    /// The row each new group begins with, by its number; groups that were known have none.
    var firstRows: [Int32] {
        var rows = [Int32](repeating: -1, count: count)
        var next = known
        for (row, number) in numbers.enumerated() where Int(number) == next {
            rows[next] = Int32(row)
            next += 1
            if next == count { break }
        }
        return rows
    }
}
