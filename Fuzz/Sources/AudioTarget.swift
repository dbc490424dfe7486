import Audio

extension FuzzTarget {
    /// The WAV reader: an error that says something, or as many samples as the
    /// header says, none of which is no number.
    static let wave = FuzzTarget(name: "wave") { bytes in
        bytes.withUnsafeBytes { bytes in
            do throws(AudioError) {
                let sound = try Sound(wave: bytes)
                let header = try WaveHeader(bytes)
                precondition(
                    sound.samples.count == header.frames * header.channels && sound.frames == header.frames,
                    "the header says something else")
                precondition(sound.samples.allSatisfy(\.isFinite), "a sample is no number")
            } catch {
                precondition(!error.description.isEmpty, "an error says nothing")
            }
        }
    }
}
