/// Writes canonical JSON straight into bytes, for callers on a hot path who
/// know their keys in order; `JSONValue.canonicalText` goes through it too.
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8] = []
    /// The comma due before the next element or key.
    private var needsComma = false

    public init(reserving capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    public var text: String { String(decoding: bytes, as: UTF8.self) }

    public mutating func beginObject() { open("{") }
    public mutating func endObject() { close("}") }
    public mutating func beginArray() { open("[") }
    public mutating func endArray() { close("]") }

    /// - Precondition: Keys of one object come in the order of their UTF-8
    ///   bytes; canonical form depends on it.
    public mutating func key(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// The same for a name that stands in the program, which has nothing to escape.
    public mutating func key(literal name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func string(_ value: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        var value = value
        value.withUTF8 { appendEscaped($0) }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// A text that the caller writes, of bytes that all stand for themselves.
    public mutating func string(unescaped write: (inout [UInt8]) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        write(&bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// Runs of bytes that stand for themselves are copied in one go.
    private mutating func appendEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        var start = 0
        var place = 0
        while let next = Self.firstToEscape(in: text, from: place) {
            let byte = text[next]
            bytes.append(contentsOf: text[start..<next])
            start = next + 1
            place = start
            bytes.append(UInt8(ascii: "\\"))
            switch byte {
            case 0x0A: bytes.append(UInt8(ascii: "n"))
            case 0x0D: bytes.append(UInt8(ascii: "r"))
            case 0x09: bytes.append(UInt8(ascii: "t"))
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                bytes += [UInt8(ascii: "u"), 0x30, 0x30, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(contentsOf: text[start...])
    }

    /// Looks through eight bytes at a time. Source of the tests for a byte below
    /// a bound and for a zero byte: S. E. Anderson, Bit Twiddling Hacks.
    private static func firstToEscape(in text: UnsafeBufferPointer<UInt8>, from place: Int) -> Int? {
        let ones: UInt64 = 0x0101_0101_0101_0101
        func isBelow(_ bound: UInt64, in word: UInt64) -> UInt64 { (word &- bound &* ones) & ~word }
        let raw = UnsafeRawBufferPointer(text)
        var place = place
        while place < text.count {
            if place + 8 <= text.count {
                let word = raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                let hits =
                    isBelow(0x20, in: word)
                    | isBelow(1, in: word ^ (UInt64(UInt8(ascii: "\"")) &* ones))
                    | isBelow(1, in: word ^ (UInt64(UInt8(ascii: "\\")) &* ones))
                if hits & (0x80 &* ones) == 0 {
                    place += 8
                    continue
                }
            }
            let byte = text[place]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return place }
            place += 1
        }
        return nil
    }

    public mutating func integer(_ value: Int64) { literal(String(value)) }
    public mutating func boolean(_ value: Bool) { literal(value ? "true" : "false") }
    public mutating func null() { literal("null") }

    /// The shortest text that reads back as the same double; whole numbers
    /// below 2^53 as integers, so that 1 and 1.0 have one form; -0 as 0.
    public mutating func number(_ value: Double) {
        precondition(value.isFinite, "JSON has no form for \(value)")
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 {
            integer(whole)
        } else {
            literal("\(value)")
        }
    }

    public mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .boolean(let flag): boolean(flag)
        case .integer(let number): integer(number)
        case .number(let double): number(double)
        case .string(let text): string(text)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let members): object(members) { $0.value($1) }
        }
    }

    /// An object of texts.
    public mutating func object(_ members: [String: String]) { object(members) { $0.string($1) } }

    private mutating func object<Member>(
        _ members: [String: Member], _ write: (inout JSONWriter, Member) -> Void
    ) {
        beginObject()
        for (name, member) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            key(name)
            write(&self, member)
        }
        endObject()
    }

    private mutating func literal(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    private mutating func open(_ bracket: Unicode.Scalar) {
        separate()
        bytes.append(UInt8(ascii: bracket))
        needsComma = false
    }

    private mutating func close(_ bracket: Unicode.Scalar) {
        bytes.append(UInt8(ascii: bracket))
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }
}

extension JSONValue {
    /// The canonical text; see `JSONValue`.
    public var canonicalText: String {
        var writer = JSONWriter()
        writer.value(self)
        return writer.text
    }

    public var canonicalBytes: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }
}
