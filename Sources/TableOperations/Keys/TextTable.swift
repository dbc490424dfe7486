import DataFrames

/// Numbers texts in the order they first come; two are one where their bytes
/// are. As `WordTable`, with the bytes kept beside.
struct TextTable {
    private struct Slot {
        /// The hash's upper half: most texts that differ are told apart by it.
        var tag: UInt32
        /// Below zero where the slot is free.
        var number: Int32
    }

    private var slots = [Slot](repeating: Slot(tag: 0, number: -1), count: 1024)
    private var hashes: [UInt64] = []
    /// By number, end to end.
    private var bytes: [UInt8] = []
    private var ends: [Int] = [0]

    var count: Int { hashes.count }

    subscript(number: Int) -> String {
        String(decoding: bytes[ends[number]..<ends[number + 1]], as: UTF8.self)
    }

    /// Eight bytes a step, folded as `WordTable.hash` does, the last step over
    /// bytes already seen where less is left; the length is in it.
    @inline(__always)
    static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let count = bytes.count
        var state = UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
        guard let start = UnsafeRawPointer(bytes.baseAddress), count >= 8 else {
            return WordTable.hash(state ^ (bytes.baseAddress.map { short($0, count) } ?? 0))
        }
        var offset = 0
        while offset + 8 <= count {
            state = WordTable.hash(state ^ word(start, offset))
            offset += 8
        }
        return offset == count ? state : WordTable.hash(state ^ word(start, count - 8))
    }

    @inline(__always)
    private static func word(_ start: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: start.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// All bytes of a text of fewer than eight, in two looks or three that may overlap.
    @inline(__always)
    private static func short(_ start: UnsafeRawPointer, _ count: Int) -> UInt64 {
        func byte(_ place: Int) -> UInt64 { UInt64(start.load(fromByteOffset: place, as: UInt8.self)) }
        func half(_ place: Int) -> UInt64 {
            UInt64(UInt32(littleEndian: start.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
        }
        guard count < 4 else { return half(0) | half(count - 4) << 32 }
        return count == 0 ? 0 : byte(0) | byte(count >> 1) << 8 | byte(count - 1) << 16
    }

    /// - Returns: The number, and whether it is new.
    @inline(__always)
    mutating func number(_ text: UnsafeBufferPointer<UInt8>) -> (Int32, isNew: Bool) {
        let hash = Self.hash(text)
        if let found = find(text, hash) { return (found, false) }
        if (count + 1) * 2 > slots.count { grow() }
        let number = Int32(count)
        place(hash, number)
        hashes.append(hash)
        bytes.append(contentsOf: text)
        ends.append(bytes.count)
        return (number, true)
    }

    /// Nil for a text that is not there.
    func find(_ text: UnsafeBufferPointer<UInt8>) -> Int32? { find(text, Self.hash(text)) }

    @inline(__always)
    private func find(_ text: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> Int32? {
        let tag = UInt32(truncatingIfNeeded: hash >> 32)
        let mask = slots.count - 1
        return slots.withUnsafeBufferPointer { slots in
            var place = Int(truncatingIfNeeded: hash) & mask
            while slots[place].number >= 0 {
                if slots[place].tag == tag, holds(slots[place].number, text) { return slots[place].number }
                place = (place + 1) & mask
            }
            return nil
        }
    }

    @inline(__always)
    private func holds(_ number: Int32, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = ends[Int(number)]
        guard ends[Int(number) + 1] - start == text.count else { return false }
        return bytes.withUnsafeBytes { known in
            guard let mine = known.baseAddress.map({ $0 + start }),
                let other = UnsafeRawPointer(text.baseAddress)
            else { return text.count == 0 }
            guard text.count >= 8 else {
                return Self.short(mine, text.count) == Self.short(other, text.count)
            }
            // The last eight bytes may have been looked at before.
            var offset = 0
            while offset + 8 <= text.count {
                if Self.word(mine, offset) != Self.word(other, offset) { return false }
                offset += 8
            }
            return Self.word(mine, text.count - 8) == Self.word(other, text.count - 8)
        }
    }

    private mutating func place(_ hash: UInt64, _ number: Int32) {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while slots[place].number >= 0 { place = (place + 1) & mask }
        slots[place] = Slot(tag: UInt32(truncatingIfNeeded: hash >> 32), number: number)
    }

    private mutating func grow() {
        slots = [Slot](repeating: Slot(tag: 0, number: -1), count: slots.count * 2)
        for (number, hash) in hashes.enumerated() { place(hash, Int32(number)) }
    }
}
