import Autograd
import CanonicalJSON
import NeuralNetworks
import TensorCore
import Testing

/// Blocks of several layers beside PyTorch's numbers.
@Suite struct BlockPeerTests {
    @Test(arguments: ["mbconv", "mbconv-eval", "mbconv-no-expansion", "mbconv-stride"])
    func mobileConvolutions(name: String) throws {
        let it = try PeerCase(name)
        let block = try MBConv(
            it.integer("in"), it.integer("out"), kernel: it.integer("kernel_size"),
            stride: it.integer("stride"), expansion: it.integer("ratio"), squeeze: it.integer("squeeze"),
            Initializer(seed: 1, in: it.context))
        try it.compare(
            block, isImage: true, isTraining: it.config["training"]?.bool == true, tolerance: 2e-5
        ) { x, pass throws(TensorError) in try block(x, pass) }
    }

    @Test(arguments: ["residual-block", "residual-block-projection"])
    func residualBlocks(name: String) throws {
        let it = try PeerCase(name)
        let block = try ResidualBlock(
            it.integer("in"), it.integer("out"), stride: it.integer("stride"),
            Initializer(seed: 1, in: it.context))
        try it.compare(block, isImage: true, tolerance: 2e-5) { x, pass throws(TensorError) in
            try block(x, pass)
        }
    }
}

/// Attention and what is made of it beside PyTorch's numbers.
@Suite struct AttentionPeerTests {
    /// PyTorch's masks say what is not attended to.
    private func mask(_ it: PeerCase) throws -> Tensor? {
        guard it.has("key_padding_mask") else { return nil }
        let hidden = try it.tensor("key_padding_mask")
        return try Tensor(
            hidden.converted(to: .f32).values(Float.self).map { $0 == 0 }, hidden.shape, in: it.context)
    }

    @Test(arguments: [
        "attention", "attention-causal", "attention-causal-padding", "attention-cross", "attention-long",
        "attention-long-causal", "attention-padding",
    ])
    func attention(name: String) throws {
        let it = try PeerCase(name)
        let layer = try MultiHeadAttention(
            it.tensor("input").shape[2], heads: it.integer("heads"), Initializer(seed: 1, in: it.context))
        let (mask, isCausal) = (try mask(it), it.config["causal"]?.bool == true)
        let memory = it.has("memory") ? Variable(try it.tensor("memory")) : nil
        try it.compare(layer, tolerance: 1e-5) { x, pass throws(TensorError) in
            try layer(x, to: memory, isCausal: isCausal, mask: mask, pass)
        }
    }

    private func layer(_ it: PeerCase) throws -> TransformerEncoderLayer {
        try TransformerEncoderLayer(
            8, heads: 2, hidden: 16, activation: it.config["activation"]?.string == "gelu" ? .gelu : .relu,
            normalisesFirst: it.config["norm_first"]?.bool == true, Initializer(seed: 1, in: it.context))
    }

    @Test(arguments: [
        "encoder-layer", "encoder-layer-gelu", "encoder-layer-norm-first", "encoder-layer-norm-first-gelu",
    ])
    func encoderLayer(name: String) throws {
        let it = try PeerCase(name)
        let layer = try layer(it)
        try it.compare(layer, tolerance: 2e-5) { x, pass throws(TensorError) in try layer(x, pass) }
    }

    @Test(arguments: ["encoder", "encoder-causal", "encoder-padding"], [false, true])
    func encoder(name: String, isRecomputed: Bool) throws {
        let it = try PeerCase(name)
        let encoder = TransformerEncoder(
            [try layer(it), try layer(it)], norm: LayerNorm(8, Initializer(seed: 1, in: it.context)),
            isRecomputed: isRecomputed)
        let (mask, isCausal) = (try mask(it), it.config["causal"]?.bool == true)
        try it.compare(encoder, tolerance: 2e-5) { x, pass throws(TensorError) in
            try encoder(x, isCausal: isCausal, mask: mask, pass)
        }
    }
}

@Suite struct RecurrentPeerTests {
    @Test(arguments: ["gru", "gru-bidirectional", "gru-started", "gru-two-layers"])
    func gatedRecurrentUnits(name: String) throws {
        let it = try PeerCase(name)
        let gru = try GRU(
            5, 6, layers: it.integer("layers"), isBidirectional: it.config["bidirectional"]?.bool == true,
            Initializer(seed: 1, in: it.context))
        let first = Parameter(try it.has("h0") ? it.tensor("h0") : it.tensor("input"))
        try it.compare(gru, tolerance: 1e-5, also: it.has("h0") ? ["h0": first] : [:]) {
            x, pass throws(TensorError) in
            try gru(x, first: it.has("h0") ? pass(first) : nil, pass)
        }
    }
}
