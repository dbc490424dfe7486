/// A picture of 8-bit samples.
public struct Image: Sendable, Equatable {
    public let width: Int
    public let height: Int
    /// 1 grey; 3 red, green, blue; 4 the same and opacity, not multiplied in.
    public let channels: Int
    /// Rows from the top, height × width × channels.
    public let pixels: [UInt8]
}
