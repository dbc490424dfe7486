/// The hash of a text that may lie anywhere, unlike those of `TextInterner`.
public enum TextHash {
    /// FNV-1a over eight bytes at a time (Fowler, Noll, Vo), and in the end MurmurHash3's fmix64 (A. Appleby), which brings
    /// what is above down: multiplying mixes upwards only. The same in every process.
    @inlinable @inline(__always)
    public static func of(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
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
