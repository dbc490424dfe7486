import CDataFrames

/// Distinct texts, numbered as they come: a table with open addressing, whose hash is the same in every process. Texts
/// that are looked up lie as fields of a chunk do, with bytes around them (`PaddedField`).
struct TextInterner {
    private(set) var texts = StringStorage()
    /// By number.
    private var heads: [Head] = []
    /// A power of two of them, at most half of them taken.
    private var slots = [Slot](repeating: Slot(tag: 0, number: -1), count: 64)

    /// What most texts are told apart by.
    private struct Head {
        var words: sluice_words
        var count: Int
        var hash: UInt64
    }

    private struct Slot {
        /// Bits of the hash that do not say the place.
        var tag: UInt32
        /// Below zero where the slot is free.
        var number: Int32
    }

    var count: Int { texts.count }

    /// The number of a text, nil if it is not among them.
    @inline(__always)
    func find(_ text: FieldBytes.Bytes, _ count: Int) -> Int32? {
        let number = slots[place(text, Self.head(text, count))].number
        return number < 0 ? nil : number
    }

    /// The number of a text, which is put in if need be.
    @inline(__always)
    mutating func insert(_ text: FieldBytes.Bytes, _ count: Int) -> Int32 {
        let head = Self.head(text, count)
        let place = place(text, head)
        let number = slots[place].number
        return number < 0 ? add(text, head, place) : number
    }

    /// The number of a text that lies anywhere, which is put in if need be.
    mutating func insert(_ text: String) {
        let bytes = Array(text.utf8)
        let scratch = FieldScratch()
        withExtendedLifetime(scratch) {
            let room = scratch.room(bytes.count)
            for (index, byte) in bytes.enumerated() { room[index] = byte }
            _ = insert(room, bytes.count)
        }
    }

    @inline(never)
    private mutating func add(_ text: FieldBytes.Bytes, _ head: Head, _ place: Int) -> Int32 {
        let number = Int32(texts.count)
        texts.append(UnsafeBufferPointer(start: text, count: head.count))
        heads.append(head)
        slots[place] = Slot(tag: Self.tag(head), number: number)
        if texts.count * 2 > slots.count { grow() }
        return number
    }

    private mutating func grow() {
        slots = [Slot](repeating: Slot(tag: 0, number: -1), count: slots.count * 2)
        let mask = slots.count - 1
        for (number, head) in heads.enumerated() {
            var place = Int(truncatingIfNeeded: head.hash) & mask
            while slots[place].number >= 0 { place = (place + 1) & mask }
            slots[place] = Slot(tag: Self.tag(head), number: Int32(number))
        }
    }

    /// Where a text is, or would be put.
    @inline(__always)
    private func place(_ text: FieldBytes.Bytes, _ head: Head) -> Int {
        let mask = slots.count &- 1
        let tag = Self.tag(head)
        var place = Int(truncatingIfNeeded: head.hash) & mask
        while true {
            let slot = slots[place]
            if slot.number < 0 || slot.tag == tag && holds(slot.number, text, head) { return place }
            place = (place &+ 1) & mask
        }
    }

    @inline(__always)
    private func holds(_ number: Int32, _ text: FieldBytes.Bytes, _ head: Head) -> Bool {
        let known = heads[Int(number)]
        return known.words.first == head.words.first && known.words.second == head.words.second
            && known.count == head.count
            && (head.count <= 16
                || texts.bytes(of: Int(number), equal: UnsafeBufferPointer(start: text, count: head.count)))
    }

    @inline(__always)
    private static func tag(_ head: Head) -> UInt32 { UInt32(truncatingIfNeeded: head.hash >> 32) }

    /// Sixteen characters at a time by way of full products, folded. Source: Wang Yi, "wyhash",
    /// github.com/wangyi-fudan/wyhash, its `wymix` and secret.
    @inline(__always)
    private static func head(_ text: FieldBytes.Bytes, _ count: Int) -> Head {
        let words = sluice_read_words(text, count)
        var hash = folded(words.first ^ 0xA076_1D64_78BD_642F, UInt64(count) ^ 0xE703_7ED1_A0B4_28DB)
        hash = folded(hash ^ words.second, 0x8EBC_6AF0_9C88_C6E3)
        var offset = 16
        while offset < count {
            let words = sluice_read_words(text + offset, count &- offset)
            hash = folded(hash ^ words.first, 0xA076_1D64_78BD_642F)
            hash = folded(hash ^ words.second, 0x8EBC_6AF0_9C88_C6E3)
            offset &+= 16
        }
        return Head(words: words, count: count, hash: hash)
    }

    @inline(__always)
    private static func folded(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
}
