import CanonicalJSON
import PipelineLanguage
import Platform
import StageLibrary
import Testing

/// Archives of Tests/ArchivesTests, whose reading is tested there.
@Suite struct CollectArchiveTests {
    let collect: KindHarness
    init() throws { collect = try KindHarness("collect.archive") }

    private static func archive(_ name: String) throws -> (name: String, bytes: [UInt8]) {
        let tests = #filePath.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" }
        return ("data/\(name)", try Files.read("\(tests)/ArchivesTests/Fixtures/\(name)"))
    }

    @Test func `the files lie in the folder`() throws {
        let outcome = try collect.run(files: ["path": Self.archive("ustar.tar.gz")])
        #expect(try outcome.text("folder/a.txt") == "one\n")
        #expect(
            try Files.list(outcome.path("folder")).sorted() == [
                "a-folder-with-a-name-of-forty-characters", "a.txt", "b",
            ])
        #expect(outcome.facts == ["folder.files": 4, "folder.bytes": 10_249])
    }

    @Test func `what matches is taken`() throws {
        for match: JSONValue in ["b/*.bin", ["**/*.bin", "no/*"]] {
            let outcome = try collect.run(["match": match], files: ["in": Self.archive("deflated.zip")])
            #expect(try Files.list(outcome.path("folder")) == ["b"])
        }
        #expect(
            try collect.failure(["match": ["*.csv", "*.md"]], files: ["path": Self.archive("stored.zip")])
                == "no file matches '*.csv', '*.md'\n  fix: leave match out to see what there is")
    }

    /// As macOS packs them.
    @Test func `hidden files match only what names them`() throws {
        func hidden(_ match: JSONValue?) throws -> [String] {
            let outcome = try collect.run(
                match.map { ["match": $0] } ?? [:], files: ["path": Self.archive("hidden.zip")])
            return try Files.list(outcome.path("folder")).sorted()
        }
        #expect(try hidden("**/*.txt") == ["a.txt"])
        #expect(try hidden("**/._*") == ["__MACOSX"])
        #expect(try hidden(nil) == ["__MACOSX", "a.txt"])
    }

    @Test func `several archives fill one folder, and no path twice`() throws {
        let outcome = try collect.run(several: [Self.archive("windows.zip"), Self.archive("empty.zip")])
        #expect(try Files.list(outcome.path("folder")).sorted() == ["a.txt", "b"])
        let error = #expect(throws: StageError.self) {
            try collect.run(several: [Self.archive("windows.zip"), Self.archive("gnu.tar")])
        }
        #expect(error?.message == "'data/gnu.tar': 'a.txt' is there twice, or is a file and a folder at once")
    }

    @Test func `links are passed over where that is said, and the log tells`() throws {
        #expect(
            try collect.failure(files: ["path": Self.archive("link.zip")]) == """
                'data/link.zip': 'passwd' is a link, neither a file nor a folder
                  fix: write links: skip to leave out what is neither, or match: to say which files are wanted
                """)
        let outcome = try collect.run(["links": "skip"], files: ["path": Self.archive("links.tar.gz")])
        #expect(outcome.logs == ["'data/links.tar.gz': 3 links and the like passed over"])
        #expect(outcome.facts["folder.files"] == 4)
    }

    @Test func `a name that leads out says so`() throws {
        #expect(
            try collect.failure(files: ["path": Self.archive("outside.zip")]) == """
                'data/outside.zip': '../out.txt' would not lie in the folder: '..' leads out of it
                  fix: have it packed again, with names that lie below one folder
                """)
    }

    @Test func `a check says what is missing`() throws {
        #expect(
            try collect.check("{ path: a.zip, match: [] }", [:]).text == """
                p.yaml:2:31: error: 'match' matches nothing: it has no pattern
                  with: { path: a.zip, match: [] }
                                              ^~
                  fix: write a glob such as **/*.csv, or leave match out

                """)
        #expect(
            try collect.check("{}").text.contains(
                "there is nothing to read: neither 'path' nor 'in' is given"))
    }

    @Test func `bytes of outputs are pinned`() throws {
        func digest(_ parameters: JSONValue, _ name: String) throws -> String {
            try collect.run(parameters, files: ["path": Self.archive(name)]).digest(["folder"])
        }
        try expectGoldens(
            "collect.archive",
            [
                ("zip", digest(["match": "*.txt"], "deflated.zip")),
                ("tar", digest(["match": "*.txt"], "pax.tar")),
                ("links skip", digest(["match": ["*.txt", "link"], "links": "skip"], "links.tar.gz")),
                ("links error", digest(["match": "a.txt"], "links.tar.gz")),
            ])
    }
}
