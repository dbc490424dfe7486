import ArrowIPC
import DataFrames
import PipelineLanguage
import TableOperations

/// The right table of a join, held for left rows that come some at a time.
struct TableJoin {
    private enum Lookup {
        case keys(KeyLookup, Joining.Kind)
        case time(TimeLookup, left: String)
    }

    private let plan: JoinPlan
    private let right: DataFrame
    private let lookup: Lookup

    /// Left rows that are best looked up at once: the right columns are gone through once for all of them, and stay in
    /// the cache while they are.
    static let rowsAtOnce = 262_144

    /// - Precondition: The right table has the columns of the plan.
    init(_ plan: JoinPlan, right: DataFrame) throws(Joining.DuplicateKey) {
        self.plan = plan
        self.right = right
        let keys = plan.keys.map { right.column($0.right) }
        if let time = plan.time {
            let times = TimeLookup(
                right.column(time.right), keys: keys, direction: plan.direction, tolerance: plan.tolerance)
            lookup = .time(times, left: time.left)
        } else {
            lookup = .keys(
                try KeyLookup(keys, isUnique: plan.validation.isRightUnique),
                Joining.Kind(rawValue: plan.how.rawValue) ?? .inner)
        }
    }

    /// Calls with the joined rows of some left ones, once at least.
    func each(of left: DataFrame, _ body: (DataFrame) throws -> Void) throws {
        let keys = plan.keys.map { left.column($0.left) }
        switch lookup {
        case .keys(let lookup, let kind):
            // One left row can meet several.
            try lookup.pairs(of: keys, kind, atOnce: max(left.count, ArrowReader.rowsAtOnce)) {
                try body(joined(left, by: $0))
            }
        case .time(let lookup, let time):
            try body(joined(left, by: lookup.pairs(of: left.column(time), keys: keys)))
        }
    }

    private func joined(_ left: DataFrame, by pairs: Joining.Pairs) -> DataFrame {
        var sides: (left: [(DataColumn, String)], right: [(DataColumn, String)]) = ([], [])
        for output in plan.outputs {
            if output.isLeft {
                sides.left.append((left.column(output.old), output.new))
            } else {
                sides.right.append((right.column(output.old), output.new))
            }
        }
        return DataFrame(checked: Joining.columns(sides.left, sides.right, by: pairs))
    }

    /// Rows of the result. They are counted only where keys repeat so often that there could be too many; else this is
    /// what there may be at most.
    ///
    /// - Parameter keys: Reads the left table's columns of these names.
    func rows(of left: TableReader, keys: ([String]) throws -> TableReader) throws -> Int {
        guard case .keys(let lookup, let kind) = lookup else { return left.rows }
        let (most, isOver) = left.rows.multipliedReportingOverflow(by: max(1, lookup.mostPartners))
        guard isOver || most >= Int(Int32.max) else { return most }
        var rows = 0
        var reader = try keys(plan.leftKeys)
        try reader.eachBatch { frame, _ in
            rows += lookup.count(of: plan.keys.map { frame.column($0.left) }, kind)
        }
        return rows
    }
}

extension DataFrame {
    fileprivate func column(_ name: String) -> DataColumn {
        guard let column = self[name] else { preconditionFailure("no column '\(name)'") }
        return column
    }
}
