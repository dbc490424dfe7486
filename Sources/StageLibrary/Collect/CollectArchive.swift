import Archives
import CanonicalJSON
import PipelineLanguage
import Platform

/// `collect.archive`: the files of a ZIP or tar file.
enum CollectArchive {
    static let kind = StageKind(
        "collect.archive",
        versions: [.init(1, "first")],
        summary: "Unpacks ZIP and tar files into a folder.",
        documentation: """
            ZIP files are read, also those larger than 4 GB, and tar files as they are or packed with gzip or zstd; which it is, their first bytes say. The files
            lie in `folder` under their own paths, without times and permissions, and `collect.csv` and the other kinds take them by `in:`. Several archives fill
            one folder.

            A name that leads out of the folder (`..`, a path from the root) is an error, whatever else is in the archive, and so is a path that is there twice.
            Only files and folders are made: what is a link, a device or a pipe is an error, or passed over with links: skip. Encrypted files are not read.
            Checksums must hold, and what unfolds to more than 1024 times the archive (and 512 MiB) is refused.
            """,
        example: """
            pictures:
              uses: collect.archive
              with:
                path: data/pets.zip
                match: "**/*.png"
            """,
        inputs: FileSource.inputs("A ZIP or tar file"),
        outputs: [OutputPort("folder", .folder, "The files, under the paths they have in the archive.")],
        parameters: [
            FileSource.path,
            Parameter(
                "match", .either([.text, .list(.text)]), .optional,
                "Globs of the paths of the files to take, `**` for any number of folders; without it all, hidden ones too."
            ),
            Parameter(
                "links",
                .choice([.init("error", "Are an error."), .init("skip", "Are passed over.")]),
                .defaulted("error"), "What links, devices and pipes are."),
        ],
        libraries: ["archives": 1],
        check: { check in
            FileSource.checkSource(&check, suffix: "zip")
            if patterns(check.parameters)?.isEmpty == true {
                check.report(CollectFinding.noPattern, at: ["match"])
            }
        }, run: run)

    private static func patterns(_ parameters: JSONValue) -> [String]? {
        parameters["match"]?.strings ?? parameters["match"]?.string.map { [$0] }
    }

    /// Names that begin with a dot are passed over, as in a path of the project: macOS packs a `._cat.png` beside each
    /// picture. A glob that has such a part itself takes them.
    private static func takes(_ path: String, _ globs: [String]) -> Bool {
        func isHidden(_ path: String) -> Bool {
            path.utf8.split(separator: UInt8(ascii: "/")).contains { $0.first == UInt8(ascii: ".") }
        }
        let isHiddenPath = isHidden(path)
        return globs.contains { (!isHiddenPath || isHidden($0)) && Glob.matchesPath($0, path) }
    }

    private static func run(_ run: StageRun) throws {
        let folder = run.output("folder")
        try Files.makeDirectories(folder)
        let globs = patterns(run.parameters)
        var (files, bytes) = (0, 0)
        for archive in try FileSource.files(of: run, suffix: "zip") {
            var told = 0.0
            do throws(ArchiveError) {
                let unpacked = try Archive.unpack(
                    archive.path, into: folder,
                    takes: { path in globs.map { takes(path, $0) } ?? true },
                    skips: run.parameters["links"] == "skip",
                    progress: { bytes, all in
                        let share = Double(bytes) / Double(max(all, 1))
                        guard share >= told + 0.01 else { return }
                        told = share
                        run.tell(.progress(share, archive.basename))
                    })
                files += unpacked.files
                bytes += unpacked.bytes
                if unpacked.skipped > 0 {
                    run.tell(
                        .log("'\(archive.basename)': \(unpacked.skipped) links and the like passed over"))
                }
            } catch {
                throw StageError("'\(archive.basename)': \(error)", fix: error.fix)
            }
        }
        if files == 0, let globs {
            throw StageError(
                "no file matches \(globs.map { "'\($0)'" }.joined(separator: ", "))",
                fix: "leave match out to see what there is")
        }
        run.tell(.fact(port: "folder", name: "files", .integer(Int64(files))))
        run.tell(.fact(port: "folder", name: "bytes", .integer(Int64(bytes))))
    }
}
