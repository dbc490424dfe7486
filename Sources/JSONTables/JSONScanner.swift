import DataFrames
import Glibc

/// A place in bytes that hold JSON, and what can be read there. Nothing is
/// allocated for what stands in the text as it is.
///
/// Source: RFC 8259.
struct JSONScanner {
    private(set) var start: UnsafePointer<UInt8>
    private(set) var end = 0
    /// Whether a line break ends the value, as in JSON lines, or is a space.
    private(set) var endsAtLineBreak = false
    var position = 0
    /// Texts with escapes are put together here.
    private var scratch = GrowingBuffer<UInt8>(capacity: 256)

    /// At the end of an empty text.
    init() { start = UnsafePointer(bitPattern: MemoryLayout<UInt8>.alignment)! }

    mutating func open(_ bytes: UnsafeRawBufferPointer, endsAtLineBreak: Bool) {
        if let address = bytes.baseAddress { start = address.assumingMemoryBound(to: UInt8.self) }
        end = bytes.count
        self.endsAtLineBreak = endsAtLineBreak
        position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    func deallocate() { scratch.deallocate() }

    /// The byte here; 0, which nothing in JSON begins with, at the end.
    @inline(__always)
    var byte: UInt8 { position < end ? start[position] : 0 }

    @inline(__always)
    mutating func skipSpace() {
        while true {
            switch byte {
            case 0x20, 0x09, 0x0D: position += 1
            case 0x0A where !endsAtLineBreak: position += 1
            default: return
            }
        }
    }

    @inline(__always)
    mutating func take(_ wanted: UInt8) -> Bool {
        guard byte == wanted else { return false }
        position += 1
        return true
    }

    func fault(_ problem: JSONFault.Problem, at offset: Int? = nil) -> JSONFault {
        JSONFault(problem: problem, offset: offset ?? position)
    }

    // MARK: Texts

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// Goes to the next quote, backslash or control character, eight bytes at a
    /// time. Tests for a byte below a bound and for a zero byte: S. E. Anderson,
    /// Bit Twiddling Hacks; the lowest hit is always a true one.
    ///
    /// - Returns: Whether all bytes passed are ASCII.
    @inline(__always)
    private mutating func passText() -> Bool {
        var place = position
        var seen: UInt64 = 0
        let raw = UnsafeRawPointer(start)
        while end - place >= 8 {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            let quote = word ^ (0x22 &* Self.ones)
            let backslash = word ^ (0x5C &* Self.ones)
            let hits =
                ((word &- 0x20 &* Self.ones) & ~word | (quote &- Self.ones) & ~quote
                    | (backslash &- Self.ones) & ~backslash) & Self.highs
            if hits == 0 {
                seen |= word
                place += 8
                continue
            }
            let passed = hits.trailingZeroBitCount >> 3
            seen |= word & ((1 << UInt64(passed * 8)) &- 1)
            position = place + passed
            return seen & Self.highs == 0
        }
        while place < end {
            let byte = start[place]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C { break }
            seen |= UInt64(byte)
            place += 1
        }
        position = place
        return seen & Self.highs == 0
    }

    /// The text whose opening quote stands here, decoded; valid until the next
    /// one is read.
    @inline(__always)
    mutating func string() throws(JSONFault) -> UnsafeBufferPointer<UInt8> {
        position += 1
        let from = position
        let isASCII = passText()
        guard byte == 0x22, position < end else { return try slowString(from: from, isASCII: isASCII) }
        let text = UnsafeBufferPointer(start: start + from, count: position - from)
        if !isASCII { try validate(text, at: from) }
        position += 1
        return text
    }

    private func validate(_ text: UnsafeBufferPointer<UInt8>, at offset: Int) throws(JSONFault) {
        if case .invalid(let place) = UTF8Scan(UnsafeRawBufferPointer(text)) {
            throw fault(.notUTF8, at: offset + place)
        }
    }

    @inline(never)
    private mutating func slowString(
        from: Int, isASCII: Bool
    ) throws(JSONFault) -> UnsafeBufferPointer<UInt8> {
        var isASCII = isASCII
        var from = from
        scratch.truncate(to: 0)
        while true {
            let part = UnsafeBufferPointer(start: start + from, count: position - from)
            if !isASCII { try validate(part, at: from) }
            scratch.append(part.baseAddress!, part.count)
            guard position < end else { throw fault(.unclosedString) }
            switch byte {
            case 0x22:
                position += 1
                return UnsafeBufferPointer(start: scratch.start, count: scratch.count)
            case 0x5C:
                let scalar = try escape()
                for unit in Unicode.UTF8.encode(scalar)! { scratch.append(unit) }
            case 0x0A where endsAtLineBreak: throw fault(.unclosedString)
            default: throw fault(.controlCharacter)
            }
            from = position
            isASCII = passText()
        }
    }

    /// - Returns: The character a backslash here stands for.
    private mutating func escape() throws(JSONFault) -> Unicode.Scalar {
        let offset = position
        position += 1
        let letter = byte
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let high = try hexadecimal(offset)
            if let scalar = Unicode.Scalar(high) { return scalar }
            guard high < 0xDC00, take(0x5C), take(UInt8(ascii: "u")) else {
                throw fault(.halfSurrogate, at: offset)
            }
            let low = try hexadecimal(offset)
            guard (0xDC00...0xDFFF).contains(low),
                let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
            else { throw fault(.halfSurrogate, at: offset) }
            return scalar
        default:
            position = offset
            throw fault(.badEscape)
        }
    }

    private mutating func hexadecimal(_ offset: Int) throws(JSONFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x37
            case 0x61...0x66: digit = byte - 0x57
            default: throw fault(.badEscape, at: offset)
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}

extension JSONScanner {
    /// Goes to the start of the next line.
    @inline(__always)
    mutating func skipLine() {
        if byte == 0x0A, position < end {
            position += 1
        } else if position < end {
            let found = memchr(start + position, 0x0A, end - position)
            position = found.map { UnsafeRawPointer($0) - UnsafeRawPointer(start) + 1 } ?? end
        }
    }

    /// What was passed since.
    func text(from: Int) -> String {
        String(decoding: UnsafeBufferPointer(start: start + from, count: position - from), as: UTF8.self)
    }
}
