import CPlatform

/// Text of an encoding as UTF-8, by the C library's iconv: strict, what is no character is refused.
public final class CharacterConversion {
    private let handle: UnsafeMutableRawPointer

    /// - Parameter encoding: As iconv calls it, such as `GB18030`.
    /// - Returns: Nil where the C library was installed without it.
    public init?(from encoding: String) {
        guard let handle = sluice_open_conversion("UTF-8", encoding) else { return nil }
        self.handle = handle
    }

    deinit { sluice_close_conversion(handle) }

    /// How a call of `convert` ended.
    public enum Ending: Int32, Sendable {
        case done, noRoom, halfCharacter, noCharacter
    }

    /// - Parameter target: Of at least four bytes.
    public func convert(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) -> (taken: Int, given: Int, ending: Ending) {
        guard let from = source.baseAddress, let to = target.baseAddress else { return (0, 0, .done) }
        var (taken, given) = (0, 0)
        let result = sluice_convert(
            handle, from.assumingMemoryBound(to: UInt8.self), source.count,
            to.assumingMemoryBound(to: UInt8.self), target.count, &taken, &given)
        return (taken, given, Ending(rawValue: result)!)
    }
}
