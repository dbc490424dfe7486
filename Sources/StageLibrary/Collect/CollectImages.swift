import CanonicalJSON
import Images
import PipelineLanguage
import TableTypes

/// `collect.images`: image files as a table.
enum CollectImages {
    static let kind = StageKind(
        "collect.images",
        versions: [
            .init(1, "first"),
            .init(2, "labels and paths are told apart by their bytes"),
        ],
        summary: "Reads PNG and JPEG files as a table of images.",
        documentation: """
            The columns are `path`, `label` where it is asked for, `width`, `height` and `channels` (1 grey, 3 colour, 4 colour and opacity) of the picture as
            it is seen, and `image`, the file itself. What a file is, its first bytes say, not its name.

            Every picture is decoded to the end, so that none fails later: one that is cut, damaged, of a form that is not read, or larger than `max_bytes` once it is
            decoded does not fit. A small file that announces more pixels than it can hold is refused before any memory is taken.

            \(MediaSource.documentation)
            """,
        example: """
            pets:
              uses: collect.images
              with:
                path: data/pets/**/*.png
                labels: folders
            """,
        inputs: source.inputs, outputs: source.outputs, parameters: source.parameters([maxBytes]),
        libraries: ["images": 1], check: { source.check(&$0) },
        run: { run in
            var rows = try MediaRows(run, source)
            try rows.collect()
        })

    private static let maxBytes = Parameter(
        "max_bytes", .integer(.atLeast(1)), .defaulted(.integer(Int64(Image.defaultLimit))),
        "How large a decoded picture may be: height x width x channels.")

    private static let source = MediaSource(
        type: .image, file: "PNG or JPEG file", suffix: "png", facts: ["width", "height", "channels"]
    ) { bytes, parameters in
        let limit = parameters["max_bytes"]?.integer.map { Int($0) } ?? Image.defaultLimit
        do throws(ImageError) {
            let image = try Image(bytes, limit: limit)
            return .facts([Int64(image.width), Int64(image.height), Int64(image.channels)])
        } catch {
            if case .library = error { return .failure(error.description) }
            return .misfit(error.description)
        }
    }
}
