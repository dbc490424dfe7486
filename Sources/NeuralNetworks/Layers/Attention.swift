public import Autograd
public import TensorCore

/// Attention of several heads among the elements of a sequence (Vaswani et al.,
/// "Attention is all you need", 2017).
///
/// Queries, keys and values are made by one product; a head is a part of the
/// columns of each.
public struct MultiHeadAttention: Module {
    /// [columns, 3 columns]; in a file [3 columns, columns].
    public let inputWeight: Parameter
    public let inputBias: Parameter
    public let output: Linear
    public let heads: Int

    /// - Parameter columns: A multiple of `heads`.
    public init(_ columns: Int, heads: Int, _ initializer: Initializer) throws(TensorError) {
        guard heads >= 1, columns % heads == 0 else {
            throw .rule("\(columns) columns in \(heads) heads: each head must have as many columns")
        }
        self.heads = heads
        inputWeight = try initializer.uniform(
            [columns, 3 * columns], bound: InitialWeights.glorot.bound(inputs: columns, outputs: 3 * columns))
        inputBias = initializer.constant(0, [3 * columns])
        output = try Linear(columns, columns, initializer)
    }

    public var members: [Member] {
        [
            .parameter("in_proj_weight", inputWeight, fileOrder: [1, 0]),
            .parameter("in_proj_bias", inputBias), .module("out_proj", output),
        ]
    }

    /// - Parameters:
    ///   - x: [samples, length, columns]
    ///   - memory: What x attends to, of any length; nil for x itself.
    ///   - isCausal: Whether an element attends to those up to itself alone.
    ///   - mask: bool [samples, length of what is attended to]: which elements of it are; nil for all.
    public func callAsFunction(
        _ x: Variable, to memory: Variable? = nil, isCausal: Bool = false, mask: Tensor? = nil, _ pass: Pass
    ) throws(TensorError) -> Variable {
        let (weight, bias) = (pass(inputWeight), pass(inputBias))
        guard let memory else {
            let all = try x.linear(weight, bias: bias)
            return try output(all.selfAttention(heads: heads, isCausal: isCausal, mask: mask), pass)
        }
        let columns = x.shape[-1]
        func made(_ x: Variable, _ part: Range<Int>) throws(TensorError) -> Variable {
            try x.linear(weight.sliced(1, part), bias: bias.sliced(0, part))
        }
        let y = try made(x, 0..<columns).attention(
            to: made(memory, columns..<(2 * columns)), made(memory, (2 * columns)..<(3 * columns)),
            heads: heads, isCausal: isCausal, mask: mask)
        return try output(y, pass)
    }
}
