public import Autograd
public import TensorCore

/// A row of a table for each number: [...] i32 -> [..., columns].
public struct Embedding: Module {
    /// [rows, columns]
    public let weight: Parameter

    public init(_ rows: Int, _ columns: Int, _ initializer: Initializer) throws(TensorError) {
        weight = try initializer.normal([rows, columns], deviation: 1)
    }

    public var members: [Member] { [.parameter("weight", weight)] }

    public func callAsFunction(_ ids: Tensor, _ pass: Pass) throws(TensorError) -> Variable {
        try pass(weight).rows(ids)
    }
}
