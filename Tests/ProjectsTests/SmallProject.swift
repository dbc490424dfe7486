import Diagnostics
import Glibc
import Platform
import Projects
import Testing

/// A project in a folder of its own, gone with the test.
final class SmallProject {
    let folder: String

    init(_ pipeline: String) throws {
        folder = "/tmp/sluice-projects-\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
        try Files.makeDirectories(folder)
        try write("sluice.yaml", "")
        try write("p.yaml", pipeline)
    }

    deinit { try? Files.remove(folder) }

    func write(_ path: String, _ text: String) throws {
        try Files.write(Array(text.utf8), to: folder + "/" + path)
    }

    /// The pipeline, and all that was found, as `check` prints it.
    func load(_ options: LoadedPipeline.Options = .init()) -> (loaded: LoadedPipeline?, text: String) {
        var findings = Diagnostics()
        let loaded = LoadedPipeline.load(folder + "/p.yaml", options, into: &findings)
        var text = DiagnosticRenderer().render(findings)
        while let range = text.firstRange(of: folder + "/") { text.removeSubrange(range) }
        return (loaded, text)
    }

    /// The pipeline, which has no finding.
    func plan(_ options: LoadedPipeline.Options = .init()) throws -> LoadedPipeline {
        let (loaded, text) = load(options)
        #expect(text == "")
        return try #require(loaded)
    }
}
