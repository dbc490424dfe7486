import Platform
import Testing

/// Sources of several files, through the program itself.
@Suite struct CollectedFilesTests {
    private static let pipeline = """
        stages:
          rows:
            uses: collect.jsonl
            with: { path: "logs/**/*.jsonl", max_rejects: 1 }
          texts:
            uses: collect.text
            with: { path: notes.txt }

        """

    /// A stored table as CSV.
    private func csv(_ place: Workplace, _ output: String) throws -> String {
        let result = try place.sluice("get", output, "--force", "-o", place.folder + "/got.csv")
        try #require(result.status == 0, "\(result.err)")
        return try place.read("got.csv")
    }

    @Test func `a glob's files are one table, and one more makes the stage run`() throws {
        let place = try Workplace(Self.pipeline)
        try place.write("logs/2023/a.jsonl", "{\"n\":1,\"t\":\"x\"}\n")
        try place.write("logs/2024/a.jsonl", "{\"n\":2}\nnonsense\n")
        try place.write("notes.txt", "one\ntwo\n")
        let first = try place.run()
        #expect(first.counts == .init(hits: 0, ran: 2), "\(first.result.err)")
        let table = try csv(place, "rows.table")
        #expect(table == "n,t\n1,x\n2,\n")
        let rejects = try csv(place, "rows.rejects")
        #expect(
            rejects
                == "file,row,column,reason\n2024/a.jsonl,2,,not valid JSON at byte 1: expected a value\n")
        #expect(try place.run().counts == .init(hits: 2, ran: 0))
        try place.write("logs/2024/b.jsonl", "{\"n\":3}\n")
        let third = try place.run()
        #expect(third.ran == ["rows"])
        let more = try csv(place, "rows.table")
        #expect(more == "n,t\n1,x\n2,\n3,\n")
        try Files.remove(place.folder + "/logs")
        let gone = try place.sluice("check")
        #expect(gone.status == 2 && gone.err.contains("no file matches 'logs/**/*.jsonl'"), "\(gone.err)")
    }

    @Test func `what an archive holds is read by the next stage`() throws {
        let place = try Workplace(
            """
            stages:
              files:
                uses: collect.archive
                with: { path: notes.zip, match: "**/*.txt" }
              lines:
                uses: collect.text
                in: files

            """)
        let tests = #filePath.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" }
        try Files.copy("\(tests)/ArchivesTests/Fixtures/deflated.zip", to: place.folder + "/notes.zip")
        #expect(try place.run().counts == .init(hits: 0, ran: 2))
        let long = Array(repeating: "a-folder-with-a-name-of-forty-characters", count: 4).joined(
            separator: "/")
        #expect(
            try csv(place, "lines.table")
                == "path,line,text\n\(long)/ü.txt,1,long\na.txt,1,one\n")
        #expect(try place.run().counts == .init(hits: 2, ran: 0))
    }

    @Test func `two stars at the end are all files below`() throws {
        let place = try Workplace(
            """
            stages:
              rows:
                uses: collect.jsonl
                with: { path: "logs/**" }

            """)
        for (name, number) in [("top.jsonl", 1), ("2024/a.jsonl", 2), ("2024/05/b.jsonl", 3), (".hidden", 4)]
        {
            try place.write("logs/\(name)", "{\"n\":\(number)}\n")
        }
        #expect(try place.run().counts == .init(hits: 0, ran: 1))
        #expect(try csv(place, "rows.table") == "n\n3\n2\n1\n")
    }

    @Test func `a published file that a glob finds is no source`() throws {
        let place = try Workplace(
            """
            stages:
              made:
                run: echo '{}' > ${out.file}
                out: { file: a.jsonl }
                publish: { file: logs/a.jsonl }
              rows:
                uses: collect.jsonl
                with: { path: "logs/*.jsonl" }

            """)
        try place.write("logs/b.jsonl", "{\"n\":1}\n")
        let result = try place.sluice("check")
        #expect(result.status == 2 && result.err.contains("logs/a.jsonl"), "\(result.err)")
    }
}
