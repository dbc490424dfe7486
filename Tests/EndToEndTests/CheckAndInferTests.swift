import Platform
import Testing

@Suite struct CheckAndInferTests {
    /// What selectors stand for, whole, of the shipped pipeline.
    @Test func checkPrintsWhatSelectorsStandFor() throws {
        let result = try Child(
            ["check", "-v", "pipelines/credit.yaml", "-C", Workplace.repository], in: Workplace.repository,
            [:]
        ).wait()
        #expect(result.status == 0)
        #expect(result.err == "7 stages, no findings\n")
        let golden = "\(Workplace.repository)/Tests/EndToEndTests/Goldens/check-credit.txt"
        #expect(result.out == String(decoding: try Files.read(golden), as: UTF8.self))
    }

    private static let pipeline = """
        stages:
          rows: { uses: collect.csv, with: { path: rows.csv } }
          made:
            run: cp ${in.rows} ${out.table}
            in: { rows: { file: rows.csv } }
            out: { table: { table: made.csv } }

        """

    @Test func inferPinsAnewAndPrintsTheDifference() throws {
        let place = try Workplace(Self.pipeline)
        try place.write("rows.csv", "a,b\n1,x\n2,y\n")
        try #require(place.sluice("run").status == 0)
        // Integers without a fraction would fit still; these do not.
        try place.write("rows.csv", "a,c\n1.5,2024-12-31\n2.5,2025-01-01\n")
        #expect(try place.sluice("run").status == 1)
        let result = try place.sluice("run", "--infer", "rows", "--infer", "made")
        #expect(result.status == 0, "\(result.err)")
        let difference = """
            rows: inferred anew
              a: integer -> number
              b: string -> gone
              c: not there -> date
            made: inferred anew
              a: integer -> number
              b: string -> gone
              c: not there -> date

            """
        #expect(result.err.hasSuffix(difference), "\(result.err)")
        #expect(result.out == "")
        // Pinned from now on: the next run needs no word and finds nothing to do.
        let again = try place.run()
        #expect(again.counts == .init(hits: 2, ran: 0))
        let same = try place.sluice("run", "--infer", "rows")
        #expect(same.status == 0 && same.err.hasSuffix("rows: the schema is as it was\n"), "\(same.err)")
    }

    /// What nobody declared is in no file to correct.
    @Test func aMisfitSaysHowToInferAnew() throws {
        let place = try Workplace(
            """
            stages:
              rows: { uses: collect.csv, with: { path: rows.csv } }
              made:
                run: cp ${in.rows} ${out.table}; cp ${in.kept} ${out.kept}
                in: { rows: { file: made.csv }, kept: { file: kept.csv } }
                out:
                  table: { table: table.csv }
                  kept: { table: k.csv, schema: { fields: [{ name: n, type: integer }] } }

            """)
        for name in ["rows", "made"] { try place.write("\(name).csv", "a,b\n1,x\n2,y\n") }
        try place.write("kept.csv", "n\n1\n")
        try #require(place.sluice("run").status == 0)
        func fixes() throws -> [String] {
            let result = try place.sluice("run", "-k", "-j1")
            #expect(result.status == 1, "\(result)")
            return result.err.split(separator: "\n").filter { $0.hasPrefix("  fix: ") }
                .map { String($0.dropFirst("  fix: ".count)) }
        }
        try place.write("rows.csv", "a,b\n1.5,x\nz,y\n")
        try place.write("made.csv", "a,b\n1.5,x\n2,y\n")
        #expect(
            try fixes() == [
                "correct the data, or write max_rejects: 2 to keep such rows apart, or let the schema be inferred anew: sluice run --infer rows",
                "correct the data, or let the schema be inferred anew: sluice run --infer made",
            ])
        try place.write("rows.csv", "a,c\n1,x\n")
        #expect(
            try fixes()[0]
                == "correct the data, or let the schema be inferred anew: sluice run --infer rows")
        // Anew, it would be the same: what does not fit comes too late.
        try place.write("rows.csv", "a,b\n" + String(repeating: "1,x\n", count: 10_000) + "z,y\n")
        #expect(
            try fixes()[0]
                == "correct the data, or write max_rejects: 1 to keep such rows apart, or declare a schema: the first 10,000 rows, which it is inferred from, do not show this"
        )
        // Declared, and the other table of the stage is not.
        try place.write("made.csv", "a,b\n1,x\n")
        try place.write("kept.csv", "n\nx\n")
        #expect(try fixes()[1] == "correct the data or the schema")
        // And it does what it says.
        try place.write("rows.csv", "a,b\n1.5,x\nz,y\n")
        try place.write("kept.csv", "n\n1\n")
        #expect(try place.sluice("run", "--infer", "rows", "--infer", "made").status == 0)
    }

    @Test func anUnreachableServerIsNamedBeforeAnythingStarts() throws {
        let place = try Workplace(
            """
            requires: [mysql, s3]
            stages:
              a: { run: "echo hello > ${out.o}", out: { o: o }, publish: { o: hello.txt } }

            """)
        // Nobody listens there (it is tcpmux's, of 1988).
        let variables = ["MYSQL_TCP_PORT": "1"]
        #expect(try Child(["check"], in: place.folder, variables).wait().status == 0)
        let result = try Child(["run"], in: place.folder, variables).wait()
        #expect(result.status == 2)
        #expect(
            result.err == """
                p.yaml:1:12: error: the pipeline requires 'mysql', which is not reachable
                requires: [mysql, s3]
                           ^~~~~
                  looked at: 127.0.0.1:1
                  reason: Connection refused
                  fix: start it, or correct where it is: in the stage that asks it, MYSQL_HOST and MYSQL_TCP_PORT, or the profile
                p.yaml:1:19: error: the pipeline requires 's3', which is not reachable
                requires: [mysql, s3]
                                  ^~
                  reason: nothing says where it is
                  fix: set AWS_ENDPOINT_URL to where it is

                """)
        #expect(!place.exists("hello.txt"))
    }
}
