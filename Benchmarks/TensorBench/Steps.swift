import Autograd
import BenchLoop
import NeuralNetworks
import TensorCore

extension Case {
    private typealias Model = (Initializer) throws(TensorError) -> any Layer

    /// Steps of training: forward, backward, update; all but the largest on two threads too.
    static var steps: [Case] {
        let narrow: Model = { make throws(TensorError) in
            try Models.encoder(128, heads: 4, layers: 4, make)
        }
        let wide: Model = { make throws(TensorError) in
            try Models.encoder(512, heads: 8, layers: 8, make)
        }
        return onOneAndTwo("mlp step b64", [64, 64], Models.mlp)
            + onOneAndTwo("mlp step b256", [256, 64], Models.mlp)
            + onOneAndTwo("cnn step b64", [64, 28, 28, 1], Models.cnn)
            + onOneAndTwo("encoder 128 step", [16, 128, 128], narrow)
            + [step("encoder 512 step", [16, 128, 512], wide)]
            + onOneAndTwo("efficientnet step", [8, 64, 64, 3], Models.efficientNet)
            + [(64, 32), (128, 64), (256, 64)].flatMap { width, rows in
                onOneAndTwo("gru h\(width) b\(rows) step", [rows, 64, width]) { make throws(TensorError) in
                    try Models.Recurrent(width, make)
                }
            }
    }

    /// One row at a time, without a tape.
    static var inference: [Case] {
        [
            inference("mlp inference", [1, 64], Models.mlp),
            inference("cnn inference", [1, 28, 28, 1], Models.cnn),
            inference("encoder 128 inference", [1, 128, 128]) { make throws(TensorError) in
                try Models.encoder(128, heads: 4, layers: 4, make)
            },
        ]
    }

    private static func onOneAndTwo(_ name: String, _ shape: Shape, _ model: @escaping Model) -> [Case] {
        [1, 2].map { step(Case.name(name, threads: $0), threads: $0, shape, model) }
    }

    private static func step(
        _ name: String, threads: Int = 1, _ shape: Shape, _ model: @escaping Model
    ) -> Case {
        Case(name: name) {
            orStop { () throws(TensorError) in
                let context = TensorContext(threads: threads)
                let model = try model(Initializer(seed: 1, in: context))
                let x = try input(shape, context)
                let labels = Labels(
                    try Tensor((0..<shape[0]).map { Int32($0 % 10) }, [shape[0]], in: context))
                let optimizer = Optimizer(.adamW(), model.parameters, decay: 0.01)
                return {
                    orStop { () throws(TensorError) in
                        let (_, gradients) = try valueAndGradients { tape throws(TensorError) in
                            try model(Variable(x), .training(tape)).crossEntropy(labels)
                        }
                        try optimizer.step(gradients, rate: 1e-3)
                    }
                }
            }
        }
    }

    private static func inference(_ name: String, _ shape: Shape, _ model: @escaping Model) -> Case {
        Case(name: name) {
            orStop { () throws(TensorError) in
                let context = TensorContext()
                let model = try model(Initializer(seed: 1, in: context))
                let x = Variable(try input(shape, context))
                return { orStop { () throws(TensorError) in _ = try model(x, .evaluation) } }
            }
        }
    }
}
