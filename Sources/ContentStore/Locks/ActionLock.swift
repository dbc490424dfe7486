import Platform

/// Held by the one run that executes an action; a second run asks again until
/// it is free and then looks the result up. Given back when the value goes, or
/// its process, so that no kill leaves a stale one.
public final class ActionLock: Sendable {
    private let hold: any Hold

    /// - Returns: Nil when another run, or another stage of this one, holds
    ///   the action's lock.
    public init?(_ key: Digest, in store: BlobStore) throws(SystemError) {
        guard let hold = try store.locks.action(key) else { return nil }
        self.hold = hold
    }
}
