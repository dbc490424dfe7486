import DataFrames

/// Group by: one row for each combination of values, in the order in which
/// each first comes.
///
/// Null is a value of a key like another, so there is a group of null; all NaN
/// are one. Without keys all rows are one group, and that group is there even
/// if no row is.
public enum Grouping {
    /// - Parameters:
    ///   - by: Names of key columns; they come first in the result.
    ///   - metrics: Names of new columns and what they hold.
    /// - Throws: `MetricFailure`, its row of `frame`, or of the result where
    ///   what stands outside aggregates fails.
    /// - Precondition: The frame has the columns; every expression was compiled
    ///   over it with this `by`; all names of the result differ.
    /// - Complexity: O(bytes read), expected; for median and quantile
    ///   O(rows log rows).
    public static func aggregate(
        _ frame: DataFrame, by: [String], metrics: [(name: String, value: AggregateExpression)]
    ) throws(MetricFailure) -> DataFrame {
        let keys = by.map { name in
            guard let column = frame[name] else { preconditionFailure("no column '\(name)'") }
            return column
        }
        let groups: Groups
        if keys.isEmpty {
            groups = Groups(numbers: [Int32](repeating: 0, count: frame.count), count: 1)
        } else {
            let keys = RowKeys(keys, nulls: .group)
            groups = Groups(numbers: keys.numbers, count: keys.count)
        }
        var columns = keys.map { $0.taking(groups.firstRows, hasGaps: false) }
        let shell = table(columns)
        for (index, metric) in metrics.enumerated() {
            do throws(RowFailure) {
                let vector = try values(metric.value, of: frame, in: groups, keys: shell)
                columns.append(
                    vector.column(metric.name, metric.value.root.type.columnType, rows: groups.count))
            } catch {
                throw MetricFailure(metric: index, failure: error)
            }
        }
        return table(columns)
    }

    private static func values(
        _ metric: AggregateExpression, of frame: DataFrame, in groups: Groups, keys: DataFrame
    ) throws(RowFailure) -> Vector {
        var slots: [Vector] = []
        for call in metric.calls {
            let argument: Vector? =
                if let node = call.argument { try Evaluator(frame: frame).evaluate(node) } else { nil }
            slots.append(try groups.aggregate(call, argument, rows: frame.count))
        }
        do throws(RowFailure) {
            return try Evaluator(frame: keys, slots: slots, rows: groups.count).evaluate(metric.root)
        } catch {
            throw RowFailure(row: error.row, message: error.message, span: error.span, isOfResult: true)
        }
    }

    /// Of columns whose names differ and whose rows are as many.
    private static func table(_ columns: [DataColumn]) -> DataFrame {
        do {
            return try DataFrame(columns)
        } catch {
            preconditionFailure("\(error)")
        }
    }
}

/// Which metric has no value, and why.
public struct MetricFailure: Error, Hashable, Sendable {
    /// Its place in the list.
    public var metric: Int
    public var failure: RowFailure
}

/// Rows sorted into groups that are numbered in the order they first come.
struct Groups {
    /// Of every row the number of its group.
    let numbers: [Int32]
    let count: Int

    /// The first row of each group; none for the one group of no rows.
    var firstRows: [Int32] {
        var rows: [Int32] = []
        rows.reserveCapacity(count)
        for (row, number) in numbers.enumerated() where Int(number) == rows.count {
            rows.append(Int32(row))
            if rows.count == count { break }
        }
        return rows
    }
}
