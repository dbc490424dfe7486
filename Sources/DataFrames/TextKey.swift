/// A text as tables tell values apart: by its bytes, unlike a `String`, of which an é in one character and an e with an
/// accent behind it are the same.
public struct TextKey: Hashable, Sendable {
    public let text: String

    public init(_ text: String) { self.text = text }

    public static func == (one: TextKey, other: TextKey) -> Bool {
        one.text.utf8.count == other.text.utf8.count && one.text.utf8.elementsEqual(other.text.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        // So that of two texts in a row the border counts.
        hasher.combine(0xFF as UInt8)
    }
}

/// The places of texts in a list; one that is there twice is the first of both.
public struct TextPlaces: Sendable {
    private let places: [TextKey: Int32]

    public init(_ texts: [String]) {
        places = Dictionary(
            texts.enumerated().map { (TextKey($1), Int32($0)) }, uniquingKeysWith: { first, _ in first })
    }

    public subscript(text: String) -> Int32? { places[TextKey(text)] }
}
