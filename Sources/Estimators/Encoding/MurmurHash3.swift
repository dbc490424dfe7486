/// MurmurHash3 of 32 bits with seed 0, by which scikit-learn's FeatureHasher and HashingVectorizer number texts.
///
/// Source: Austin Appleby, MurmurHash3_x86_32 (public domain, 2011).
public enum MurmurHash3 {
    public static func of(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
        var hash: UInt32 = 0
        var word: UInt32 = 0
        var length: UInt32 = 0
        for byte in bytes {
            word |= UInt32(byte) << (8 * (length & 3))
            length &+= 1
            guard length & 3 == 0 else { continue }
            hash ^= scrambled(word)
            hash = rotated(hash, 13) &* 5 &+ 0xE654_6B64
            word = 0
        }
        if length & 3 != 0 { hash ^= scrambled(word) }
        hash ^= length
        hash ^= hash >> 16
        hash = hash &* 0x85EB_CA6B
        hash ^= hash >> 13
        hash = hash &* 0xC2B2_AE35
        return hash ^ hash >> 16
    }

    private static func scrambled(_ word: UInt32) -> UInt32 {
        rotated(word &* 0xCC9E_2D51, 15) &* 0x1B87_3593
    }

    private static func rotated(_ word: UInt32, _ bits: UInt32) -> UInt32 {
        word << bits | word >> (32 - bits)
    }
}
