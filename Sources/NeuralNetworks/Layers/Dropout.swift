public import Autograd
public import TensorCore

/// In training drops elements by chance and scales up the others (Srivastava et
/// al. 2014); else does nothing.
public struct Dropout: Layer {
    /// That an element is dropped, in 0..<1.
    public let chance: Double
    private let layer: Int

    public init(_ chance: Double, _ initializer: Initializer) {
        precondition(chance >= 0 && chance < 1, "a chance to drop lies in 0..<1, not \(chance)")
        self.chance = chance
        layer = initializer.next()
    }

    public var members: [Member] { [] }

    public func callAsFunction(_ x: Variable, _ pass: Pass) throws(TensorError) -> Variable {
        guard pass.isTraining, chance > 0 else { return x }
        return try x.dropping(
            Drops(chance: chance, seed: pass.seed, step: pass.step, layer: layer, samples: pass.samples))
    }
}
