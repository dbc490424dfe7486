import TensorCore

/// What can be recorded, with what its row in the table of derivatives
/// (Derivatives.swift) needs of operands and result.
///
/// The table is a switch without a default: an operation without a row does not
/// compile. Shapes and letters are those of the row.
enum Operation {
    // Elements; operands are repeated to fit each other.
    case add(Shape, Shape)
    case subtract(Shape, Shape)
    case multiply(Tensor, Tensor)
    case divide(Tensor, by: Tensor)
    case scale(Float)
    case shift
    case activation(Activation, kept: Tensor)
    case drop(Drops)

    // The same elements elsewhere.
    case reshape(from: Shape)
    case permute([Int])
    case slice(axis: Int, lower: Int, step: Int, from: Shape)
    case concatenate(axis: Int, sizes: [Int])
    case expand(from: Shape)

    // Sums.
    case sum(from: Shape)
    case mean(from: Shape)

    // Products.
    case product(Tensor, Tensor)
    /// x w + b, perhaps rectified, with the result then.
    case linear(x: Tensor, w: Tensor, rectified: Tensor?)

    // Images [images, height, width, channels].
    case convolution(x: Tensor, w: Tensor, Steps, rectified: Tensor?)
    case maxPool(x: Tensor, y: Tensor, size: (y: Int, x: Int), Steps)
    case averagePool(Shape, size: (y: Int, x: Int), countsPadding: Bool, Steps)
    case resize(from: Shape, alignsCorners: Bool)

    // Rows of the last axis.
    case softmax(Tensor)
    case logSoftmax(Tensor)
    case layerNorm(x: Tensor, gamma: Tensor, NormStatistics)
    /// Channels of the last axis, by the moments of the batch itself.
    case batchNorm(x: Tensor, gamma: Tensor, NormStatistics)
    /// Activated by a function whose slope takes its argument: of both only x is kept, from which
    /// the norm is made again on the way back.
    case activatedNorm(Activation, x: Tensor, gamma: Tensor, beta: Tensor, NormStatistics)
    /// The norm by moments that are constants.
    case fixedNorm(x: Tensor, gamma: Tensor, NormStatistics)
    case rows(ids: Tensor, table: Shape)
    case crossEntropies(x: Tensor, Labels)
    case losses(ElementLoss, x: Tensor, t: Tensor)

    // Sequences [samples, length, columns].
    case attention(AttentionHeads, y: Tensor, logSums: Tensor)
    /// Queries, keys and values are parts of one operand.
    case selfAttention(AttentionHeads, y: Tensor, logSums: Tensor)
    case gated(GatedStates, weight: Tensor)

    /// A part that kept nothing and is done again on the way back.
    case recomputation(Recomputation)

    /// The result, where it was rectified: its slope is zero where it is.
    var rectified: Tensor? {
        switch self {
        case .linear(_, _, let value), .convolution(_, _, _, let value): value
        default: nil
        }
    }

    /// Whether its row can put the zeros into the slope of a rectified first operand.
    var putsZeros: Bool { if case .linear = self { true } else { false } }
}
