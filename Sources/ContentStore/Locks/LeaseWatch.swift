import Glibc
import Platform
import Synchronization

/// Times of leases, in seconds.
public struct LeaseTiming: Sendable {
    /// Between two beats.
    public var renewal = 5.0
    /// How long a lease of another machine must be seen without a beat before
    /// its holder is taken for dead: six beats, so that a slow disk or a busy
    /// machine is not.
    public var patience = 30.0
    /// Between two looks at what is waited for.
    public var look = 0.1

    public init() {}
}

/// Judges whether the holders of leases live, by what this process sees and
/// its own clock: clocks of two machines are never compared.
final class LeaseWatch: Sendable {
    enum Verdict {
        case gone
        case alive
        /// The holder is on another machine and was not watched for long enough.
        case unknown
        case stale
    }

    /// The bytes last seen, since when, and when last.
    private struct Sight {
        var bytes: [UInt8]
        var since: Double
        var last: Double
        var hasBeaten = false
    }

    private let timing: LeaseTiming
    private let sights = Mutex<[String: Sight]>([:])

    init(_ timing: LeaseTiming) { self.timing = timing }

    /// - Complexity: The file is opened and read. A network file system asks
    ///   its server then; status and names it may tell from memory.
    func verdict(_ path: String) -> Verdict {
        let before = monotonicSeconds()
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Files.read(path)
        } catch {
            // What nobody lets this process read is not its to judge.
            guard error.isNotFound || error.errno == ESTALE else { return .alive }
            sights.withLock { $0[path] = nil }
            return .gone
        }
        if let holder = LeaseHolder(bytes: bytes), holder.isHere {
            // One of this very process that it knows nothing of came into place
            // although the server's answer said otherwise.
            let isOurs = holder == LeaseHolder.current
            return holder.isGone || isOurs && !Heartbeat.knows(path) ? .stale : .alive
        }
        return sights.withLock { watch(&$0[path], bytes, from: before, to: monotonicSeconds()) }
    }

    /// - Parameters:
    ///   - start: When the reading of `bytes` began.
    ///   - end: When it had ended.
    private func watch(
        _ sight: inout Sight?, _ bytes: [UInt8], from start: Double, to end: Double
    ) -> Verdict {
        guard var seen = sight else {
            sight = Sight(bytes: bytes, since: end, last: end)
            return .unknown
        }
        defer { sight = seen }
        if seen.bytes != bytes {
            seen = Sight(bytes: bytes, since: end, last: end, hasBeaten: true)
        } else if end - seen.last > 2 * timing.renewal {
            // Nobody looked: this process stood still, or the server did, and
            // with it perhaps the holder.
            (seen.since, seen.last) = (end, end)
        } else {
            seen.last = end
            if start - seen.since >= timing.patience { return .stale }
        }
        return seen.hasBeaten ? .alive : .unknown
    }
}
