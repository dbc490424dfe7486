/// The memory of a tensor and of every view of it; goes back to its pool when
/// the last of them is gone.
public final class Storage: @unchecked Sendable {
    public let byteCount: Int
    let base: UnsafeMutableRawPointer
    private let pool: StoragePool

    /// Of any content.
    init(_ byteCount: Int, from pool: StoragePool) {
        self.byteCount = byteCount
        self.pool = pool
        base = pool.take(byteCount)
    }

    deinit { pool.give(base, byteCount) }
}
