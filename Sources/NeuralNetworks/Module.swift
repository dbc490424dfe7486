public import Autograd
public import TensorCore

/// A part of a network: parameters, state and parts of its own, each under a name.
///
/// Names, and the order of axes in a file, are those of PyTorch's modules, so that
/// a file of one can be read by the other.
public protocol Module {
    var members: [Member] { get }
}

/// A module that makes one variable from another.
public protocol Layer: Module {
    func callAsFunction(_ x: Variable, _ pass: Pass) throws(TensorError) -> Variable
}

/// Something a module has.
public enum Member {
    /// What is learnt. Axis `i` of the tensor in a file is axis `fileOrder[i]` of ours.
    case parameter(String, Parameter, fileOrder: [Int]? = nil)
    /// What is kept beside: running means.
    case state(String, Parameter)
    case module(String, any Module)
}

/// A parameter or state, by the path of names that leads to it.
public struct NamedParameter {
    public let name: String
    public let parameter: Parameter
    public let isLearnt: Bool
    /// As in `Member.parameter`; nil for the same order.
    public let fileOrder: [Int]?
}

extension Module {
    /// Parameters and state of this and all its parts, in the order of members.
    public var contents: [NamedParameter] { contents(below: "") }

    /// What is learnt, in the order of members, each once however many parts share it.
    public var parameters: [Parameter] {
        var seen: Set<ObjectIdentifier> = []
        return contents.filter { $0.isLearnt && seen.insert(ObjectIdentifier($0.parameter)).inserted }
            .map(\.parameter)
    }

    private func contents(below path: String) -> [NamedParameter] {
        members.flatMap { member in
            switch member {
            case .parameter(let name, let parameter, let order):
                [NamedParameter(name: path + name, parameter: parameter, isLearnt: true, fileOrder: order)]
            case .state(let name, let state):
                [NamedParameter(name: path + name, parameter: state, isLearnt: false, fileOrder: nil)]
            case .module(let name, let module): module.contents(below: path + name + ".")
            }
        }
    }
}

/// Layers one after another, numbered from 0.
public struct Sequential: Layer {
    public let layers: [any Layer]

    public init(_ layers: [any Layer]) { self.layers = layers }

    public var members: [Member] { layers.enumerated().map { .module("\($0)", $1) } }

    public func callAsFunction(_ x: Variable, _ pass: Pass) throws(TensorError) -> Variable {
        var x = x
        for layer in layers { x = try layer(x, pass) }
        return x
    }
}

/// A function without parameters, as a layer.
public struct Function: Layer {
    private let function: (Variable) throws(TensorError) -> Variable

    public init(_ function: @escaping (Variable) throws(TensorError) -> Variable) { self.function = function }

    public var members: [Member] { [] }

    public func callAsFunction(_ x: Variable, _ pass: Pass) throws(TensorError) -> Variable {
        try function(x)
    }

    public static func activation(_ activation: Activation) -> Function {
        Function { x throws(TensorError) in try x.applying(activation) }
    }

    /// All axes but the first as one.
    public static var flatten: Function {
        Function { x throws(TensorError) in
            guard x.shape.rank > 0 else { throw .rule("a scalar cannot be made rows of samples") }
            return try x.reshaped(to: [x.shape[0], x.shape.sizes.dropFirst().reduce(1, *)])
        }
    }
}
