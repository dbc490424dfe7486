import ContentStore
import Glibc
import PipelineLanguage
import Planner
import Platform
import Testing

@testable import Executor

@Suite struct SourceDigestsTests {
    /// As the check of published paths takes it: a name by name, a path part by part.
    @Test func excludeLeavesOutOfAFolderWhatTheCheckTakesToBeOut() throws {
        let root = "/tmp/sluice-exclude-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        defer { try? Files.remove(root) }
        for path in ["keep", "ab/c", "a/b/x", "a/x", "deep/x", "deep/er/build/y", "x.pyc", "deep/z.pyc"] {
            let file = "\(root)/d/\(path)"
            try Files.makeDirectories(String(file[..<file.lastIndex(of: "/")!]))
            try Files.write([0], to: file)
        }
        var sources = try SourceDigests(Workspace(root: root))
        func left(_ exclude: [String]) throws -> [String] {
            let source = try sources.digest(of: .folder(ProjectPath("d"), exclude: exclude))
            return try #require(source.manifest).entries.map(\.path).filter { $0 != "keep" }
        }
        #expect(
            try left(["a*c", "*/x", "build", "*.pyc"]) == ["a/b/x", "ab/c"])
        #expect(try left(["**/x", "deep", "*.pyc"]) == ["ab/c"])
    }
}
