import TensorCore
import TensorKernels

@testable import Autograd

/// Numbers in -1...1, the same in every run.
func numbers(_ count: Int, seed: UInt64) -> [Float] {
    let philox = Philox(seed: seed)
    return (0..<count).map { Float(philox(SIMD4(UInt32($0), 0, 0, 0))[0] >> 8) / 8_388_608 - 1 }
}

/// Operations whose derivatives are compared with central differences.
struct DerivativeCase: Sendable {
    let name: String
    let shapes: [Shape]
    /// What numbers in -1...1 become before they are put in.
    var domain: @Sendable (Float) -> Float = { $0 }
    let function: @Sendable ([Variable]) throws -> Variable

    init(
        _ name: String, _ shapes: [Shape], domain: @escaping @Sendable (Float) -> Float = { $0 },
        _ function: @escaping @Sendable ([Variable]) throws -> Variable
    ) {
        self.name = name
        self.shapes = shapes
        self.domain = domain
        self.function = function
    }
}

extension DerivativeCase {
    static let all: [DerivativeCase] =
        elements + places + sums + products + rows + images
        + losses + sequences + recomputed

    private static func positive(_ x: Float) -> Float { 0.6 + (x + 1) / 2 }
    /// Far from each other.
    private static func far(_ x: Float) -> Float { 3 * x }

    /// Away from zero, where a relu has no derivative.
    private static func away(_ x: Float) -> Float { x + (x < 0 ? -0.1 : 0.1) }

    private static let elements: [DerivativeCase] =
        [
            .init("add", [[2, 3], [2, 3]]) { v in try v[0] + v[1] },
            .init("add a row", [[2, 3], [3]]) { v in try v[0] + v[1] },
            .init("subtract a column", [[2, 3], [2, 1]]) { v in try v[0] - v[1] },
            .init("subtract from a scalar", [[], [2, 3]]) { v in try v[0] - v[1] },
            .init("multiply", [[2, 3, 2], [3, 1]]) { v in try v[0] * v[1] },
            .init("multiply by itself", [[2, 3]]) { v in try v[0] * v[0] },
            .init("divide", [[2, 3], [3]], domain: positive) { v in try v[0] / v[1] },
            .init("scale and shift", [[5]]) { v in
                try v[0].scaled(by: -1.5).shifted(by: 2)
            },
        ]
        + Activation.allCases.map { activation in
            .init(
                activation.rawValue, [[3, 7]], domain: activation == .log ? positive : away
            ) { v in try v[0].applying(activation) }
        }

    private static let places: [DerivativeCase] = [
        .init("reshape", [[2, 6]]) { v in try v[0].reshaped(to: [3, 4]) },
        .init("permute", [[2, 3, 4]]) { v in try v[0].permuted([2, 0, 1]) },
        .init("transpose twice used", [[3, 3]]) { v in try v[0] * v[0].transposed() },
        .init("slice", [[5, 3]]) { v in try v[0].sliced(0, 1..<5, by: 2) },
        .init("concatenate", [[2, 2], [2, 3]]) { v in try .concatenated(v, 1) },
        .init("concatenate with itself", [[2, 2]]) { v in
            try .concatenated([v[0], v[0]], 0)
        },
        .init("expand", [[2, 1]]) { v in try v[0].expanded(to: [3, 2, 4]) },
    ]

    private static let sums: [DerivativeCase] = [
        .init("sum of rows", [[4, 3]]) { v in try v[0].sum([1]) },
        .init("sum of columns", [[4, 3]]) { v in try v[0].sum([0]) },
        .init("sum of two axes apart", [[2, 3, 4]]) { v in try v[0].sum([0, 2]) },
        .init("sum of an inner axis", [[2, 3, 4]]) { v in try v[0].sum([1]) },
        .init("mean of inner axes", [[2, 3, 4, 5]]) { v in try v[0].mean([1, 2]) },
        .init("mean", [[2, 3]]) { v in try v[0].mean() },
    ]

    private static let products: [DerivativeCase] = [
        .init("product", [[3, 4], [4, 2]]) { v in try v[0].product(with: v[1]) },
        .init("product of batches", [[2, 3, 4], [2, 4, 2]]) { v in
            try v[0].product(with: v[1])
        },
        .init("product of repeated batches", [[2, 1, 3, 4], [5, 4, 2]]) { v in
            try v[0].product(with: v[1])
        },
        .init("product with itself turned", [[3, 4]]) { v in
            try v[0].product(with: v[0].transposed())
        },
        .init("linear", [[2, 3, 4], [4, 5], [5]]) { v in
            try v[0].linear(v[1], bias: v[2])
        },
        .init("linear without bias, of a vector", [[4], [4, 5]]) { v in
            try v[0].linear(v[1])
        },
        .init("linear, rectified", [[3, 4], [4, 5], [5]], domain: away) { v in
            try v[0].linear(v[1], bias: v[2], isRectified: true)
        },
    ]

    private static let rows: [DerivativeCase] = [
        .init("softmax", [[3, 5]]) { v in try v[0].softmax() },
        .init("log-softmax", [[3, 5]]) { v in try v[0].logSoftmax() },
        .init("layer norm", [[2, 3, 6], [6], [6]]) { v in
            try v[0].layerNorm(gamma: v[1], beta: v[2])
        },
    ]

