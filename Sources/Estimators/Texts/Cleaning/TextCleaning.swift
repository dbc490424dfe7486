/// What of texts is made uniform or taken out. Steps are taken in the order in which they stand here; each is left out by
/// its plain value.
public struct TextCleaning: Sendable, Equatable {
    /// Tags, comments, scripts and styles go, named and numeric references become what they stand for (`MarkupStep`).
    public var removesMarkup: Bool
    /// Emoji go, with all that makes up their sequences (`EmojiStep`).
    public var removesEmoji: Bool
    /// Control characters but for white space go, and format characters that nobody sees but for joiners (`ControlStep`).
    public var removesControls: Bool
    public var form: Form
    public var space: Space

    public enum Form: String, Sendable, CaseIterable {
        case keep
        /// Full-width letters, digits and signs become ASCII, half-width Katakana and Hangul become the usual ones.
        case width
        /// Normalization form KC of Unicode, which has width in it.
        case nfkc
    }

    public enum Space: String, Sendable, CaseIterable {
        case keep
        /// White space of any kind and length becomes one space, at either end nothing.
        case fold
        /// As `fold`, but where a line ends there is one line feed.
        case lines
    }

    public init(
        removesMarkup: Bool = false, removesEmoji: Bool = false, removesControls: Bool = true,
        form: Form = .nfkc,
        space: Space = .fold
    ) {
        self.removesMarkup = removesMarkup
        self.removesEmoji = removesEmoji
        self.removesControls = removesControls
        self.form = form
        self.space = space
    }

    /// The steps that changed a text.
    public struct Steps: OptionSet, Sendable, Hashable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let markup = Steps(rawValue: 1)
        public static let emoji = Steps(rawValue: 2)
        public static let controls = Steps(rawValue: 4)
        public static let form = Steps(rawValue: 8)
        public static let space = Steps(rawValue: 16)
    }
}

/// One step of cleaning: a text in, a text out.
protocol TextStep {
    /// Whether the text is sure to stay as it is, by a look that costs little.
    func keeps(_ text: UnsafeBufferPointer<UInt8>) -> Bool
    /// Appends what becomes of the text.
    mutating func take(_ text: UnsafeBufferPointer<UInt8>, _ output: inout GrowingBuffer<UInt8>)
}

extension TextStep {
    /// Whether all is ASCII.
    func isASCII(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var high: UInt8 = 0
        for byte in text { high |= byte }
        return high < 0x80
    }
}

extension GrowingBuffer where Element == UInt8 {
    mutating func append(scalar: UInt32) {
        makeRoom(4)
        count += UTF8Scalars.write(scalar, to: start + count)
    }

    mutating func append(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        makeRoom(range.count)
        if let from = text.baseAddress {
            (start + count).update(from: from + range.lowerBound, count: range.count)
        }
        count += range.count
    }
}
