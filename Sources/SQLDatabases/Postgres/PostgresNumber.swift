import DataFrames

/// A `numeric`: decimal digits, four to a word.
struct PostgresNumber {
    private let digits: [UInt8]
    /// Digits before the point; may be negative, or more than there are.
    private let point: Int
    private let isNegative: Bool
    private let special: Double?

    /// Nil for bytes that are no such number.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 8 else { return nil }
        let count = Int(bytes.bigEndian(UInt16.self))
        let weight = Int(bytes.bigEndian(Int16.self, at: 2))
        let sign = bytes.bigEndian(UInt16.self, at: 4)
        switch sign {
        case 0, 0x4000: special = nil
        case 0xC000: special = .nan
        case 0xD000: special = .infinity
        case 0xF000: special = -.infinity
        default: return nil
        }
        guard bytes.count == 8 + 2 * count else { return nil }
        isNegative = sign == 0x4000
        point = 4 * (weight + 1)
        var digits: [UInt8] = []
        digits.reserveCapacity(4 * count)
        for word in 0..<count {
            let value = bytes.bigEndian(UInt16.self, at: 8 + 2 * word)
            guard value < 10_000 else { return nil }
            for power in [1000, 100, 10, 1] as [UInt16] { digits.append(UInt8(value / power % 10) + 0x30) }
        }
        self.digits = digits
    }

    /// The double nearest to it; nil beyond what a double holds.
    var double: Double? {
        if let special { return special }
        return plain.withUnsafeBufferPointer { FieldBytes.number($0.baseAddress!, $0.count) }
    }

    var text: String { special.map { "\($0)" } ?? String(decoding: plain, as: UTF8.self) }

    /// As decimals are written, without zeros at the ends that say nothing.
    private var plain: [UInt8] {
        var before: ArraySlice<UInt8> = digits.prefix(max(0, point))
        var after: ArraySlice<UInt8> = digits.dropFirst(max(0, point))
        while before.first == 0x30 { before.removeFirst() }
        while after.last == 0x30 { after.removeLast() }
        var text: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
        text += before
        if !before.isEmpty { text += repeatElement(0x30, count: max(0, point - digits.count)) }
        if before.isEmpty { text.append(0x30) }
        if !after.isEmpty {
            text.append(UInt8(ascii: "."))
            text += repeatElement(0x30, count: max(0, -point))
            text += after
        }
        return text
    }
}
