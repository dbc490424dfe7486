import CanonicalJSON

/// A parameter of a model as a model folder stores it.
public struct NamedTensor<Element: BinaryFloatingPoint & Sendable>: Sendable, Equatable {
    public var name: String
    public var shape: [Int]
    /// Row-major.
    public var values: [Element]

    public init(name: String, shape: [Int], values: [Element]) {
        self.name = name
        self.shape = shape
        self.values = values
    }
}

/// Takes tensors out by name and checks each; at the end none may be left.
struct ParameterReader<Element: BinaryFloatingPoint & Sendable> {
    private var rest: [NamedTensor<Element>]

    init(_ tensors: [NamedTensor<Element>]) { rest = tensors }

    mutating func take(_ name: String, _ shape: [Int]) throws(EstimatorError) -> [Element] {
        guard let place = rest.firstIndex(where: { $0.name == name }) else { throw .missingTensor(name) }
        let tensor = rest.remove(at: place)
        guard tensor.shape == shape else {
            throw .tensorShape(name, shape: tensor.shape, expected: shape)
        }
        let count = shape.reduce(1, *)
        guard tensor.values.count == count else {
            throw .tensorValues(name, values: tensor.values.count, expected: count)
        }
        if let bad = tensor.values.firstIndex(where: { !$0.isFinite }) {
            throw .tensorNotFinite(name, index: bad)
        }
        return tensor.values
    }

    func finish() throws(EstimatorError) {
        if let left = rest.first { throw .unknownTensor(left.name) }
    }
}

/// Sizes of a description; the bound keeps products of two within an Int.
func architectureSize(
    _ value: JSONValue?, _ key: String, from least: Int = 1
) throws(EstimatorError) -> Int {
    guard case .integer(let size)? = value, size >= least, size <= 1 << 24 else {
        throw .architecture(key: key, expected: "a whole number from \(least) to \(1 << 24)")
    }
    return Int(size)
}

func architectureWord(_ value: JSONValue?, _ key: String, _ words: [String]) throws(EstimatorError) -> String
{
    guard let word = value?.string, words.contains(word) else {
        throw .architecture(key: key, expected: words.map { "'\($0)'" }.joined(separator: " or "))
    }
    return word
}
