/// A matrix of which most elements are 0: row `i` has `values[j]` in column `columns[j]` for each `j` from `offsets[i]`
/// to `offsets[i + 1]`, columns ascending ("compressed sparse rows").
public struct SparseRows<Value: BinaryFloatingPoint & Sendable>: Sendable, Equatable {
    /// Columns of the matrix.
    public let width: Int
    public let offsets: [Int]
    public let columns: [Int32]
    public let values: [Value]

    init(width: Int, offsets: [Int], columns: [Int32], values: [Value]) {
        self.width = width
        self.offsets = offsets
        self.columns = columns
        self.values = values
    }

    public var count: Int { offsets.count - 1 }

    /// All elements, row by row.
    public var dense: [Value] {
        var all = [Value](repeating: 0, count: count * width)
        for row in 0..<count {
            for place in offsets[row]..<offsets[row + 1] {
                all[row * width + Int(columns[place])] = values[place]
            }
        }
        return all
    }
}
