import DataFrames

/// `missing`, strategy: forward_fill: what is missing is the last value before it, in the order of the rows, of the same
/// entity where `by` names a column. Before the first value nothing is filled in, nor where the entity is missing.
struct CarryStep: CleanStep {
    let column: String
    let by: String?
    private let carried = Carried()

    init(_ column: String, by: String?) {
        self.column = column
        self.by = by
    }

    /// The last value of each entity.
    private final class Carried {
        var places: [TextKey: Int] = [:]
        /// By place.
        var values: DataColumn?
    }

    var columns: [String]? { [column] + (by.map { [$0] } ?? []) }

    func check(_ check: inout CleanCheck) {}

    func apply(to rows: inout CleanedRows, _ changes: ChangeLog?) throws {
        let before = try rows.column(column)
        let entities = try by.map { CellText(column: try rows.column($0)) }
        // What was carried stands before the rows.
        let values = Self.joined(carried.values, before)
        let head = values.count - before.count
        /// By the place of an entity, where its last value stands.
        var last = Array(0..<head)
        var sources: [Int] = []
        for row in 0..<before.count {
            sources.append(head + row)
            guard let entity = try entities.map({ try $0.text(row, number: rows.numbers[row] - 1) }) ?? ""
            else { continue }
            let place = carried.places[TextKey(entity)]
            if !Self.isNull(before, row) {
                if let place {
                    last[place] = head + row
                } else {
                    carried.places[TextKey(entity)] = last.count
                    last.append(head + row)
                }
            } else if let place {
                sources[row] = last[place]
            }
        }
        if before.count > 0 { carried.values = values.gather(last) }
        try rows.fill(before, with: values.gather(sources), changes, rule: "missing: forward_fill")
    }

    private static func joined(_ head: DataColumn?, _ tail: DataColumn) -> DataColumn {
        guard let head, head.count > 0 else { return tail }
        var builder = DataFrameBuilder()
        for column in [head, tail] {
            builder.append(DataFrame(checked: [column]), 0..<column.count)
        }
        return builder.take().columns[0]
    }

    func endPass() { (carried.places, carried.values) = ([:], nil) }
}
