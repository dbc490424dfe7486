public import Autograd
public import TensorCore

/// Attention and two linear layers, each around a shortcut and with a layer norm
/// before or after (Vaswani et al. 2017; Xiong et al., "On layer normalization",
/// 2020).
public struct TransformerEncoderLayer: Layer {
    public let attention: MultiHeadAttention
    public let first: Linear
    public let second: Linear
    public let attentionNorm: LayerNorm
    public let norm: LayerNorm
    public let activation: Activation
    public let normalisesFirst: Bool
    private let dropouts: [Dropout]

    public init(
        _ columns: Int, heads: Int, hidden: Int, activation: Activation = .relu, dropout: Double = 0,
        normalisesFirst: Bool = false, _ initializer: Initializer
    ) throws(TensorError) {
        attention = try MultiHeadAttention(columns, heads: heads, initializer)
        first = try Linear(columns, hidden, isRectified: activation == .relu, initializer)
        second = try Linear(hidden, columns, initializer)
        attentionNorm = LayerNorm(columns, initializer)
        norm = LayerNorm(columns, initializer)
        self.activation = activation
        self.normalisesFirst = normalisesFirst
        dropouts = (0..<3).map { _ in Dropout(dropout, initializer) }
    }

    public var members: [Member] {
        [
            .module("self_attn", attention), .module("linear1", first), .module("linear2", second),
            .module("norm1", attentionNorm), .module("norm2", norm),
        ]
    }

    public func callAsFunction(_ x: Variable, _ pass: Pass) throws(TensorError) -> Variable {
        try self(x, isCausal: false, mask: nil, pass)
    }

    public func callAsFunction(
        _ x: Variable, isCausal: Bool, mask: Tensor?, _ pass: Pass
    ) throws(TensorError) -> Variable {
        func attend(_ x: Variable) throws(TensorError) -> Variable {
            try dropouts[0](attention(x, isCausal: isCausal, mask: mask, pass), pass)
        }
        func feed(_ x: Variable) throws(TensorError) -> Variable {
            let hidden = try first(x, pass)
            let active = first.isRectified ? hidden : try hidden.applying(activation)
            return try dropouts[2](second(dropouts[1](active, pass), pass), pass)
        }
        if normalisesFirst {
            let y = try x + attend(attentionNorm(x, pass))
            return try y + feed(norm(y, pass))
        }
        let y = try attentionNorm(x + attend(x), pass)
        return try norm(y + feed(y), pass)
    }
}

/// Encoder layers one after another, and a last norm where they normalise first.
public struct TransformerEncoder: Layer {
    public let layers: [TransformerEncoderLayer]
    public let norm: LayerNorm?
    /// Whether the insides of a layer are made again on the way back, not kept.
    public let isRecomputed: Bool

    public init(_ layers: [TransformerEncoderLayer], norm: LayerNorm? = nil, isRecomputed: Bool = false) {
        self.layers = layers
        self.norm = norm
        self.isRecomputed = isRecomputed
    }

    public var members: [Member] {
        [.module("layers", Sequential(layers))] + (norm.map { [.module("norm", $0)] } ?? [])
    }

    public func callAsFunction(_ x: Variable, _ pass: Pass) throws(TensorError) -> Variable {
        try self(x, isCausal: false, mask: nil, pass)
    }

    public func callAsFunction(
        _ x: Variable, isCausal: Bool, mask: Tensor?, _ pass: Pass
    ) throws(TensorError) -> Variable {
        var x = x
        for layer in layers {
            func run(_ x: Variable, _ pass: Pass) throws(TensorError) -> Variable {
                try layer(x, isCausal: isCausal, mask: mask, pass)
            }
            x = try isRecomputed ? pass.recomputing(x, run) : run(x, pass)
        }
        return try norm.map { norm throws(TensorError) in try norm(x, pass) } ?? x
    }
}
