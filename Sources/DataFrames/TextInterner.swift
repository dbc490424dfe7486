/// Distinct texts, numbered as they come: a table of places with open addressing, whose hash is the same in every
/// process.
struct TextInterner {
    private(set) var texts = StringStorage()
    private var hashes: [UInt64] = []
    /// A text's number and one, 0 where none is; a power of two of them, at most half of them taken.
    private var places = [Int32](repeating: 0, count: 64)

    var count: Int { texts.count }

    /// The number of a text, nil if it is not among them.
    @inline(__always)
    func find(_ text: UnsafeBufferPointer<UInt8>) -> Int32? {
        let place = places[self.place(text, Self.hash(text))]
        return place == 0 ? nil : place - 1
    }

    /// The number of a text, or of another spelling of it: an é may be one character or an e and an accent.
    @inline(__always)
    func findSpelling(_ text: UnsafeBufferPointer<UInt8>) -> Int32? {
        find(text) ?? (text.contains { $0 >= 0x80 } ? findEqual(String(decoding: text, as: UTF8.self)) : nil)
    }

    @inline(never)
    private func findEqual(_ text: String) -> Int32? {
        (0..<count).first { texts[$0] == text }.map { Int32($0) }
    }

    /// The number of a text, which is put in if need be.
    @inline(__always)
    mutating func insert(_ text: UnsafeBufferPointer<UInt8>) -> Int32 {
        let hash = Self.hash(text)
        let place = self.place(text, hash)
        if places[place] != 0 { return places[place] - 1 }
        return add(text, hash, place)
    }

    @inline(never)
    private mutating func add(_ text: UnsafeBufferPointer<UInt8>, _ hash: UInt64, _ place: Int) -> Int32 {
        texts.append(text)
        hashes.append(hash)
        places[place] = Int32(texts.count)
        if texts.count * 2 > places.count { rehash() }
        return Int32(texts.count - 1)
    }

    private mutating func rehash() {
        places = [Int32](repeating: 0, count: places.count * 2)
        let mask = places.count - 1
        for (number, hash) in hashes.enumerated() {
            var place = Int(truncatingIfNeeded: hash) & mask
            while places[place] != 0 { place = (place + 1) & mask }
            places[place] = Int32(number + 1)
        }
    }

    /// Where a text is, or would be put.
    @inline(__always)
    private func place(_ text: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> Int {
        let mask = places.count &- 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let number = places[place]
            if number == 0 { return place }
            if hashes[Int(number) &- 1] == hash, texts.bytes(of: Int(number) &- 1, equal: text) {
                return place
            }
            place = (place &+ 1) & mask
        }
    }

    /// FNV-1a over eight bytes at a time (Fowler, Noll, Vo), and in the end MurmurHash3's fmix64 (A. Appleby), for
    /// places are taken from the low bits, which the last of eight bytes would not reach.
    @inline(__always)
    private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(text.count)
        let raw = UnsafeRawBufferPointer(text)
        var index = 0
        while index &+ 8 <= raw.count {
            hash = (hash ^ raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)) &* 0x0000_0100_0000_01B3
            hash ^= hash >> 32
            index &+= 8
        }
        while index < raw.count {
            hash = (hash ^ UInt64(raw[index])) &* 0x0000_0100_0000_01B3
            index &+= 1
        }
        hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
        return hash ^ hash >> 33
    }
}
