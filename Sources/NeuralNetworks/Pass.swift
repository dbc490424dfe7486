public import Autograd
public import TensorCore

/// One run through a network: whether it learns, and what its random numbers
/// depend on.
///
/// What is dropped is a function of seed, step, layer, and the number of the
/// sample among all samples (docs: numerics, rule 10), so neither batch nor place
/// in it nor rank has a part in it.
public struct Pass {
    /// Nil where nothing is learnt.
    let tape: Tape?
    /// Whether layers behave as in training: drop elements, take statistics of the batch.
    public let isTraining: Bool
    public let seed: UInt64
    public let step: Int
    /// The numbers of the samples of the batch among all samples; nil for 0, 1, ...
    public let samples: [Int]?
    /// False where a part is done again on the way back: state has been kept already.
    let keepsState: Bool

    private init(
        _ tape: Tape?, isTraining: Bool, seed: UInt64, step: Int, samples: [Int]?, keepsState: Bool
    ) {
        self.tape = tape
        self.isTraining = isTraining
        self.seed = seed
        self.step = step
        self.samples = samples
        self.keepsState = keepsState
    }

    /// A pass that learns.
    public static func training(
        _ tape: Tape, seed: UInt64 = 0, step: Int = 0, samples: [Int]? = nil
    ) -> Pass {
        Pass(tape, isTraining: true, seed: seed, step: step, samples: samples, keepsState: true)
    }

    /// A pass that only makes its result.
    public static var evaluation: Pass {
        Pass(nil, isTraining: false, seed: 0, step: 0, samples: nil, keepsState: false)
    }

    /// A pass whose slopes are asked for though layers behave as in evaluation.
    public static func evaluation(_ tape: Tape) -> Pass {
        Pass(tape, isTraining: false, seed: 0, step: 0, samples: nil, keepsState: false)
    }

    /// The variable of a parameter in this pass.
    public func callAsFunction(_ parameter: Parameter) -> Variable {
        tape.map { $0(parameter) } ?? Variable(parameter.value)
    }

    /// Samples that make a leaf of the sums over a batch.
    var segment: Int { tape?.segment ?? 0 }

    /// Something whose insides are not kept but made again on the way back.
    public func recomputing(
        _ x: Variable, _ layer: @escaping (Variable, Pass) throws(TensorError) -> Variable
    ) throws(TensorError) -> Variable {
        guard let tape else { return try layer(x, self) }
        var isFirst = true
        // The tape keeps the closure, so the closure must not keep this pass, which has the tape.
        return try tape.recomputing([x]) {
            [isTraining, seed, step, samples, keepsState] tape, v throws(TensorError) in
            let pass = Pass(
                tape, isTraining: isTraining, seed: seed, step: step, samples: samples,
                keepsState: keepsState && isFirst)
            isFirst = false
            return try layer(v[0], pass)
        }
    }
}
