import CTensorKernels
import TensorKernels

/// Queries, keys and values of several heads, and what each element attends to.
///
/// A head is a part of the columns: of queries [samples, length, heads x depth] the
/// columns from head x depth on.
public struct AttentionHeads: Sendable {
    public let queries: Tensor
    /// As long as the values, with as many columns.
    public let keys: Tensor
    public let values: Tensor
    public let heads: Int
    /// Whether element i attends to elements 0...i alone.
    public let isCausal: Bool
    /// bool or u8 [samples, length of keys]: what is attended to; nil for all.
    public let mask: Tensor?

    /// Any views; their columns must lie together.
    public init(
        queries: Tensor, keys: Tensor, values: Tensor, heads: Int, isCausal: Bool = false, mask: Tensor? = nil
    ) throws(TensorError) {
        for tensor in [queries, keys, values] { try tensor.require(.f32) }
        guard queries.shape.rank == 3, keys.shape.rank == 3, keys.shape == values.shape,
            queries.shape[0] == keys.shape[0], queries.shape[2] == keys.shape[2], heads >= 1,
            queries.shape[2] % heads == 0, (1...256).contains(queries.shape[2] / heads)
        else {
            throw .rule(
                "queries \(queries.shape), keys \(keys.shape) and values \(values.shape) in \(heads) heads: "
                    + "[samples, length, columns] is needed with as many samples and columns, keys as long "
                    + "as values, and heads of 1 to 256 columns")
        }
        if let mask {
            try mask.require("a mask", [keys.shape[0], keys.shape[1]])
            guard mask.dtype == .bool || mask.dtype == .u8 else { throw .dtype(mask.dtype, expected: .bool) }
        }
        func close(_ tensor: Tensor) -> Tensor { tensor.layout.strides[2] == 1 ? tensor : tensor.copied() }
        self.queries = close(queries)
        self.keys = close(keys)
        self.values = close(values)
        self.heads = heads
        self.isCausal = isCausal
        self.mask = mask?.contiguous()
    }

    var depth: Int { queries.shape[2] / heads }
    var samples: Int { queries.shape[0] }

    /// A head of a sample as kernels take it, its queries and keys alone.
    func head(_ sample: Int, _ head: Int, _ y: Tensor, _ logSums: Tensor, _ share: Int) -> SluiceAttention {
        func start(_ tensor: Tensor) -> UnsafePointer<Float> {
            tensor.floats + sample * tensor.layout.strides[0] + head * depth
        }
        return SluiceAttention(
            queries: queries.shape[1], keys: keys.shape[1], depth: depth, q: start(queries),
            qRow: queries.layout.strides[1], k: start(keys), kRow: keys.layout.strides[1], v: start(values),
            vRow: values.layout.strides[1], y: UnsafeMutablePointer(mutating: start(y)),
            yRow: y.layout.strides[1], logSums: logSums.target + (sample * heads + head) * queries.shape[1],
            scale: 1 / Float(depth).squareRoot(), causal: isCausal ? 1 : 0,
            mask: mask.map { UnsafePointer($0.pointer(to: UInt8.self)) + sample * keys.shape[1] }, dy: nil,
            dyRow: 0, dots: nil, dq: nil, dqRow: 0, dk: nil, dkRow: 0, dv: nil, dvRow: 0,
            workspace: queries.context.workspace(share))
    }
}

extension Tensor {
    /// Each query's mean of the values, weighed by the softmax of its products with
    /// the keys over the root of their depth; the table of all products is never
    /// stored (kernels.h).
    ///
    /// - Returns: [samples, length of queries, columns], and what the gradient needs:
    ///   of each head and query the logarithm of its sum of weights.
    public static func attention(_ it: AttentionHeads) throws(TensorError) -> (y: Tensor, logSums: Tensor) {
        let context = it.queries.context
        let y = Tensor(unwritten: it.queries.shape, .f32, in: context)
        let logSums = Tensor(unwritten: [it.samples, it.heads, it.queries.shape[1]], .f32, in: context)
        let kernels = context.kernels
        context.prepareWorkspaces(kernels.attentionWorkspace)
        let work = it.queries.shape[1] * it.keys.shape[1] * it.depth / 8
        context.share(it.samples * it.heads, work: work) { share, range in
            for number in range {
                var head = it.head(number / it.heads, number % it.heads, y, logSums, share)
                kernels.attention(&head, 0, head.queries)
            }
        }
        return (y, logSums)
    }

    /// From the slope of the result of `attention` those of queries, keys and values.
    ///
    /// - Returns: Where queries are as long as keys, all three are parts of one tensor
    ///   [samples, length, 3 columns].
    public static func attentionGradients(
        _ slope: Tensor, _ it: AttentionHeads, y: Tensor, logSums: Tensor
    ) throws(TensorError) -> (queries: Tensor, keys: Tensor, values: Tensor, all: Tensor?) {
        try slope.require("a slope", it.queries.shape)
        let context = it.queries.context
        let dy = try slope.dense()
        let columns = it.queries.shape[2]
        let isOne = it.queries.shape == it.keys.shape
        let dq = Tensor(
            unwritten: [it.samples, it.queries.shape[1], isOne ? 3 * columns : columns], .f32, in: context)
        let dkv =
            isOne ? dq : Tensor(unwritten: [it.samples, it.keys.shape[1], 2 * columns], .f32, in: context)
        let (queries, keys, values) = (
            try dq.sliced(2, 0..<columns),
            try isOne ? dq.sliced(2, columns..<(2 * columns)) : dkv.sliced(2, 0..<columns),
            try isOne ? dq.sliced(2, (2 * columns)..<(3 * columns)) : dkv.sliced(2, columns..<(2 * columns))
        )
        let dots = Tensor(unwritten: logSums.shape, .f32, in: context)
        let kernels = context.kernels
        context.prepareWorkspaces(kernels.attentionWorkspace)
        let work = it.queries.shape[1] * it.keys.shape[1] * it.depth / 3
        context.share(it.samples * it.heads, work: work) { share, range in
            for number in range {
                let (sample, place) = (number / it.heads, number % it.heads)
                var head = it.head(sample, place, y, logSums, share)
                func start(_ tensor: Tensor) -> UnsafeMutablePointer<Float> {
                    tensor.target + sample * tensor.layout.strides[0] + place * it.depth
                }
                (head.dy, head.dyRow) = (UnsafePointer(start(dy)), columns)
                head.dots = dots.target + number * it.queries.shape[1]
                (head.dq, head.dqRow) = (start(queries), queries.layout.strides[1])
                (head.dk, head.dkRow) = (start(keys), keys.layout.strides[1])
                (head.dv, head.dvRow) = (start(values), values.layout.strides[1])
                kernels.attentionGradients(&head)
            }
        }
        return (queries, keys, values, isOne ? dq : nil)
    }
}
