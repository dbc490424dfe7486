import Autograd
public import Safetensors
public import TensorCore

/// Why tensors of a file do not fit a network. Lists every one that does not.
public struct StateError: Error, Equatable, Sendable, CustomStringConvertible {
    public let findings: [String]

    public var description: String { findings.joined(separator: "\n") }
}

extension Module {
    /// Parameters and state as a file holds them, under the names and in the order
    /// of axes of PyTorch's `state_dict`.
    public func state() throws(TensorError) -> [StoredTensor] {
        var tensors: [StoredTensor] = []
        for content in contents {
            let value = content.parameter.value
            let stored = try content.fileOrder.map { order throws(TensorError) in try value.permuted(order) }
            let tensor = stored ?? value
            let shape = Array(tensor.shape.sizes)
            tensors.append(StoredTensor(name: content.name, shape: shape, floats: try tensor.values()))
        }
        return tensors
    }

    /// Puts tensors of a file into parameters and state; each must be there, in its
    /// shape, and none beside them. Nothing is changed when one is not.
    ///
    /// PyTorch counts the batches a batch norm has seen; that tensor is passed over.
    public func load(_ tensors: [StoredTensor]) throws {
        var rest = Dictionary(tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var findings: [String] = []
        var loaded: [(Parameter, Tensor)] = []
        for content in contents {
            let own = content.parameter.value
            let shape = try content.fileOrder.map { try own.permuted($0).shape } ?? own.shape
            guard let tensor = rest.removeValue(forKey: content.name) else {
                findings.append("'\(content.name)' is missing; expected f32 \(shape)")
                continue
            }
            guard let floats = tensor.floats, tensor.shape == Array(shape.sizes) else {
                findings.append(
                    "'\(content.name)' is \(tensor.type.rawValue) \(tensor.shape); expected F32 \(shape)")
                continue
            }
            let value = try Tensor(floats, shape, in: own.context)
            let back = content.fileOrder.map { order in order.indices.map { order.firstIndex(of: $0)! } }
            loaded.append((content.parameter, try back.map { try value.permuted($0).copied() } ?? value))
        }
        for name in rest.keys.sorted() where !name.hasSuffix("num_batches_tracked") {
            findings.append("'\(name)' is no part of this network")
        }
        guard findings.isEmpty else { throw StateError(findings: findings) }
        for (parameter, value) in loaded { parameter.value = value }
    }
}
