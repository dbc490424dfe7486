import CTensorKernels
import TensorKernels

/// Which elements are dropped: a random word for each, by seed, step, layer, and
/// the number of its sample among all samples.
public struct Drops: Sendable {
    /// In 0..<1.
    public let chance: Double
    public let seed: UInt64
    public let step: Int
    public let layer: Int
    /// The numbers of the samples of axis 0; nil for 0, 1, ...
    public let samples: [Int]?

    public init(chance: Double, seed: UInt64, step: Int, layer: Int, samples: [Int]? = nil) {
        self.chance = chance
        self.seed = seed
        self.step = step
        self.layer = layer
        self.samples = samples
    }
}

extension Tensor {
    /// Drops elements of each sample of axis 0 and scales up the others, so that the
    /// mean stays. The same again, on a slope, is the gradient.
    public func dropping(_ drops: Drops) throws(TensorError) -> Tensor {
        guard drops.chance >= 0, drops.chance < 1 else {
            throw .rule("a chance to drop of \(drops.chance): it must lie in 0..<1")
        }
        let samples = shape.rank > 0 ? shape[0] : 1
        if let numbers = drops.samples, numbers.count != samples {
            throw .rule("numbers of \(numbers.count) samples for a batch of \(samples)")
        }
        let x = try dense()
        let y = Tensor(unwritten: shape, .f32, in: context)
        let columns = samples == 0 ? 0 : count / samples
        let threshold = UInt32(drops.chance * 0x1p32)
        let scale = Float(1 / (1 - drops.chance))
        let (low, high) = (UInt32(truncatingIfNeeded: drops.seed), UInt32(drops.seed >> 32))
        let kernel = context.kernels.dropout
        context.share(samples, work: 8 * columns) { _, range in
            let start = range.lowerBound * columns
            func drop(_ numbers: UnsafePointer<Int>?) {
                kernel(
                    y.target + start, x.floats + start, scale, threshold, low, high, drops.step, drops.layer,
                    numbers.map { $0 + range.lowerBound }, range.lowerBound, range.count, columns)
            }
            if let numbers = drops.samples {
                numbers.withUnsafeBufferPointer { drop($0.baseAddress) }
            } else {
                drop(nil)
            }
        }
        return withExtendedLifetime(x) { y }
    }
}
