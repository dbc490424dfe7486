/// The hash of a term, the same in every process.
enum TermHash {
    /// The first 16 bytes, those past the end 0.
    @inline(__always)
    static func words(_ term: UnsafePointer<UInt8>, _ count: Int) -> (UInt64, UInt64) {
        let raw = UnsafeRawPointer(term)
        let first = raw.loadUnaligned(as: UInt64.self)
        let second = raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        // A shift by 64 or more gives 0.
        return (
            first & ~(UInt64.max << UInt64(8 &* count)),
            second & ~(UInt64.max << UInt64(8 &* max(0, count &- 8)))
        )
    }

    /// Sixteen bytes at a time by way of full products, folded. Source: Wang Yi, "wyhash",
    /// github.com/wangyi-fudan/wyhash, its `wymix` and secret.
    @inline(__always)
    static func of(_ term: UnsafePointer<UInt8>, _ count: Int, _ first: UInt64, _ second: UInt64) -> UInt64 {
        var hash = folded(first ^ 0xA076_1D64_78BD_642F, UInt64(count) ^ 0xE703_7ED1_A0B4_28DB)
        hash = folded(hash ^ second, 0x8EBC_6AF0_9C88_C6E3)
        var offset = 16
        while offset < count {
            let (first, second) = words(term + offset, count &- offset)
            hash = folded(hash ^ first, 0xA076_1D64_78BD_642F)
            hash = folded(hash ^ second, 0x8EBC_6AF0_9C88_C6E3)
            offset &+= 16
        }
        return hash
    }

    @inline(__always)
    static func of(_ term: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
        let (first, second) = words(term, count)
        return of(term, count, first, second)
    }

    @inline(__always)
    private static func folded(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
}
