import CTensorKernels
import TensorKernels

extension Tensor {
    /// The cross-entropy of each row of scores with its label, i32 in 0..<columns.
    public func crossEntropies(_ labels: Tensor) throws(TensorError) -> Tensor {
        let labels = try checkedLabels(labels)
        let x = try dense()
        let (count, columns) = rows
        let losses = Tensor(unwritten: [count], .f32, in: context)
        let kernel = context.kernels.crossEntropy
        let numbers = labels.pointer(to: Int32.self)
        context.share(count, work: 4 * columns) { _, range in
            let row = range.lowerBound
            kernel(losses.target + row, x.floats + row * columns, numbers + row, range.count, columns)
        }
        return withExtendedLifetime((x, labels)) { losses }
    }

    /// From the slopes of `crossEntropies`, one a row, that of the scores.
    public static func crossEntropiesGradient(
        _ slope: Tensor, _ x: Tensor, _ labels: Tensor
    ) throws(TensorError) -> Tensor {
        let (dy, x, labels) = (try slope.dense(), try x.dense(), labels.contiguous())
        let result = Tensor(unwritten: x.shape, .f32, in: x.context)
        let kernel = x.context.kernels.crossEntropyGradient
        let numbers = labels.pointer(to: Int32.self)
        let (count, columns) = x.rows
        x.context.share(count, work: 4 * columns) { _, range in
            for row in range {
                let start = row * columns
                kernel(result.target + start, x.floats + start, numbers + row, dy.floats[row], 1, columns)
            }
        }
        return withExtendedLifetime((dy, labels)) { result }
    }

    private func checkedLabels(_ labels: Tensor) throws(TensorError) -> Tensor {
        try labels.require(.i32)
        let (count, columns) = rows
        try labels.require("labels", Shape(Array(shape.sizes.dropLast())))
        let labels = labels.contiguous()
        let numbers = labels.pointer(to: Int32.self)
        for row in 0..<count where numbers[row] < 0 || Int(numbers[row]) >= columns {
            throw .rule("label \(numbers[row]) of row \(row): labels of \(columns) classes go from 0 to \(columns - 1)")
        }
        return labels
    }
}
