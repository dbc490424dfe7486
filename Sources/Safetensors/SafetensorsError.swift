public import CanonicalJSON
public import Platform

/// Why bytes are not a safetensors file, or tensors cannot be made one.
public enum SafetensorsError: Error, Equatable, Sendable, CustomStringConvertible {
    case tooShort(bytes: Int)
    case headerLength(UInt64, available: Int)
    case headerTooLong(UInt64)
    case headerSyntax(JSONSyntaxError)
    case headerIsNoObject
    case metadata
    case entry(tensor: String)
    case type(String, tensor: String)
    case shape(tensor: String)
    case offsets(tensor: String)
    case size(tensor: String, bytes: Int, expected: Int)
    case gap(tensor: String, begin: Int, expected: Int)
    case dataLength(Int, described: Int)
    case truth(UInt8, tensor: String, index: Int)
    case duplicateName(String)
    case reservedName
    case system(SystemError)

    public var description: String {
        switch self {
        case .tooShort(let bytes): "not a safetensors file: \(bytes) bytes; the header's length alone takes 8"
        case .headerLength(let length, let available):
            "the header is said to have \(length) bytes, but \(available) follow; the file is cut or no "
                + "safetensors file"
        case .headerTooLong(let length):
            "the header is said to have \(length) bytes; the format allows \(Safetensors.headerLimit)"
        case .headerSyntax(let error): "the header is \(error)"
        case .headerIsNoObject: "the header is not a JSON object"
        case .metadata: "'__metadata__' must map texts to texts"
        case .entry(let tensor):
            "tensor '\(tensor)' must have 'dtype', 'shape' and 'data_offsets' and nothing else"
        case .type(let type, let tensor):
            "tensor '\(tensor)' has type '\(type)'; read are "
                + ElementType.allCases.map(\.rawValue).joined(separator: ", ")
        case .shape(let tensor):
            "the shape of tensor '\(tensor)' must be a list of whole numbers from 0 whose product is a size"
        case .offsets(let tensor):
            "'data_offsets' of tensor '\(tensor)' must be two whole numbers from 0, begin before end"
        case .size(let tensor, let bytes, let expected):
            "tensor '\(tensor)' has \(bytes) bytes; its shape and type need \(expected)"
        case .gap(let tensor, let begin, let expected):
            "tensor '\(tensor)' begins at byte \(begin) of the data, where \(expected) is due; tensors must "
                + "follow each other without gap or overlap"
        case .dataLength(let length, let described):
            "the data has \(length) bytes; the header describes \(described)"
        case .truth(let byte, let tensor, let index):
            "element \(index) of the BOOL tensor '\(tensor)' is \(byte); it must be 0 or 1"
        case .duplicateName(let name): "two tensors are named '\(name)'"
        case .reservedName: "no tensor may be named '__metadata__'"
        case .system(let error): error.description
        }
    }
}
