/// What two texts that differ in white space and case only have in common: small letters as Python's `str.lower` writes
/// them, white space of any kind and length one space, at either end nothing. Nothing else is made equal: neither
/// full-width forms nor accents nor signs.
public struct FoldedText: ~Copyable {
    private var small = LowercaseText()
    private var folded = GrowingBuffer<UInt8>(capacity: 256)

    public init() {}

    /// Appends a text, folded.
    ///
    /// - Parameter text: UTF-8; bytes that are none are taken for U+FFFD.
    /// - Complexity: O(bytes).
    public mutating func append(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        _ = small.take(text, lowercase: true)
        folded.count = 0
        SpaceStep(keepsLines: false).take(small.text.elements, &folded)
        bytes.append(contentsOf: folded.elements)
    }
}
