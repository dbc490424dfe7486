public import TensorCore

// Each does what the function of the same name does to tensors, and records it.

extension Variable {
    // MARK: Elements

    public static func + (a: Variable, b: Variable) throws(TensorError) -> Variable {
        record(try a.value + b.value, a, b, .add(a.shape, b.shape))
    }

    public static func - (a: Variable, b: Variable) throws(TensorError) -> Variable {
        record(try a.value - b.value, a, b, .subtract(a.shape, b.shape))
    }

    public static func * (a: Variable, b: Variable) throws(TensorError) -> Variable {
        record(try a.value * b.value, a, b, .multiply(a.value, b.value))
    }

    public static func / (a: Variable, b: Variable) throws(TensorError) -> Variable {
        record(try a.value / b.value, a, b, .divide(a.value, by: b.value))
    }

    public func scaled(by s: Float) throws(TensorError) -> Variable {
        .record(try value.scaled(by: s), self, .scale(s))
    }

    public func shifted(by s: Float) throws(TensorError) -> Variable {
        .record(try value.shifted(by: s), self, .shift)
    }

    public func applying(_ activation: Activation) throws(TensorError) -> Variable {
        let y = try value.applying(activation)
        return .record(y, self, .activation(activation, kept: activation.keepsValue ? y : value))
    }

    /// Drops elements by chance and scales up the others.
    public func dropping(_ drops: Drops) throws(TensorError) -> Variable {
        .record(try value.dropping(drops), self, .drop(drops))
    }

    // MARK: The same elements elsewhere

    public func reshaped(to shape: Shape) throws(TensorError) -> Variable {
        .record(try value.reshaped(to: shape), self, .reshape(from: self.shape))
    }

    public func permuted(_ order: [Int]) throws(TensorError) -> Variable {
        .record(try value.permuted(order), self, .permute(order))
    }

    public func transposed(_ first: Int = -2, _ second: Int = -1) throws(TensorError) -> Variable {
        var order = Array(shape.sizes.indices)
        order.swapAt(try shape.axis(first), try shape.axis(second))
        return try permuted(order)
    }

    public func sliced(_ axis: Int, _ range: Range<Int>, by step: Int = 1) throws(TensorError) -> Variable {
        .record(
            try value.sliced(axis, range, by: step), self,
            .slice(axis: axis, lower: range.lowerBound, step: step, from: shape))
    }

    /// One behind the other along an axis.
    public static func concatenated(_ parts: [Variable], _ axis: Int) throws(TensorError) -> Variable {
        let whole = try Tensor.concatenated(parts.map(\.value), axis)
        return record(whole, parts, .concatenate(axis: axis, sizes: parts.map { $0.shape[axis] }))
    }

    public func expanded(to shape: Shape) throws(TensorError) -> Variable {
        .record(try value.expanded(to: shape), self, .expand(from: self.shape))
    }

    public func squeezed(_ axis: Int) throws(TensorError) -> Variable {
        try reshaped(to: value.squeezed(axis).shape)
    }

    public func unsqueezed(_ axis: Int) throws(TensorError) -> Variable {
        try reshaped(to: value.unsqueezed(axis).shape)
    }

    // MARK: Sums

    public func sum(_ axes: [Int]) throws(TensorError) -> Variable {
        .record(try value.sum(axes, segment: tape?.segment ?? 0), self, .sum(from: shape))
    }

    public func mean(_ axes: [Int]) throws(TensorError) -> Variable {
        .record(try value.mean(axes, segment: tape?.segment ?? 0), self, .mean(from: shape))
    }

    /// The mean of all elements, a scalar.
    public func mean() throws(TensorError) -> Variable {
        try mean(Array(shape.sizes.indices)).reshaped(to: [])
    }

    /// The sum of all elements, a scalar.
    public func sum() throws(TensorError) -> Variable {
        try sum(Array(shape.sizes.indices)).reshaped(to: [])
    }

    // MARK: Products

