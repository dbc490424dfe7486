import DataFrames

/// Group by: one row for each combination of values, in the order in which
/// each first comes. The rows may come piece by piece; whatever the pieces,
/// the result is the same to the bit.
///
/// Null is a value of a key like another, so there is a group of null; all NaN
/// are one. Without keys all rows are one group, and that group is there even
/// if no row is.
///
///     var grouping = Grouping(by: ["country"], metrics: metrics)
///     for _ in 0..<grouping.passes {
///         for piece in pieces { try grouping.append(piece) }
///         grouping.endPass()
///     }
///     let table = try grouping.result()
public struct Grouping {
    private let by: [String]
    private let metrics: [(name: String, value: AggregateExpression)]
    /// Of each metric those of its aggregates.
    private var states: [[any AggregateState]]
    /// The keys of the groups so far.
    private var keys: DataFrame?
    private var count = 0
    private var pass = 0
    /// Rows of this pass.
    private var rows = 0

    /// How often the rows have to come: twice where a spread around a mean is asked for.
    public let passes: Int

    /// - Parameters:
    ///   - by: Names of key columns; they come first in the result.
    ///   - metrics: Names of new columns and what they hold.
    /// - Precondition: All names of the result differ; every expression was compiled with this `by`.
    public init(by: [String], metrics: [(name: String, value: AggregateExpression)]) {
        self.by = by
        self.metrics = metrics
        states = metrics.map { $0.value.calls.map(\.state) }
        passes = states.joined().map(\.passes).max() ?? 1
    }

    /// The columns that are read, in an order of their own.
    public var columns: Set<String> {
        metrics.reduce(into: Set(by)) { $0.formUnion($1.value.columns) }
    }

    /// Takes more rows.
    ///
    /// - Parameter isAll: Whether there are no others: then they need to come only once.
    /// - Throws: `MetricFailure`, its row among all rows.
    /// - Precondition: The frame has the columns that are read, each as the expressions were compiled over; in a second
    ///   pass rows are those of the first. Fewer than 2^31 rows.
    /// - Complexity: O(bytes read + groups so far), expected; with `n_unique` and `mode` also the different values so
    ///   far.
    public mutating func append(_ frame: DataFrame, isAll: Bool = false) throws(MetricFailure) {
        let groups = number(frame)
        repeat {
            for index in metrics.indices {
                do throws(RowFailure) {
                    try take(frame, groups, metric: index)
                } catch {
                    throw MetricFailure(metric: index, failure: error.moved { rows + $0 })
                }
            }
            if isAll { pass += 1 }
        } while isAll && pass < passes
        rows += frame.count
    }

    /// To be called when all rows have come.
    public mutating func endPass() {
        pass += 1
        rows = 0
    }

    private mutating func take(_ frame: DataFrame, _ groups: Groups, metric: Int) throws(RowFailure) {
        for (place, call) in metrics[metric].value.calls.enumerated()
        where pass < states[metric][place].passes {
            var values: Vector?
            if let node = call.argument {
                let vector = try Evaluator(frame: frame).evaluate(node)
                values =
                    vector.isConstant
                    ? vector.taking([Int32](repeating: 0, count: frame.count)) : vector
            }
            try states[metric][place].take(values, groups, pass: pass)
        }
    }

    /// Sorts rows into the groups so far and new ones.
    private mutating func number(_ frame: DataFrame) -> Groups {
        let known = count
        guard !by.isEmpty else {
            count = 1
            // A group of no rows is none that has come.
            return Groups(
                numbers: [Int32](repeating: 0, count: frame.count), count: 1, known: rows > 0 ? 1 : 0)
        }
        var keyed = Self.table(by.map { frame.column($0) })
        if let keys {
            // The groups so far come first, so each keeps its number.
            var both = DataFrameBuilder()
            both.append(keys, 0..<known)
            both.append(keyed, 0..<keyed.count)
            keyed = both.take()
        }
        let found = RowKeys(keyed.columns, nulls: .group)
        if found.count > known || keys == nil {
            keys = Self.table(keyed.columns.map { $0.taking(found.firstRows, hasGaps: false) })
        }
        count = found.count
        let numbers = known == 0 ? found.numbers : Array(found.numbers[known...])
        return Groups(numbers: numbers, count: count, known: known)
    }

    /// - Throws: `MetricFailure` where a sum of whole numbers is too large, and where what stands outside aggregates
    ///   fails.
    /// - Precondition: All passes have been made; there was a piece, of no rows perhaps.
    /// - Complexity: O(groups); for median and quantile O(rows log rows).
    public func result() throws(MetricFailure) -> DataFrame {
        let keys = keys ?? Self.table([])
        var columns = keys.columns
        for (index, metric) in metrics.enumerated() {
            do throws(RowFailure) {
                var slots: [Vector] = []
                for state in states[index] { slots.append(try state.result()) }
                let vector: Vector
                do throws(RowFailure) {
                    vector = try Evaluator(frame: keys, slots: slots, rows: count).evaluate(metric.value.root)
                } catch {
                    throw RowFailure(
                        row: error.row, message: error.message, span: error.span, isOfResult: true)
                }
                columns.append(vector.column(metric.name, metric.value.root.type.columnType, rows: count))
            } catch {
                throw MetricFailure(metric: index, failure: error)
            }
        }
        return Self.table(columns)
    }

    /// Of columns whose names differ and whose rows are as many.
    private static func table(_ columns: [DataColumn]) -> DataFrame {
        do {
            return try DataFrame(columns)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// Of a table that is there as a whole.
    ///
    /// - Throws: `MetricFailure`.
    public static func aggregate(
        _ frame: DataFrame, by: [String], metrics: [(name: String, value: AggregateExpression)]
    ) throws(MetricFailure) -> DataFrame {
        var grouping = Grouping(by: by, metrics: metrics)
        try grouping.append(frame, isAll: true)
        return try grouping.result()
    }
}

extension DataFrame {
    fileprivate func column(_ name: String) -> DataColumn {
        guard let column = self[name] else { preconditionFailure("no column '\(name)'") }
        return column
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
    /// Groups that earlier rows were sorted into.
    let known: Int
}
