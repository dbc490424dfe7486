import Autograd
import NeuralNetworks
import TensorCore

extension Case {
    /// Steps of training: forward, backward, update.
    static var steps: [Case] {
        [64, 256].flatMap { rows in
            [1, 2].map { threads in
                step("mlp step b\(rows)" + (threads == 1 ? "" : " 2 threads"), threads: threads) {
                    context throws(TensorError) in
                    let make = Initializer(seed: 1, in: context)
                    let model = Sequential([
                        try Linear(64, 256, isRectified: true, make),
                        try Linear(256, 256, isRectified: true, make), try Linear(256, 10, make),
                    ])
                    return (model, try Tensor(values(rows * 64), [rows, 64], in: context), rows)
                }
            }
        }
    }

    private static func values(_ count: Int) -> [Float] { (0..<count).map { Float($0 % 17) * 0.1 - 0.8 } }

    private static func step(
        _ name: String, threads: Int,
        _ make: @escaping (TensorContext) throws(TensorError) -> (any Layer, Tensor, rows: Int)
    ) -> Case {
        Case(name: name) {
            do {
                let context = TensorContext(threads: threads)
                let (model, x, rows) = try make(context)
                let labels = try Tensor((0..<rows).map { Int32($0 % 10) }, [rows], in: context)
                let optimizer = Optimizer(.adamW(), model.parameters, decay: 0.01)
                return {
                    do {
                        let (_, gradients) = try valueAndGradients { tape throws(TensorError) in
                            try model(Variable(x), .training(tape)).crossEntropies(Labels(labels)).mean()
                        }
                        try optimizer.step(gradients, rate: 1e-3)
                    } catch { fatalError("\(error)") }
                }
            } catch { fatalError("\(error)") }
        }
    }
}
