import DataFrames

/// Texts that are told apart by their bytes, each with a number, in the order
/// they are first seen: the levels of a category.
struct LevelTable {
    private var bytes = GrowingBuffer<UInt8>()
    /// Where each level ends.
    private var ends = GrowingBuffer<Int>()
    /// Level + 1 by hash; 0 is free. A power of two, at most half full.
    private var slots: [Int32] = [Int32](repeating: 0, count: 256)
    private var last: Int32 = 0

    func deallocate() {
        bytes.deallocate()
        ends.deallocate()
    }

    var count: Int { ends.count }

    private func level(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        let from = index == 0 ? 0 : ends.start[index - 1]
        return UnsafeBufferPointer(start: bytes.start + from, count: ends.start[index] - from)
    }

    /// All levels as texts.
    var texts: [String] { (0..<count).map { String(decoding: level($0), as: UTF8.self) } }

    /// The number of a text; nil if it is new.
    func place(of text: UnsafeBufferPointer<UInt8>) -> Int32? {
        let (_, found) = slot(of: text)
        return found < 0 ? nil : found
    }

    /// The number of a text, a new one if it was not there.
    @inline(__always)
    mutating func insert(_ text: UnsafeBufferPointer<UInt8>) -> Int32 {
        let (slot, found) = slot(of: text)
        return found >= 0 ? found : add(text, slot)
    }

    @inline(never)
    private mutating func add(_ text: UnsafeBufferPointer<UInt8>, _ slot: Int) -> Int32 {
        if let start = text.baseAddress { bytes.append(start, text.count) }
        ends.append(bytes.count)
        slots[slot] = Int32(count)
        if count * 2 > slots.count {
            slots = [Int32](repeating: 0, count: slots.count * 2)
            for index in 0..<count { slots[self.slot(of: level(index)).slot] = Int32(index + 1) }
        }
        return Int32(count - 1)
    }

    @inline(__always)
    private func slot(of text: UnsafeBufferPointer<UInt8>) -> (slot: Int, found: Int32) {
        var slot = Int(truncatingIfNeeded: TextHash.of(text)) & (slots.count - 1)
        while true {
            let found = slots[slot]
            if found == 0 { return (slot, -1) }
            let known = level(Int(found - 1))
            if known.count == text.count, known.elementsEqual(text) { return (slot, found - 1) }
            slot = (slot + 1) & (slots.count - 1)
        }
    }
}
