import DataFrames

/// What each row's entity did in the time before it: for example the sum of a
/// card's last seven days, as it was known at that moment.
///
/// A row never sees its own future. Rows of other entities, and rows without a
/// time, are never seen; a row without a time or an entity has an empty window.
public struct TimeWindows: Sendable {
    /// What of the row's own moment is in its window.
    public enum Sight: String, Sendable, CaseIterable {
        /// Nothing: of rows at one time none sees another.
        case before
        /// The row itself, and no other at its time.
        case itself = "self"
        /// Every row at its time, itself included.
        case instant
    }

    /// The rows of each entity in the order of their times.
    private let order: TimeOrder
    private let entities: Int
    private let frame: DataFrame
    private let times: [Int64]

    /// - Parameters:
    ///   - entity: Columns that tell whose row it is; none for one entity.
    ///   - time: A date, timestamp or integer column.
    /// - Complexity: O(rows log rows).
    public init(_ frame: DataFrame, entity: [DataColumn], time: DataColumn) {
        var numbers = [Int32](repeating: 0, count: frame.count)
        var keys = 1
        if !entity.isEmpty {
            let known = RowKeys(entity, nulls: .apart)
            (numbers, keys) = (known.numbers, known.count)
        }
        for row in numbers.indices where !time.isValid(row) { numbers[row] = -1 }
        times = time.instants
        order = TimeOrder(numbers, count: keys, times: times)
        entities = keys
        self.frame = frame
    }

    /// The values of an expression over windows.
    ///
    /// - Parameter length: How far a window reaches back, in the unit of the
    ///   time column; a row exactly that long ago is in it.
    /// - Throws: `RowFailure`.
    /// - Complexity: O(rows); for sums of numbers and means O(rows + rows of all
    ///   windows / 64), for std and var O(rows of all windows).
    public func evaluate(
        _ expression: AggregateExpression, last length: Int64, sight: Sight, as name: String
    ) throws(RowFailure) -> DataColumn {
        let windows = Windows(order, entities: entities, times: times, length: length, sight: sight)
        var slots: [Vector] = []
        for call in expression.calls {
            let argument: Vector? =
                if let node = call.argument { try Evaluator(frame: frame).evaluate(node) } else { nil }
            slots.append(try windows.aggregate(call, argument))
        }
        let vector = try Evaluator(frame: frame, slots: slots).evaluate(expression.root)
        return vector.column(name, expression.root.type.columnType, rows: frame.count)
    }
}
