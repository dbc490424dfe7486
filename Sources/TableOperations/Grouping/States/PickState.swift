import DataFrames
import TableTypes

/// The value of one row of each group: its first or last, or the one with the least or greatest value, of equal ones the
/// first. NaN is taken only where nothing else is.
struct PickState: AggregateState {
    private let function: AggregateFunction
    /// Of the groups so far.
    private var best: Vector?

    init(_ function: AggregateFunction) { self.function = function }

    mutating func take(_ values: Vector?, _ groups: Groups, pass: Int) {
        guard let values else { return }
        guard let best, groups.known > 0 else {
            self.best = values.picking(picks(values, groups))
            return
        }
        // What was best so far stands before the new rows, each in a row of its own.
        let all = best.followed(by: values)
        let numbers = (0..<Int32(groups.known)) + groups.numbers
        self.best = all.picking(picks(all, Groups(numbers: Array(numbers), count: groups.count, known: 0)))
    }

    func result() -> Vector {
        guard let best else { preconditionFailure("a table has a piece") }
        return best
    }

    /// The row of each group; -1 for none.
    private func picks(_ values: Vector, _ groups: Groups) -> [Int32] {
        switch function {
        case .first: return groups.firstRows
        case .last:
            var picks = [Int32](repeating: -1, count: groups.count)
            for (row, number) in groups.numbers.enumerated() { picks[Int(number)] = Int32(row) }
            return picks
        default: return extremes(values, groups, isGreatest: function == .max)
        }
    }

    private func extremes(_ values: Vector, _ groups: Groups, isGreatest: Bool) -> [Int32] {
        var picks: [Int32] = []
        func run(_ isBetter: (Int, Int) -> Bool) {
            groups.fold(into: &picks, -1, valid: values.valid) { picks, group, row in
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
        case .opaque: run { _, _ in false }
        }
        return picks
    }
}
