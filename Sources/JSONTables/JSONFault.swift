/// Why bytes are not the JSON they should be, with the place.
public struct JSONFault: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Problem: Hashable, Sendable {
        case expected(Expected)
        case unclosedString
        case controlCharacter
        case notUTF8
        case badEscape
        case halfSurrogate
        case leadingZero
        case tooDeep
        case duplicateKey(String)
        /// What `JSONValue(parsing:)` says of an object or array inside a row.
        case nested(String)
    }

    public enum Expected: String, Hashable, Sendable {
        case object = "an object in braces"
        case key = "a key in quotes"
        case colon = "':'"
        case value = "a value"
        case commaOrBrace = "',' or '}'"
        case commaOrBracket = "',' or ']'"
        case endOfLine = "the end of the line"
        case endOfText = "the end of the text"
    }

    public var problem: Problem
    /// Of the first byte that does not fit, from the start of the text.
    public var offset: Int

    /// Nesting deeper than this is an error, as in `JSONValue(parsing:)`.
    static let depthLimit = 512

    public var description: String {
        switch problem {
        case .expected(let what): "expected \(what.rawValue)"
        case .unclosedString: "the string has no end"
        case .controlCharacter: "a control character must be escaped"
        case .notUTF8: "the string is not UTF-8"
        case .badEscape: "unknown escape"
        case .halfSurrogate: "half a surrogate pair"
        case .leadingZero: "a number does not begin with 0"
        case .tooDeep: "nested deeper than \(Self.depthLimit)"
        case .duplicateKey(let key): "key '\(key)' is given twice"
        case .nested(let message): message
        }
    }
}
