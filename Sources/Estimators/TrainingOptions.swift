public import TensorKernels

/// How a network is trained.
public struct TrainingOptions: Sendable, Equatable {
    public enum Optimizer: Sendable, Equatable {
        /// Loshchilov and Hutter, "Decoupled weight decay regularization", 2019.
        case adamW(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8)
        /// v = momentum v + g; w -= rate v (as PyTorch's).
        case sgd(momentum: Float = 0)
    }

    public var hidden: [Int]
    public var activation: MultilayerPerceptron.Activation
    /// Chance in [0, 1) that an element behind an activation is dropped; those
    /// kept are scaled up.
    public var dropout: Double
    public var optimizer: Optimizer
    public var learningRate: Float
    /// Of weights, not of biases. Decoupled in AdamW, added to the gradient in SGD.
    public var weightDecay: Float
    /// Rows a step; the last step of an epoch takes what is left.
    public var batchSize: Int
    public var epochs: Int
    public var seed: UInt64
    /// Epochs without a lower validation loss after which training stops; the
    /// weights of the best epoch, the earliest of equals, are kept. Nil trains
    /// all epochs and keeps the last weights.
    public var patience: Int?
    /// One a class; nil means 1. A loss is the weighted mean over its rows.
    public var classWeights: [Float]?
    /// Neither of the two changes a bit of the result.
    public var threads: Int
    public var level: KernelLevel

    public init(
        hidden: [Int] = [64, 32], activation: MultilayerPerceptron.Activation = .relu, dropout: Double = 0,
        optimizer: Optimizer = .adamW(), learningRate: Float = 0.001, weightDecay: Float = 0.01,
        batchSize: Int = 32, epochs: Int = 30, seed: UInt64 = 0, patience: Int? = nil,
        classWeights: [Float]? = nil, threads: Int = 1, level: KernelLevel = .current
    ) {
        self.hidden = hidden
        self.activation = activation
        self.dropout = dropout
        self.optimizer = optimizer
        self.learningRate = learningRate
        self.weightDecay = weightDecay
        self.batchSize = batchSize
        self.epochs = epochs
        self.seed = seed
        self.patience = patience
        self.classWeights = classWeights
        self.threads = threads
        self.level = level
    }

    func check(_ task: MultilayerPerceptron.Task) throws(EstimatorError) {
        func require(
            _ isFine: Bool, _ name: String, _ value: String, _ expected: String
        ) throws(EstimatorError) {
            if !isFine { throw .option(name, value: value, expected: expected) }
        }
        for size in hidden { try require(size >= 1, "a hidden layer", "\(size)", "at least 1") }
        try require(dropout >= 0 && dropout < 1, "dropout", "\(dropout)", "in [0, 1)")
        try require(
            learningRate > 0 && learningRate.isFinite, "the learning rate", "\(learningRate)", "above 0")
        try require(
            weightDecay >= 0 && weightDecay.isFinite, "the weight decay", "\(weightDecay)", "0 or more")
        try require(batchSize >= 1, "the batch size", "\(batchSize)", "at least 1")
        try require(epochs >= 1, "the number of epochs", "\(epochs)", "at least 1")
        if let patience { try require(patience >= 1, "patience", "\(patience)", "at least 1") }
        try require(threads >= 1, "the number of threads", "\(threads)", "at least 1")
        switch optimizer {
        case .adamW(let beta1, let beta2, let epsilon):
            try require(beta1 >= 0 && beta1 < 1, "beta1", "\(beta1)", "in [0, 1)")
            try require(beta2 >= 0 && beta2 < 1, "beta2", "\(beta2)", "in [0, 1)")
            try require(epsilon > 0 && epsilon.isFinite, "epsilon", "\(epsilon)", "above 0")
        case .sgd(let momentum):
            try require(momentum >= 0 && momentum < 1, "momentum", "\(momentum)", "in [0, 1)")
        }
        switch task {
        case .classification(let classes):
            try require(classes >= 2, "the number of classes", "\(classes)", "at least 2")
            guard let classWeights else { return }
            try require(
                classWeights.count == classes && classWeights.allSatisfy { $0 > 0 && $0.isFinite },
                "the list of class weights", "\(classWeights)",
                "one number above 0 for each of \(classes) classes")
        case .regression(let outputs):
            try require(outputs >= 1, "the number of outputs", "\(outputs)", "at least 1")
            try require(
                classWeights == nil, "the list of class weights", "\(classWeights ?? [])",
                "absent in regression")
        }
    }
}