    public func product(with other: Variable) throws(TensorError) -> Variable {
        .record(try value.product(with: other.value), self, other, .product(value, other.value))
    }

    /// x w + b of rows x [..., k], w [k, n] and b [n]; where `isRectified`, what is below zero becomes zero.
    public func linear(
        _ w: Variable, bias: Variable? = nil, isRectified: Bool = false
    ) throws(TensorError) -> Variable {
        guard w.shape.rank == 2 else { throw .product(shape, w.shape) }
        let x = shape.rank == 1 ? try unsqueezed(0) : self
        let y = try x.value.product(with: w.value, bias: bias?.value, isRectified: isRectified)
        let result = Variable.record(
            y, x, w, bias,
            .linear(x: x.value, w: w.value, rectified: isRectified ? y : nil))
        return shape.rank == 1 ? try result.squeezed(0) : result
    }

    // MARK: Rows

    public func softmax() throws(TensorError) -> Variable {
        let y = try value.softmax()
        return .record(y, self, .softmax(y))
    }

    public func logSoftmax() throws(TensorError) -> Variable {
        let y = try value.logSoftmax()
        return .record(y, self, .logSoftmax(y))
    }

    /// Each row less its mean, over its deviation, times gamma plus beta.
    public func layerNorm(
        gamma: Variable, beta: Variable, epsilon: Float = 1e-5
    ) throws(TensorError) -> Variable {
        let (y, statistics) = try value.layerNorm(gamma: gamma.value, beta: beta.value, epsilon: epsilon)
        return .record(
            y, self, gamma, beta, .layerNorm(x: value, gamma: gamma.value, statistics))
    }

    /// Each channel of the last axis less its mean over all others, over its
    /// deviation, times gamma plus beta; with the moments of the batch.
    ///
    /// - Parameter activation: What is applied to the norm. Said here one whose slope takes its argument,
    ///   such as silu, takes half of the memory, for the norm is not kept but made again on the
    ///   way back; values and slopes are the same.
    /// - Returns: The result, and mean and biased variance of each channel.
    public func batchNorm(
        gamma: Variable, beta: Variable, epsilon: Float = 1e-5, activation: Activation? = nil
    ) throws(TensorError) -> (Variable, means: Tensor, variances: Tensor) {
        let (means, variances) = try value.batchMoments(segment: tape?.segment ?? 0)
        let statistics = try NormStatistics(means: means, variances: variances, epsilon: epsilon)
        let y = try value.batchNorm(gamma: gamma.value, beta: beta.value, statistics)
        // One whose slope takes its value keeps that, and nothing needs the norm.
        guard let activation, !activation.keepsValue else {
            let operation = Operation.batchNorm(x: value, gamma: gamma.value, statistics)
            let norm = Variable.record(y, self, gamma, beta, operation)
            let result = try activation.map { f throws(TensorError) in try norm.applying(f) }
            return (result ?? norm, means, variances)
        }
        let operation = Operation.activatedNorm(
            activation, x: value, gamma: gamma.value, beta: beta.value, statistics)
        return (.record(try y.applying(activation), self, gamma, beta, operation), means, variances)
    }

    /// The same with moments that are known.
    public func batchNorm(
        gamma: Variable, beta: Variable, means: Tensor, variances: Tensor, epsilon: Float = 1e-5
    ) throws(TensorError) -> Variable {
        let statistics = try NormStatistics(means: means, variances: variances, epsilon: epsilon)
        let y = try value.batchNorm(gamma: gamma.value, beta: beta.value, statistics)
        return .record(y, self, gamma, beta, .fixedNorm(x: value, gamma: gamma.value, statistics))
    }

    /// Rows of this table by their numbers, i32.
    public func rows(_ ids: Tensor) throws(TensorError) -> Variable {
        .record(try value.rows(ids), self, .rows(ids: ids, table: shape))
    }

    /// The cross-entropy of each row of scores with its label.
    public func crossEntropies(_ labels: Labels) throws(TensorError) -> Variable {
        .record(try value.crossEntropies(labels), self, .crossEntropies(x: value, labels))
    }

