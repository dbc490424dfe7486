import CanonicalJSON
import Platform

/// Files under Goldens/; the script beside each states peer, version and digest.
enum Goldens {
    static let root = "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/")

    static func read(_ name: String) throws -> JSONValue {
        try JSONValue(parsing: Files.read("\(root)/Tests/EstimatorsTests/Goldens/\(name)"))
    }

    static func numbers(_ value: JSONValue?) -> [Double] { value?.array?.compactMap(\.number) ?? [] }
    static func digits(_ value: JSONValue?) -> [Int] { value?.string?.utf8.map { Int($0) - 48 } ?? [] }
    static func integers(_ value: JSONValue?) -> [Int] { numbers(value).map { Int($0) } }
}
