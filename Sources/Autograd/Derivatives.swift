import TensorCore

extension Operation {
    /// The table of derivatives: from the slope of the result (the derivative of
    /// what is differentiated by it) the slopes of the operands, in their order.
    ///
    /// - Parameters:
    ///   - wants: Which slopes are asked for; the others may be nil.
    ///   - putsZeros: Whether the first operand was rectified and its slope gets its zeros here.
    ///   - segment: Samples, along axis 0, that make a leaf of sums over a batch.
    ///   - gradients: Of parameters that are no operands, which a recomputed part has.
    consuming func slopes(
        _ slope: consuming Tensor, _ wants: [Bool], putsZeros: Bool, segment: Int,
        _ gradients: inout Gradients
    ) throws(TensorError) -> [Tensor?] {
        switch self {
        // MARK: Elements
        case .add(let a, let b):
            return [
                wants[0] ? try slope.sum(to: a, segment: segment) : nil,
                wants[1] ? try slope.sum(to: b, segment: segment) : nil,
            ]
        case .subtract(let a, let b):
            return [
                wants[0] ? try slope.sum(to: a, segment: segment) : nil,
                wants[1] ? try slope.sum(to: b, segment: segment).scaled(by: -1) : nil,
            ]
        case .multiply(let a, let b):
            // The second first: of a factor for each channel it is small, and its terms go at once.
            let second = wants[1] ? try (slope * a).sum(to: b.shape, segment: segment) : nil
            return [wants[0] ? try (slope * b).sum(to: a.shape, segment: segment) : nil, second]
        // a / b by b: -a / b^2
        case .divide(let a, let b):
            let quotient = try slope / b
            return [
                wants[0] ? try quotient.sum(to: a.shape, segment: segment) : nil,
                wants[1] ? try (quotient * a / b).sum(to: b.shape, segment: segment).scaled(by: -1) : nil,
            ]
        case .scale(let s): return [try slope.scaled(by: s)]
        case .shift: return [slope]
        case .activation(let activation, let kept): return [try Tensor.gradient(of: activation, slope, kept)]
        case .drop(let drops): return [try slope.dropping(drops)]

        // MARK: The same elements elsewhere
        case .reshape(let shape): return [try slope.reshaped(to: shape)]
        case .permute(let order):
            var back = order
            for (place, axis) in order.enumerated() { back[axis] = place }
            return [try slope.permuted(back)]
        case .slice(let axis, let lower, let step, let shape):
            return [try slope.placed(axis, from: lower, by: step, in: shape)]
        case .concatenate(let axis, let sizes):
            var lower = 0
            return try sizes.map { size throws(TensorError) in
                defer { lower += size }
                return try slope.sliced(axis, lower..<(lower + size))
            }
        case .expand(let shape): return [try slope.sum(to: shape, segment: segment)]

        // MARK: Sums
        case .sum(let shape): return [try slope.expanded(to: shape)]
        case .mean(let shape):
            let count = Float(slope.count == 0 ? 1 : shape.count / slope.count)
            return [try slope.scaled(by: 1 / count).expanded(to: shape)]

        // MARK: Products
        case .product(let a, let b):
            return [
                wants[0] ? try slope.product(with: b.transposed()).sum(to: a.shape, segment: segment) : nil,
                wants[1] ? try Self.rightSlope(a, b.shape, slope, segment: segment) : nil,
            ]
        case .linear(let x, let w, _):
            let (x2, dy) = (try x.flattenedToRows(), try slope.flattenedToRows())
            let leaf = x.shape.leaf(segment, of: x2.shape[0])
            var dx: Tensor?
            if wants[0] {
                let turned = try w.transposed()
                dx = try putsZeros ? dy.rectifiedSlope(times: turned, of: x2) : dy.product(with: turned)
            }
            return [
                try dx?.reshaped(to: x.shape),
                wants[1] ? try x2.transposedProduct(with: dy, leaf: leaf) : nil,
                wants.count > 2 && wants[2] ? try dy.sum([0], segment: leaf).squeezed(0) : nil,
            ]

        // MARK: Images
        case .convolution(let x, let w, let steps, _):
            return [
                wants[0] ? try .convolutionInputGradient(slope, x.shape, w, steps) : nil,
                wants[1] ? try .convolutionKernelGradient(slope, x, w.shape, steps, segment: segment) : nil,
                wants.count > 2 && wants[2]
                    ? try slope.sum([0, 1, 2], segment: segment).reshaped(to: [w.shape[0]]) : nil,
            ]
        case .maxPool(let x, let y, let size, let steps):
            return [try .maxPoolGradient(slope, x, y, size, steps)]
        case .averagePool(let images, let size, let countsPadding, let steps):
            return [try .averagePoolGradient(slope, images, size, countsPadding: countsPadding, steps)]
        case .resize(let images, let alignsCorners):
            return [try .resizedGradient(slope, images, alignsCorners: alignsCorners)]

        // MARK: Rows
        case .softmax(let y): return [try Tensor.softmaxGradient(slope, y)]
        case .logSoftmax(let y): return [try Tensor.logSoftmaxGradient(slope, y)]
        case .layerNorm(let x, let gamma, let statistics):
            let (dgamma, dbeta) = try Tensor.layerNormParameterGradients(
                slope, x, statistics, segment: segment)
            return [
                wants[0] ? try Tensor.layerNormGradient(slope, x, gamma, statistics) : nil, dgamma, dbeta,
            ]

        case .batchNorm(let x, let gamma, let statistics):
            return try Self.normSlopes(slope, wants[0], x, gamma, statistics, segment: segment)
        case .activatedNorm(let activation, let x, let gamma, let beta, let statistics):
            let norm = try x.batchNorm(gamma: gamma, beta: beta, statistics)
            slope = try Tensor.gradient(of: activation, slope, norm)
            return try Self.normSlopes(slope, wants[0], x, gamma, statistics, segment: segment)
        case .fixedNorm(let x, let gamma, let statistics):
            let sums = try Tensor.batchNormParameterGradients(slope, x, statistics, segment: segment)
            return [
                wants[0] ? try slope * (gamma * statistics.reciprocals) : nil, sums.gamma, sums.beta,
            ]
        case .rows(let ids, let table):
            return [try .rowsGradient(slope, ids, table: table, segment: segment)]
        case .crossEntropies(let x, let labels):
            return [try .crossEntropiesGradient(slope, x, labels)]
        case .losses(let loss, let x, let t): return [try x.lossDerivatives(loss, t) * slope]

        // MARK: Sequences
        case .attention(let heads, let y, let logSums):
            let all = try Tensor.attentionGradients(slope, heads, y: y, logSums: logSums)
            return [all.queries, all.keys, all.values]
        case .selfAttention(let heads, let y, let logSums):
            return [try Tensor.attentionGradients(slope, heads, y: y, logSums: logSums).all]
        case .gated(let states, let weight):
            let all = try Tensor.gatedGradients(slope, states, weight: weight, segment: segment)
            return [all.input, all.weight, all.bias, all.first]

        case .recomputation(let part): return try part.slopes(slope, segment: segment, &gradients)
        }
    }

    /// The slopes of x, gamma and beta of a norm by the moments of the batch.
    private static func normSlopes(
        _ slope: consuming Tensor, _ wantsX: Bool, _ x: Tensor, _ gamma: Tensor, _ statistics: NormStatistics,
        segment: Int
    ) throws(TensorError) -> [Tensor?] {
        let sums = try Tensor.batchNormParameterGradients(slope, x, statistics, segment: segment)
        return [
            wantsX ? try .batchNormGradient(slope, x, gamma: gamma, statistics, sums) : nil, sums.gamma,
            sums.beta,
        ]
    }

    /// The slope of b of a product a b: where a's rows are samples, in leaves of them.
    private static func rightSlope(
        _ a: Tensor, _ b: Shape, _ slope: Tensor, segment: Int
    ) throws(TensorError) -> Tensor {
        guard a.shape.rank == 2, b.rank == 2 else {
            return try a.transposed().product(with: slope).sum(to: b, segment: segment)
        }
        return try a.transposedProduct(with: slope, leaf: a.shape.leaf(segment, of: a.shape[0]))
    }
}