    private static let images: [DerivativeCase] = [
        .init("convolution", [[2, 5, 4, 3], [4, 3, 2, 3], [4]]) { v in
            try v[0].convolution(v[1], bias: v[2], Steps(stride: (2, 1), padding: (1, 0)))
        },
        .init("convolution in groups, dilated", [[2, 5, 4, 4], [6, 2, 2, 2]]) { v in
            try v[0].convolution(v[1], Steps(stride: 1, dilation: 2, groups: 2))
        },
        .init("depthwise convolution, rectified", [[2, 5, 4, 3], [3, 3, 3, 1], [3]], domain: away) { v in
            try v[0].convolution(v[1], bias: v[2], isRectified: true, Steps(stride: 1, padding: 1, groups: 3))
        },
        .init("max pool", [[2, 5, 4, 3]], domain: far) { v in
            try v[0].maxPool((2, 3), Steps(stride: 1, padding: 1))
        },
        .init("resize", [[2, 3, 4, 2]]) { v in try v[0].resized(to: (5, 3)) },
        .init("resize, corners aligned", [[1, 3, 4, 2]]) { v in
            try v[0].resized(to: (2, 7), alignsCorners: true)
        },
        .init("drop", [[3, 7]]) { v in
            try v[0].dropping(Drops(chance: 0.4, seed: 5, step: 2, layer: 1, samples: [7, 3, 900]))
        },
        .init("average pool", [[2, 5, 4, 3]]) { v in
            try v[0].averagePool((2, 2), countsPadding: false, Steps(stride: 2, padding: 1))
        },
        .init("batch norm", [[3, 2, 2, 5], [5], [5]]) { v in
            try v[0].batchNorm(gamma: v[1], beta: v[2]).0
        },
        .init("batch norm, silu", [[3, 2, 2, 5], [5], [5]]) { v in
            try v[0].batchNorm(gamma: v[1], beta: v[2], activation: .silu).0
        },
        .init("batch norm, tanh", [[3, 2, 2, 5], [5], [5]]) { v in
            try v[0].batchNorm(gamma: v[1], beta: v[2], activation: .tanh).0
        },
        .init("fixed norm", [[3, 5], [5], [5]]) { v in
            let context = v[0].value.context
            return try v[0].batchNorm(
                gamma: v[1], beta: v[2], means: Tensor(numbers(5, seed: 7), [5], in: context),
                variances: Tensor(numbers(5, seed: 8).map { 1 + $0 / 2 }, [5], in: context))
        },
        .init("rows", [[4, 3]]) { v in
            try v[0].rows(Tensor([2, 0, 2, 3] as [Int32], [2, 2], in: v[0].value.context))
        },
    ]

    private static let losses: [DerivativeCase] =
        [
            .init("cross-entropies", [[3, 5]]) { v in
                let context = v[0].value.context
                return try v[0].crossEntropies(
                    Labels(
                        Tensor([2, 0, 4] as [Int32], [3], in: context),
                        weights: Tensor([1, 2, 0.5, 1, 3] as [Float], [5], in: context), smoothing: 0.1))
            }
        ]
        + ([
            .squared, .absolute, .huber(delta: 0.3), .quantile(0.8), .poisson,
            .binaryCrossEntropy(positiveWeight: 2), .focal(), .focal(gamma: 1.5, alpha: nil),
        ] as [ElementLoss]).map { loss in
            .init("\(loss)", [[4, 5]]) { v in
                let targets = numbers(20, seed: 50).map { $0 > 0 ? 1 : 0 as Float }
                return try v[0].losses(loss, Tensor(targets, [4, 5], in: v[0].value.context))
            }
        }

    private static let sequences: [DerivativeCase] = [
        .init("gated states", [[2, 3, 12], [4, 12], [12], [2, 4]]) { v in
            try v[0].gatedStates(weight: v[1], bias: v[2], first: v[3])
        },
        .init("gated states from the end", [[2, 3, 6], [2, 6], [6]]) { v in
            try v[0].gatedStates(weight: v[1], bias: v[2], isReversed: true)
        },
        .init("attention", [[2, 3, 4], [2, 5, 4], [2, 5, 4]]) { v in
            try v[0].attention(to: v[1], v[2], heads: 2)
        },
        .init("self-attention, causal and masked", [[2, 4, 18]]) { v in
            let mask = [true, true, false, true, true, false, true, true]
            return try v[0].selfAttention(
                heads: 3, isCausal: true, mask: Tensor(mask, [2, 4], in: v[0].value.context))
        },
    ]

    private static let recomputed: [DerivativeCase] = [
        .init("recomputed", [[3, 4], [4, 4]]) { v in
            guard let tape = v[0].tape else {
                return try v[0].product(with: v[1]).applying(.tanh).product(with: v[1])
            }
            return try tape.recomputing(v) { _, v throws(TensorError) in
                try v[0].product(with: v[1]).applying(.tanh).product(with: v[1])
            }
        }
    ]
}
