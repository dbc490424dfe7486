/// Gzip members end to end (RFC 1952), by zlib.
public enum Gzip {
    /// - Returns: Whether exactly `target.count` bytes came out.
    public static func unpack(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(DynamicLibraryError) -> Bool {
        guard source.count <= UInt32.max, target.count <= UInt32.max else { return false }
        let stream = try ZlibStream(.gzip)
        var (taken, given) = (0, 0)
        while true {
            let step = stream.step(
                UnsafeRawBufferPointer(rebasing: source[taken...]),
                UnsafeMutableRawBufferPointer(rebasing: target[given...]), isAll: true)
            guard step.state == .ended else { return false }
            taken += step.taken
            given += step.given
            if taken == source.count { return given == target.count }
            guard given < target.count else { return false }
            stream.restart()
        }
    }
}

/// Unpacks gzip as it is read. Zeros behind the last member are no part of it.
final class GzipUnpacking: Unpacking {
    private let stream: ZlibStream
    private var isBetween = false
    /// Whether zeros were met behind a member: nothing else may follow.
    private var isPadding = false

    init() throws(DynamicLibraryError) { stream = try ZlibStream(.gzip) }

    func unpack(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) -> (taken: Int, given: Int, state: UnpackState) {
        if isPadding || isBetween && source.first == 0 {
            // What a tape or a disk fills its last block with, as gzip(1) has it.
            isPadding = true
            let zeros = source.prefix { $0 == 0 }.count
            return (zeros, 0, zeros < source.count ? .damaged : .between)
        }
        if isBetween { stream.restart() }
        let step = stream.step(source, target)
        isBetween = step.state == .ended
        let state: UnpackState =
            switch step.state {
            case .ended: .between
            case .within: .within
            case .damaged: .damaged
            }
        return (step.taken, step.given, state)
    }
}
