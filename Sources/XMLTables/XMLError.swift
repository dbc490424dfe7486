import Platform

/// Why bytes are not XML that is read here. Lines count from 1.
public enum XMLError: Error, Hashable, Sendable, CustomStringConvertible {
    case library(DynamicLibraryError)
    case tooLarge
    case syntax(line: Int, String)
    /// Entities are how a small file becomes a large one, or another file.
    case declaresEntities(line: Int)
    case entity(line: Int, String)

    public var description: String {
        switch self {
        case .library(let error): "\(error)"
        case .tooLarge: "XML of 2 GiB and more is not read"
        case .syntax(let line, let message): "line \(line): not well-formed XML: \(message)"
        case .declaresEntities(let line): "line \(line): the document declares entities, which are not read"
        case .entity(let line, let name): "line \(line): the entity '\(name)' is not read"
        }
    }
}

/// What is wrong with one of several documents.
public struct XMLFault: Error, Hashable, Sendable {
    /// Place among those that were read, from 0.
    public var file: Int
    public var error: XMLError
}
