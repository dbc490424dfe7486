public import CanonicalJSON

extension LogisticRegression {
    /// `coefficients` (outputs x columns) and `intercepts` (outputs).
    public var parameters: [NamedTensor<Double>] {
        [
            NamedTensor(
                name: "coefficients", shape: [coefficients.count, coefficients[0].count],
                values: coefficients.flatMap { $0 }),
            NamedTensor(name: "intercepts", shape: [intercepts.count], values: intercepts),
        ]
    }

    /// What `parameters` do not say.
    public var architecture: JSONValue {
        [
            "estimator": "logistic_regression", "classes": .integer(Int64(classes)),
            "columns": .integer(Int64(coefficients[0].count)), "iterations": .integer(Int64(iterations)),
        ]
    }

    /// The model whose `architecture` and `parameters` these are.
    ///
    /// - Throws: `EstimatorError` that names the key or tensor at fault.
    public init(architecture: JSONValue, parameters: [NamedTensor<Double>]) throws(EstimatorError) {
        _ = try architectureWord(architecture["estimator"], "estimator", ["logistic_regression"])
        let classes = try architectureSize(architecture["classes"], "classes", from: 2)
        let columns = try architectureSize(architecture["columns"], "columns")
        let iterations = try architectureSize(architecture["iterations"], "iterations", from: 0)
        let outputs = classes == 2 ? 1 : classes
        var reader = ParameterReader(parameters)
        let values = try reader.take("coefficients", [outputs, columns])
        let intercepts = try reader.take("intercepts", [outputs])
        try reader.finish()
        self.init(
            coefficients: (0..<outputs).map { Array(values[$0 * columns..<($0 + 1) * columns]) },
            intercepts: intercepts, classes: classes, iterations: iterations)
    }
}
