import Glibc
import Synchronization

/// Memory that is handed back is handed out again: a fresh 64 MB costs 34 to 43
/// ms of page faults, the same memory used again 2.6 (docs: numerics).
///
/// Small pieces come in classes of size, four to each doubling, so at most a fifth of
/// one is wasted; of each class the piece handed back last goes out first, since
/// it may still lie in a cache. Large ones are cut from regions.
public final class StoragePool: Sendable {
    /// Pieces of more bytes are cut from regions.
    static let largestClass = 1 << 18

    /// Pieces lie at multiples of a cache line.
    public static let alignment = 64

    private struct State {
        /// By number of the class; addresses as numbers, which threads may pass each other.
        var free: [[UInt]] = Array(repeating: [], count: number(largestClass) + 1)
        var regions = Regions()
        /// Of the classes.
        var freeBytes = 0
        var usedBytes = 0
        var peakBytes = 0
    }

    private let state = Mutex(State())

    public init() {}

    deinit { release() }

    /// Bytes that are handed out, and that can be handed out before the system is asked again;
    /// of those the ends of regions may be no memory yet.
    public var bytes: (used: Int, free: Int) {
        state.withLock { ($0.usedBytes, $0.freeBytes + $0.regions.freeBytes) }
    }

    /// The most bytes that were ever handed out at once.
    public var peakBytes: Int { state.withLock { $0.peakBytes } }

    /// Gives memory that nobody uses back to the system; a region goes as a whole.
    public func release() {
        state.withLock { state in
            for number in state.free.indices {
                for piece in state.free[number] { UnsafeMutableRawPointer(bitPattern: piece)?.deallocate() }
                state.free[number] = []
            }
            state.freeBytes = 0
            state.regions.release()
        }
    }

    /// - Returns: At least `bytes` bytes, of any content.
    package func take(_ bytes: Int) -> UnsafeMutableRawPointer {
        let size = Self.size(bytes)
        let piece = state.withLock { state -> UInt? in
            state.usedBytes += size
            state.peakBytes = max(state.peakBytes, state.usedBytes)
            if size > Self.largestClass { return state.regions.take(size) }
            guard let piece = state.free[Self.number(size)].popLast() else { return nil }
            state.freeBytes -= size
            return piece
        }
        return piece.flatMap { UnsafeMutableRawPointer(bitPattern: $0) }
            ?? .allocate(byteCount: size, alignment: Self.alignment)
    }

    /// - Parameter bytes: As many as were asked for.
    func give(_ piece: UnsafeMutableRawPointer, _ bytes: Int) {
        let size = Self.size(bytes)
        let address = UInt(bitPattern: piece)
        state.withLock { state in
            state.usedBytes -= size
            if size > Self.largestClass { return state.regions.give(address, size) }
            state.freeBytes += size
            state.free[Self.number(size)].append(address)
        }
    }

    /// What a piece of so many bytes takes.
    private static func size(_ bytes: Int) -> Int {
        bytes > largestClass ? Regions.size(bytes) : sizeClass(bytes)
    }

    /// Which of the classes a size is, from its doubling and its quarter.
    private static func number(_ size: Int) -> Int {
        let doubling = Int.bitWidth - 1 - size.leadingZeroBitCount
        return 4 * doubling + (size >> (doubling - 2)) & 3
    }

    /// The next of 64, 80, 96, 112, 128, 160, 192, ...
    static func sizeClass(_ bytes: Int) -> Int {
        guard bytes > alignment else { return alignment }
        let doubling = Int.bitWidth - 1 - (bytes - 1).leadingZeroBitCount
        let quarter = 1 << (doubling - 2)
        return (bytes + quarter - 1) / quarter * quarter
    }
}
