/// References to characters in HTML, such as `&amp;`, `&#8364;` and `&#x20ac;`.
///
/// Source: WHATWG, "HTML", sections 13.2.5.72 to 13.2.5.80 and 13.5; what Python's `html.unescape` reads.
struct CharacterReferences {
    private static let names: [[UInt8]: [UInt32]] = {
        var names: [[UInt8]: [UInt32]] = [:]
        let packed = HTMLNames.packed
        let bytes = UnsafeBufferPointer(start: packed.utf8Start, count: packed.utf8CodeUnitCount)
        var name: [UInt8] = []
        for entry in bytes.split(whereSeparator: { $0 == 0x20 || $0 == 0x0A }) {
            guard let first = entry.first, let equals = entry.lastIndex(of: 0x3D) else { continue }
            name = Array(name.prefix(Int(first) - 0x30)) + entry[(entry.startIndex + 1)..<equals]
            names[name] = entry[(equals + 1)...].split(separator: 0x2C).map {
                $0.reduce(0) { $0 << 4 | UInt32(Self.digit($1) ?? 0) }
            }
        }
        return names
    }()

    /// The longest name, with its semicolon.
    private static let longest = 32

    /// What begins with `&` at a place, nil if it is no reference.
    func read(_ text: UnsafeBufferPointer<UInt8>, _ place: Int) -> (scalars: [UInt32], end: Int)? {
        place + 1 < text.count && text[place + 1] == 0x23 ? number(text, place + 2) : name(text, place + 1)
    }

    /// The longest name that stands there; some need no semicolon.
    private func name(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> (scalars: [UInt32], end: Int)? {
        var end = start
        while end < text.count, end - start < Self.longest, Self.isNamePart(text[end]) { end += 1 }
        if end < text.count, text[end] == 0x3B { end += 1 }
        while end > start + 1 {
            if let scalars = Self.names[Array(text[start..<end])] { return (scalars, end) }
            end -= 1
        }
        return nil
    }

    private func number(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> (scalars: [UInt32], end: Int)? {
        let isHexadecimal = start < text.count && text[start] | 0x20 == 0x78
        let from = isHexadecimal ? start + 1 : start
        var (place, value) = (from, UInt32(0))
        while place < text.count, let digit = Self.digit(text[place]), isHexadecimal || digit < 10 {
            // Beyond all scalars it stays there.
            value = min(value * (isHexadecimal ? 16 : 10) + UInt32(digit), 0x11_0000)
            place += 1
        }
        guard place > from else { return nil }
        if place < text.count, text[place] == 0x3B { place += 1 }
        return (Self.scalars(value), place)
    }

    private static func scalars(_ value: UInt32) -> [UInt32] {
        switch value {
        case 0, 0xD800...0xDFFF, 0x11_0000...: [0xFFFD]
        case 0x0D: [0x0D]
        case 0x80...0x9F: [windows[Int(value - 0x80)]]
        // Controls and noncharacters stand for nothing.
        case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0xFDD0...0xFDEF: []
        case _ where value & 0xFFFE == 0xFFFE: []
        default: [value]
        }
    }

    /// What pages mean by numbers from 0x80 to 0x9F: characters of Windows-1252.
    private static let windows: [UInt32] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152,
        0x8D,
        0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161,
        0x203A,
        0x0153, 0x9D, 0x017E, 0x0178,
    ]

    private static func isNamePart(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 }

    private static func digit(_ byte: UInt8) -> UInt8? {
        if byte &- 0x30 < 10 { return byte - 0x30 }
        let letter = (byte | 0x20) &- 0x61
        return letter < 6 ? letter + 10 : nil
    }
}
