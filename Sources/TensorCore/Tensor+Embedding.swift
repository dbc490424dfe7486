import CTensorKernels
import TensorKernels

extension Tensor {
    /// Rows of a table [rows, columns] by their numbers, i32 of any shape ->
    /// that shape and columns.
    public func rows(_ ids: Tensor) throws(TensorError) -> Tensor {
        guard shape.rank == 2 else {
            throw .rule("shape \(shape): rows are taken from a table [rows, columns]")
        }
        guard ids.shape.rank < Axes.limit else { throw .axes(ids.shape) }
        let ids = try Self.checked(ids, rows: shape[0])
        let table = try dense()
        let columns = shape[1]
        let y = Tensor(unwritten: Shape(ids.shape.sizes + [columns]), .f32, in: context)
        let (from, numbers) = (table.floats, UnsafePointer(ids.pointer(to: Int32.self)))
        let kernel = context.kernels.gatherRows
        context.share(ids.count, work: columns) { _, range in
            kernel(
                y.target + range.lowerBound * columns, from, numbers + range.lowerBound, range.count, columns)
        }
        return withExtendedLifetime((table, ids)) { y }
    }

    /// From the slope of `rows` that of a table: for each row the sum over its uses
    /// in their order, in leaves of `segment` samples of axis 0 of the ids.
    ///
    /// - Complexity: O(uses log uses) beside the sums.
    public static func rowsGradient(
        _ slope: Tensor, _ ids: Tensor, table: Shape, segment: Int
    ) throws(TensorError) -> Tensor {
        guard ids.shape.rank < Axes.limit else { throw .axes(ids.shape) }
        try slope.require("a slope", Shape(ids.shape.sizes + [table[1]]))
        let dy = try slope.dense()
        let ids = try checked(ids, rows: table[0])
        let gradient = Tensor(repeating: Float(0), table, in: slope.context)
        let numbers: [Int32] = try ids.values()
        let order = numbers.indices.sorted { (numbers[$0], $0) < (numbers[$1], $1) }.map { Int32($0) }
        let leaf = ids.shape.leaf(segment, of: ids.count)
        slope.context.kernels.scatterAddRows(
            gradient.target, dy.floats, order, numbers, numbers.count, table[1], leaf)
        return withExtendedLifetime(dy) { gradient }
    }

    private static func checked(_ ids: Tensor, rows: Int) throws(TensorError) -> Tensor {
        try ids.require(.i32)
        let ids = ids.contiguous()
        for id: Int32 in try ids.values() where id < 0 || Int(id) >= rows {
            throw .rule("row \(id) of a table of \(rows) rows: numbers go from 0 to \(rows - 1)")
        }
        return ids
    }
}
