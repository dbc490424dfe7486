import Glibc

extension StringProtocol {
    /// What stands behind a number of UTF-8 bytes. Paths are cut by bytes:
    /// counted in characters, a folder called `josé` would move every cut.
    public func dropping(bytes count: Int) -> String {
        String(decoding: utf8.dropFirst(count), as: UTF8.self)
    }
}

extension String {
    /// Whether this stands in front of another in the order of their UTF-8 bytes.
    public func precedes(_ other: String) -> Bool {
        let quick = utf8.withContiguousStorageIfAvailable { mine in
            other.utf8.withContiguousStorageIfAvailable { mine.precedes($0) }
        }
        if case .some(.some(let answer)) = quick { return answer }
        return utf8.lexicographicallyPrecedes(other.utf8)
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The same for bytes.
    public func precedes(_ other: UnsafeBufferPointer<UInt8>) -> Bool {
        let common = Swift.min(count, other.count)
        let order = common == 0 ? 0 : memcmp(baseAddress!, other.baseAddress!, common)
        return order == 0 ? count < other.count : order < 0
    }
}

extension [UInt8] {
    /// `==` in one call of the library's, not byte by byte.
    public func isSame(as other: [UInt8]) -> Bool { self[...].isSame(as: other[...]) }
}

extension ArraySlice<UInt8> {
    /// The same for parts.
    public func isSame(as other: ArraySlice<UInt8>) -> Bool {
        guard count == other.count else { return false }
        return withUnsafeBytes { mine in
            other.withUnsafeBytes { count == 0 || memcmp(mine.baseAddress!, $0.baseAddress!, count) == 0 }
        }
    }
}
