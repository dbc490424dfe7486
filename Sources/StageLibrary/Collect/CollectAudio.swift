import Audio
import CanonicalJSON
import PipelineLanguage
import TableTypes

/// `collect.audio`: sound files as a table.
enum CollectAudio {
    static let kind = StageKind(
        "collect.audio",
        versions: [
            .init(1, "first"),
            .init(2, "labels and paths are told apart by their bytes"),
        ],
        summary: "Reads WAV files as a table of sounds.",
        documentation: """
            The columns are `path`, `label` where it is asked for, `rate` (frames a second), `channels` and `frames` (samples of one channel), and `audio`, the
            file itself. Samples are whole numbers of 8, 16, 24 or 32 bits or floating-point numbers of 32 or 64, plain or in an extensible format.

            Every file is decoded to the end, so that none fails later: one that is cut, damaged or of another encoding, or has a sample that is no number, does
            not fit.

            \(MediaSource.documentation)
            """,
        example: """
            words:
              uses: collect.audio
              with:
                path: data/words/**/*.wav
                labels: folders
            """,
        inputs: source.inputs, outputs: source.outputs, parameters: source.parameters(),
        libraries: ["audio": 1], check: { source.check(&$0) },
        run: { run in
            var rows = try MediaRows(run, source)
            try rows.collect()
        })

    private static let source = MediaSource(
        type: .audio, file: "WAV file", suffix: "wav", facts: ["rate", "channels", "frames"]
    ) { bytes, _ in
        do throws(AudioError) {
            let sound = try Sound(wave: bytes)
            return .facts([Int64(sound.rate), Int64(sound.channels), Int64(sound.frames)])
        } catch {
            return .misfit(error.description)
        }
    }
}
