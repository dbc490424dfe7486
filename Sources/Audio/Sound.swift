/// Sound as samples.
public struct Sound: Sendable, Equatable {
    /// Frames a second.
    public let rate: Int
    public let channels: Int
    /// Frame after frame, in each the channels; from -1 to 1 where they were
    /// whole numbers.
    public let samples: [Float]

    /// Samples of one channel.
    public var frames: Int { samples.count / channels }
}
