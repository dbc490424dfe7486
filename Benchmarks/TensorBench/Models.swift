import Autograd
import NeuralNetworks
import TensorCore

/// The models of torch_models.py, layer for layer.
enum Models {
    static func mlp(_ make: Initializer) throws(TensorError) -> any Layer {
        Sequential([
            try Linear(64, 256, isRectified: true, make), try Linear(256, 256, isRectified: true, make),
            try Linear(256, 10, make),
        ])
    }

    static func cnn(_ make: Initializer) throws(TensorError) -> any Layer {
        Sequential([
            try Conv2d(1, 32, kernel: (3, 3), isRectified: true, make),
            try Conv2d(32, 64, kernel: (3, 3), isRectified: true, make), Function.maxPool(2),
            Function.flatten,
            try Linear(64 * 12 * 12, 128, isRectified: true, make), try Linear(128, 10, make),
        ])
    }

    static func encoder(
        _ width: Int, heads: Int, layers: Int, _ make: Initializer
    ) throws(TensorError) -> any Layer {
        var made: [TransformerEncoderLayer] = []
        for _ in 0..<layers {
            made.append(
                try TransformerEncoderLayer(
                    width, heads: heads, hidden: 4 * width, activation: .gelu, normalisesFirst: true, make))
        }
        return Sequential([
            TransformerEncoder(made, norm: LayerNorm(width, make)),
            Function { x throws(TensorError) in try x.mean([1]).squeezed(1) }, try Linear(width, 10, make),
        ])
    }

    struct Recurrent: Layer {
        let gru: GRU
        let head: Linear

        init(_ width: Int, _ make: Initializer) throws(TensorError) {
            gru = try GRU(width, width, make)
            head = try Linear(width, 10, make)
        }

        var members: [Member] { [.module("gru", gru), .module("head", head)] }

        func callAsFunction(_ x: Variable, _ pass: Pass) throws(TensorError) -> Variable {
            let states = try gru(x, pass)
            return try head(states.sliced(1, (x.shape[1] - 1)..<x.shape[1]).squeezed(1), pass)
        }
    }

    /// Tan and Le 2019, table 1: expansion, kernel, stride, channels, times.
    private static let b0 = [
        (1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3),
        (6, 5, 2, 192, 4), (6, 3, 1, 320, 1),
    ]

    static func efficientNet(_ make: Initializer) throws(TensorError) -> any Layer {
        var layers: [any Layer] = [
            try ConvNorm(3, 32, kernel: 3, stride: 2, activation: .silu, make)
        ]
        var channels = 32
        for (expansion, kernel, stride, outputs, times) in b0 {
            for number in 0..<times {
                layers.append(
                    try MBConv(
                        channels, outputs, kernel: kernel, stride: number == 0 ? stride : 1,
                        expansion: expansion, make))
                channels = outputs
            }
        }
        layers += [
            try ConvNorm(channels, 1280, kernel: 1, activation: .silu, make),
            Function.globalAveragePool, try Linear(1280, 1000, make),
        ]
        return Sequential(layers)
    }
}
