/// What a scalar means by the YAML 1.2 core schema: `no` is the text "no",
/// `1_000` is text, `0o17` is 15. What is quoted is always text.
///
/// Source: YAML 1.2.2, section 10.3.2.
public enum Scalar: Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
}

extension Node {
    /// The meaning of a scalar node; nil for a list or a mapping.
    public var scalar: Scalar? {
        guard case .scalar(let text, let isPlain) = content else { return nil }
        return isPlain ? Scalar(plain: text) : .text(text)
    }
}

extension Scalar {
    /// Resolves a plain scalar. Integers beyond 64 bits become numbers.
    public init(plain text: String) {
        guard let first = text.utf8.first else {
            self = .null
            return
        }
        // Most texts are told from all words by their first letter or length.
        let word =
            "~nNtTfF.+-".utf8.contains(first) && text.utf8.count <= Self.longestWord ? Self.word(text) : nil
        self = word ?? Self.numeric(text) ?? .text(text)
    }

    /// Of `false`, `+.inf` and their like.
    private static let longestWord = 5

    private static func word(_ text: String) -> Scalar? {
        switch text {
        case "~", "null", "Null", "NULL": .null
        case "true", "True", "TRUE": .boolean(true)
        case "false", "False", "FALSE": .boolean(false)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": .number(.infinity)
        case "-.inf", "-.Inf", "-.INF": .number(-.infinity)
        case ".nan", ".NaN", ".NAN": .number(.nan)
        default: nil
        }
    }

    private static func numeric(_ text: String) -> Scalar? {
        var rest = Substring(text).utf8[...]
        guard let first = rest.first, isDigit(first) || "+-.".utf8.contains(first) else { return nil }
        if text.hasPrefix("0o"), text.utf8.count > 2 {
            return Int64(text.dropFirst(2), radix: 8).flatMap(unsigned)
        }
        if text.hasPrefix("0x"), text.utf8.count > 2 {
            return Int64(text.dropFirst(2), radix: 16).flatMap(unsigned)
        }
        if first == UInt8(ascii: "-") || first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        let whole = rest.prefix { isDigit($0) }
        rest = rest.dropFirst(whole.count)
        if rest.isEmpty { return whole.isEmpty ? nil : integer(text) }
        var fraction = 0
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = rest.prefix { isDigit($0) }.count
            rest = rest.dropFirst(fraction)
        }
        guard !whole.isEmpty || fraction > 0 else { return nil }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
            guard !rest.isEmpty, rest.allSatisfy(isDigit) else { return nil }
            rest = rest.dropFirst(rest.count)
        }
        guard rest.isEmpty else { return nil }
        return Double(text).map(Scalar.number)
    }

    private static func integer(_ text: String) -> Scalar? {
        if let value = Int64(text) { return .integer(value) }
        return Double(text).map(Scalar.number)
    }

    private static func unsigned(_ value: Int64) -> Scalar? { value >= 0 ? .integer(value) : nil }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
