import Glibc
import Synchronization

/// Memory that is handed back is handed out again: a fresh 64 MB costs 34 to 43
/// ms of page faults, the same memory used again 2.6 (docs: numerics).
///
/// Pieces come in classes of size, four to each doubling, so at most a fifth of
/// one is wasted; of each class the piece handed back last goes out first, since
/// it may still lie in a cache. Where a class has none, one of the next classes is
/// handed out: the way back asks for other sizes than the way there has left.
public final class StoragePool: Sendable {
    /// Pieces lie at multiples of a cache line.
    public static let alignment = 64

    private struct State {
        /// By number of the class; addresses as numbers, which threads may pass each other.
        var free: [[UInt]] = Array(repeating: [], count: 4 * Int.bitWidth)
        var freeBytes = 0
        var usedBytes = 0
        var peakBytes = 0
    }

    private let state = Mutex(State())

    public init() {}

    deinit { release() }

    /// How many classes further up a piece is looked for; with two or four, pieces are missing where their own size is asked for.
    private static let reach = 1

    /// Bytes that are handed out, and that wait to be handed out again.
    public var bytes: (used: Int, free: Int) { state.withLock { ($0.usedBytes, $0.freeBytes) } }

    /// The most bytes that were ever handed out at once.
    public var peakBytes: Int { state.withLock { $0.peakBytes } }

    /// Gives memory that nobody uses back to the system.
    public func release() {
        state.withLock { state in
            for number in state.free.indices {
                for piece in state.free[number] { UnsafeMutableRawPointer(bitPattern: piece)?.deallocate() }
                state.free[number] = []
            }
            state.freeBytes = 0
        }
    }

    /// - Returns: At least `bytes` bytes, of any content, and how many they are.
    func take(_ bytes: Int) -> (piece: UnsafeMutableRawPointer, size: Int) {
        let least = Self.sizeClass(bytes)
        let (address, size) = state.withLock { state -> (UInt?, Int) in
            var (address, size): (UInt?, Int) = (nil, least)
            let first = Self.number(least)
            for number in first...(first + Self.reach) where number < state.free.count {
                guard let piece = state.free[number].popLast() else { continue }
                (address, size) = (piece, Self.size(number))
                state.freeBytes -= size
                break
            }
            state.usedBytes += size
            state.peakBytes = max(state.peakBytes, state.usedBytes)
            return (address, size)
        }
        let piece =
            address.flatMap { UnsafeMutableRawPointer(bitPattern: $0) }
            ?? .allocate(byteCount: size, alignment: Self.alignment)
        return (piece, size)
    }

    /// - Parameter size: As `take` said.
    func give(_ piece: UnsafeMutableRawPointer, _ size: Int) {
        let address = UInt(bitPattern: piece)
        state.withLock { state in
            state.usedBytes -= size
            state.freeBytes += size
            state.free[Self.number(size)].append(address)
        }
    }

    /// Which of the classes a size is, from its doubling and its quarter.
    private static func number(_ size: Int) -> Int {
        let doubling = Int.bitWidth - 1 - size.leadingZeroBitCount
        return 4 * doubling + (size >> (doubling - 2)) & 3
    }

    /// The size of the pieces of a class.
    private static func size(_ number: Int) -> Int {
        let doubling = number / 4
        return (1 << doubling) + (number % 4) << (doubling - 2)
    }

    /// The next of 64, 80, 96, 112, 128, 160, 192, ...
    static func sizeClass(_ bytes: Int) -> Int {
        guard bytes > alignment else { return alignment }
        let doubling = Int.bitWidth - 1 - (bytes - 1).leadingZeroBitCount
        let quarter = 1 << (doubling - 2)
        return (bytes + quarter - 1) / quarter * quarter
    }
}
