import Autograd
import CanonicalJSON
import NeuralNetworks
import TensorCore
import Testing

/// Layers beside PyTorch's numbers. A tolerance is some tens of roundings (2^-24)
/// of sums as long as those of the case.
@Suite struct LayerPeerTests {
    @Test(arguments: ["linear", "linear-no-bias", "linear-three-axes"])
    func linear(name: String) throws {
        let it = try PeerCase(name)
        let shape = try it.tensor("weight").shape
        let layer = try Linear(shape[1], shape[0], bias: it.has("bias"), Initializer(seed: 1, in: it.context))
        try it.compare(layer, tolerance: 1e-6) { x, pass throws(TensorError) in try layer(x, pass) }
    }

    @Test func embedding() throws {
        let it = try PeerCase("embedding")
        let layer = try Embedding(10, 6, Initializer(seed: 1, in: it.context))
        let ids = try it.tensor("input")
        try it.compare(layer, tolerance: 1e-6) { _, pass throws(TensorError) in try layer(ids, pass) }
    }

    @Test(arguments: [
        "conv2d", "conv2d-1x1", "conv2d-depthwise", "conv2d-depthwise-stride", "conv2d-dilation",
        "conv2d-groups", "conv2d-no-bias", "conv2d-same", "conv2d-stride-padding", "conv2d-uneven",
    ])
    func convolutionsOfImages(name: String) throws {
        let it = try PeerCase(name)
        func pair(_ key: String, _ other: Int) throws -> (y: Int, x: Int) {
            if let values = it.config[key]?.array?.compactMap(\.integer), values.count == 2 {
                return (Int(values[0]), Int(values[1]))
            }
            let value = try it.integer(key, default: other)
            return (value, value)
        }
        let layer = try Conv2d(
            it.integer("in"), it.integer("out"), kernel: pair("kernel_size", 0),
            Steps(
                stride: pair("stride", 1), padding: pair("padding", 0), dilation: pair("dilation", 1),
                groups: it.integer("groups", default: 1)),
            bias: it.has("bias"), Initializer(seed: 1, in: it.context))
        try it.compare(layer, isImage: true, tolerance: 2e-6) { x, pass throws(TensorError) in
            try layer(x, pass)
        }
    }

    @Test(arguments: ["conv1d", "conv1d-groups", "conv1d-stride-padding-dilation"])
    func convolutionsOfLines(name: String) throws {
        let it = try PeerCase(name)
        let layer = try Conv1d(
            it.integer("in"), it.integer("out"), kernel: it.integer("kernel_size"),
            stride: it.integer("stride", default: 1), padding: it.integer("padding", default: 0),
            dilation: it.integer("dilation", default: 1), groups: it.integer("groups", default: 1),
            Initializer(seed: 1, in: it.context))
        try it.compare(layer, isImage: true, tolerance: 2e-6) { x, pass throws(TensorError) in
            try layer(x, pass)
        }
    }

    @Test(arguments: [
        "batch-norm-1d-eval", "batch-norm-1d-length-train", "batch-norm-1d-train", "batch-norm-2d-eval",
        "batch-norm-2d-train",
    ])
    func batchNorm(name: String) throws {
        let it = try PeerCase(name)
        let layer = BatchNorm(try it.tensor("weight").count, Initializer(seed: 1, in: it.context))
        let isTraining = it.config["training"]?.bool == true
        try it.compare(layer, isImage: true, isTraining: isTraining, tolerance: 5e-6) {
            x, pass throws(TensorError) in try layer(x, pass)
        }
    }

    @Test func layerNorm() throws {
        let it = try PeerCase("layer-norm")
        let layer = LayerNorm(12, Initializer(seed: 1, in: it.context))
        try it.compare(layer, tolerance: 5e-6) { x, pass throws(TensorError) in try layer(x, pass) }
    }

    @Test(arguments: ["max-pool", "max-pool-padding", "max-pool-ties"])
    func maxPool(name: String) throws {
        let it = try PeerCase(name)
        let size = try it.integer("kernel_size")
        try compare(
            it,
            .maxPool(
                size, stride: it.integer("stride", default: size), padding: it.integer("padding", default: 0)),
            isImage: true)
    }

    @Test(arguments: ["average-pool", "average-pool-padding", "average-pool-padding-not-counted"])
    func averagePool(name: String) throws {
        let it = try PeerCase(name)
        let size = try it.integer("kernel_size")
        try compare(
            it,
            .averagePool(
                size, stride: it.integer("stride", default: size), padding: it.integer("padding", default: 0),
                countsPadding: it.config["count_include_pad"]?.bool != false),
            isImage: true)
    }

    @Test func globalPools() throws {
        func pooled(_ name: String, _ pool: Function) throws {
            let it = try PeerCase(name)
            try it.compare(pool, isImage: true, tolerance: 1e-6) { x, pass throws(TensorError) in
                try pool(x, pass).reshaped(to: [x.shape[0], 1, 1, x.shape[3]])
            }
        }
        try pooled("global-average-pool", .globalAveragePool)
        try pooled("global-max-pool", .globalMaxPool)
    }

    @Test(arguments: ["relu", "gelu", "gelu-tanh", "silu", "sigmoid", "tanh"])
    func activations(name: String) throws {
        let activation = try #require(Activation(rawValue: name.replacing("-", with: "_")))
        try compare(PeerCase(name), .activation(activation))
    }

    @Test func softmax() throws {
        try compare(PeerCase("softmax"), Function { x throws(TensorError) in try x.softmax() })
        try compare(PeerCase("log-softmax"), Function { x throws(TensorError) in try x.logSoftmax() })
    }

    private func compare(_ it: PeerCase, _ function: Function, isImage: Bool = false) throws {
        try it.compare(function, isImage: isImage, tolerance: 2e-6) { x, pass throws(TensorError) in
            try function(x, pass)
        }
    }
}
