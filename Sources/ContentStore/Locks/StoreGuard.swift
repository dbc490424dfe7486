import Platform

/// Keeps blobs from being collected while a run needs them: runs hold the
/// guard together, a collection holds it alone. Given back when the value
/// goes, or its process.
public final class StoreGuard: Sendable {
    private let hold: any Hold

    public enum Use: Sendable { case run, collection }

    /// Waits for its turn: a run while a collection works, a collection while
    /// anything runs.
    ///
    /// - Parameter waits: Called once when there is something to wait for.
    /// - Returns: Nil where the store cannot be written, and so neither collected.
    public init?(_ use: Use, of store: BlobStore, waits: () -> Void = {}) throws(SystemError) {
        guard let hold = try store.locks.hold(use, waits: waits) else { return nil }
        self.hold = hold
    }

    /// Whether a collection may have begun all the same.
    public var isLost: Bool { hold.isLost }
}
