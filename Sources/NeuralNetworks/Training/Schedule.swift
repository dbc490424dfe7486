import TensorKernels

/// How the learning rate goes from step to step, as a factor of the highest.
///
/// A step is whatever is counted: a batch or an epoch. Values are made in double
/// and rounded once.
public indirect enum Schedule: Sendable, Equatable {
    case constant
    /// Times `factor` after each `every` steps.
    case step(every: Int, factor: Double)
    /// From `from` to 1 in a line over so many steps, then another schedule from its beginning.
    case warmUp(steps: Int, from: Double = 0, then: Schedule)
    /// In half a cosine from 1 to `least` over so many steps, where it stays
    /// (Loshchilov and Hutter, "SGDR", 2017).
    case cosine(steps: Int, least: Double = 0)
    /// In half a cosine from 1 / `start` up to 1 in the first part of the steps, then
    /// down to 1 / (`start` `end`) (Smith and Topin, "Super-convergence", 2018).
    case oneCycle(steps: Int, rising: Double = 0.3, start: Double = 25, end: Double = 1e4)

    /// The factor of step 0, 1, ...
    public func callAsFunction(_ step: Int) -> Double {
        switch self {
        case .constant: return 1
        case .step(let every, let factor):
            var value = 1.0
            for _ in 0..<(step / max(every, 1)) { value *= factor }
            return value
        case .warmUp(let steps, let from, let then):
            guard step < steps else { return then(step - steps) }
            return from + (1 - from) * Double(step) / Double(steps)
        case .cosine(let steps, let least):
            return Self.wave(from: 1, to: least, Double(min(step, steps)) / Double(max(steps, 1)))
        case .oneCycle(let steps, let rising, let start, let end):
            let top = rising * Double(steps) - 1
            let place = Double(min(step, steps - 1))
            return place <= top
                ? Self.wave(from: 1 / start, to: 1, top == 0 ? 1 : place / top)
                : Self.wave(from: 1, to: 1 / (start * end), (place - top) / (Double(steps) - 1 - top))
        }
    }

    private static func wave(from first: Double, to last: Double, _ part: Double) -> Double {
        last + (first - last) / 2 * (1 + Elementary.cosinePi(part))
    }
}

/// Lowers the rate when a measure, of which less is better, has not become better
/// for a while.
public struct Plateau: Sendable, Equatable {
    /// What the rate is multiplied by.
    public let factor: Double
    /// Steps without a better value that are let pass.
    public let patience: Int
    /// A value is better when it is below (1 - threshold) times the best.
    public let threshold: Double
    /// The rate's factor now.
    public private(set) var rate = 1.0
    private var best = Double.infinity
    private var waited = 0

    public init(factor: Double = 0.1, patience: Int = 10, threshold: Double = 1e-4) {
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
    }

    /// Takes a step's value; returns the factor for the next.
    public mutating func callAsFunction(_ value: Double) -> Double {
        if value < best * (1 - threshold) {
            best = value
            waited = 0
        } else {
            waited += 1
        }
        if waited > patience {
            rate *= factor
            waited = 0
        }
        return rate
    }
}