    /// The loss of each element of this prediction.
    public func losses(_ loss: ElementLoss, _ targets: Tensor) throws(TensorError) -> Variable {
        .record(try value.losses(loss, targets), self, .losses(loss, x: value, t: targets))
    }

    // MARK: Sequences

    /// Attention of this, the queries [samples, length, columns], to keys and values
    /// (docs of `AttentionHeads`).
    public func attention(
        to keys: Variable, _ values: Variable, heads: Int, isCausal: Bool = false, mask: Tensor? = nil
    ) throws(TensorError) -> Variable {
        let it = try AttentionHeads(
            queries: value, keys: keys.value, values: values.value, heads: heads, isCausal: isCausal,
            mask: mask)
        let (y, logSums) = try Tensor.attention(it)
        return .record(y, self, keys, values, .attention(it, y: y, logSums: logSums))
    }

    /// Attention among the elements of sequences, of which this holds queries, keys
    /// and values side by side: [samples, length, 3 columns] -> [samples, length, columns].
    public func selfAttention(
        heads: Int, isCausal: Bool = false, mask: Tensor? = nil
    ) throws(TensorError) -> Variable {
        guard shape.rank == 3, shape[2] % 3 == 0 else {
            throw .rule("shape \(shape): self-attention takes sequences [samples, length, 3 columns]")
        }
        let columns = shape[2] / 3
        let it = try AttentionHeads(
            queries: value.sliced(2, 0..<columns), keys: value.sliced(2, columns..<(2 * columns)),
            values: value.sliced(2, (2 * columns)..<(3 * columns)), heads: heads, isCausal: isCausal,
            mask: mask)
        let (y, logSums) = try Tensor.attention(it)
        return .record(y, self, .selfAttention(it, y: y, logSums: logSums))
    }

    /// The states of gated recurrent units from the inputs' part of their gates
    /// (docs of `Tensor.gatedStates`).
    public func gatedStates(
        weight: Variable, bias: Variable, first: Variable? = nil, isReversed: Bool = false
    ) throws(TensorError) -> Variable {
        let it = try value.gatedStates(
            weight: weight.value, bias: bias.value, first: first?.value, isReversed: isReversed)
        return .record(
            it.states, [self, weight, bias] + (first.map { [$0] } ?? []), .gated(it, weight: weight.value))
    }

    // MARK: Images

    /// Images in another size, bilinear.
    public func resized(
        to size: (y: Int, x: Int), alignsCorners: Bool = false
    ) throws(TensorError) -> Variable {
        .record(
            try value.resized(to: size, alignsCorners: alignsCorners), self,
            .resize(from: shape, alignsCorners: alignsCorners))
    }

    /// Images [images, height, width, channels] by kernels
    /// [outputs, height, width, channels / groups].
    public func convolution(
        _ w: Variable, bias: Variable? = nil, isRectified: Bool = false, _ steps: Steps
    ) throws(TensorError) -> Variable {
        let y = try value.convolution(w.value, bias: bias?.value, isRectified: isRectified, steps)
        return .record(
            y, self, w, bias,
            .convolution(x: value, w: w.value, steps, rectified: isRectified ? y : nil))
    }

    /// The largest element of each window.
    public func maxPool(_ size: (y: Int, x: Int), _ steps: Steps) throws(TensorError) -> Variable {
        let y = try value.maxPool(size, steps)
        return .record(y, self, .maxPool(x: value, y: y, size: size, steps))
    }

    /// The mean of each window, of all its elements or of those on the image.
    public func averagePool(
        _ size: (y: Int, x: Int), countsPadding: Bool = true, _ steps: Steps
    ) throws(TensorError) -> Variable {
        .record(
            try value.averagePool(size, countsPadding: countsPadding, steps), self,
            .averagePool(shape, size: size, countsPadding: countsPadding, steps))
    }
}
