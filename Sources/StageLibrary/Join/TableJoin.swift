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

    /// Rows of either side that pass at once: few where the rows of both tables are wide.
    let rowsAtOnce: Int

    /// Left rows that are best looked up at once: the right columns are gone through once for all of them, and stay in
    /// the cache while they are.
    private static let mostRows = 262_144
    private static let mostBytes: Int64 = 64 << 20

    /// - Parameters:
    ///   - leftRowBytes: Of a row of the left table, on average.
    ///   - memory: Bytes that may be used; a sixteenth may go into joined rows.
    /// - Precondition: The right table has the columns of the plan.
    init(
        _ plan: JoinPlan, right: DataFrame, leftRowBytes: Int, memory: Int64?
    ) throws(Joining.DuplicateKey) {
        self.plan = plan
        self.right = right
        let taken = plan.outputs.lazy.filter { !$0.isLeft }.map { right.column($0.old).rowBytes }
        let bytes = Int(min(Self.mostBytes, (memory ?? .max) / 16))
        rowsAtOnce = max(1, min(Self.mostRows, bytes / max(1, taken.reduce(leftRowBytes, +))))
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
            let most = min(rowsAtOnce, max(left.count, ArrowReader.rowsAtOnce))
            try lookup.pairs(of: keys, kind, atOnce: most) { try pass($0, of: left, body) }
        case .time(let lookup, let time):
            try pass(lookup.pairs(of: left.column(time), keys: keys), of: left, body)
        }
    }

    /// A batch of left rows can be too many for what they meet.
    private func pass(
        _ pairs: Joining.Pairs, of left: DataFrame, _ body: (DataFrame) throws -> Void
    ) throws {
        try pairs.eachPart(atMost: rowsAtOnce) { try body(joined(left, by: $0)) }
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

extension DataColumn {
    /// Bytes that a value takes, on average.
    fileprivate var rowBytes: Int {
        switch storage {
        case .boolean: 1
        case .dictionary, .date32: 4
        case .int64, .float64, .timestamp: 8
        case .utf8(let texts): 8 + texts.bytes.count / max(1, count)
        case .binary(let values): 8 + values.bytes.count / max(1, count)
        }
    }
}
