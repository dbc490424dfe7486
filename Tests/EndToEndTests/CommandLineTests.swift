import Testing

/// What is said of a wrong command line.
@Suite struct CommandLineTests {
    private static let pipeline = """
        stages:
          split: { run: "echo 1 > ${out.train}; echo 2 > ${out.test}", out: { train: a, test: b } }
          report: { run: "cat ${in.x} > ${out.page}", in: { x: split.test }, out: { page: c } }

        """

    /// By command, with what stands behind its name.
    @Test(arguments: ["show", "get", "log", "why"])
    func aCommandAboutOneThingListsWhatCouldBeNamed(_ command: String) throws {
        let place = try Workplace(Self.pipeline)
        let isStage = command == "log" || command == "why"
        let (thing, first) = isStage ? ("stage", "split") : ("output", "split.train")
        let known = isStage ? "split, report" : "split.train, split.test, report.page"
        for words in [[command], [command, "p.yaml"]] {
            let none = try Child(words, in: place.folder, [:]).wait()
            #expect(none.status == 2 && none.out == "")
            #expect(
                none.err == """
                    error: no \(thing) is named for 'sluice \(command)'
                      \(thing)s: \(known)
                      fix: name one, such as 'sluice \(command) \(first)'

                    """)
        }
        let several = try place.sluice(command, "split", "report")
        #expect(several.status == 2)
        #expect(
            several.err == """
                error: 'sluice \(command)' takes one \(thing), got 2
                  \(thing)s: \(known)
                  fix: name one, such as 'sluice \(command) \(first)'

                """)
    }

    /// The word as it was typed, and no line of it.
    @Test func whatIsWrongWithAParameterIsShownInItsWord() throws {
        let place = try Workplace("params: { test: 0.2 }\n" + Self.pipeline)
        let wrong = try place.sluice("run", "-S", "test=größer", "-S", "tset=0.3")
        #expect(wrong.status == 2)
        #expect(
            wrong.err == """
                -S test=größer: error: parameter 'test' cannot be the text 'größer'
                -S test=größer
                        ^~~~~~
                  expected: a number, as its default is
                -S tset=0.3: error: no parameter is called 'tset'
                -S tset=0.3
                   ^~~~
                  known: test
                  fix: did you mean 'test'?

                """)
        let open = try place.sluice("run", "-S", "test=[1")
        #expect(open.err.hasPrefix("-S test=[1: error: did not find expected ',' or ']'"), "\(open)")
        let json = try place.sluice("check", "--json", "-S", "test=abc")
        #expect(json.out.contains("\"file\":\"-S test=abc\"") && !json.out.contains("\"line\""), "\(json)")
    }

    @Test func whatTheParserRefusesIsSaidAsEverythingElse() throws {
        let place = try Workplace(Self.pipeline)
        let usage = "  usage: sluice run [FILE] [STAGE ...] [options]\n  help: sluice run --help\n"
        let unknown = try place.sluice("run", "--forse", "split")
        #expect(unknown.status == 2 && unknown.out == "")
        #expect(unknown.err == "error: unknown option '--forse'\n  fix: did you mean '--force'?\n" + usage)
        let jobs = try place.sluice("run", "-j", "many")
        #expect(jobs.status == 2)
        #expect(
            jobs.err == """
                error: the value 'many' is invalid for '-j <jobs>'
                  expected: -j <jobs>  Cores that stages may use together. Default: all of the machine.

                """ + usage)
        let none = try place.sluice("run", "-j", "0")
        #expect(none.status == 2 && none.err.hasPrefix("error: -j takes a number from 1, got 0\n"), "\(none)")
    }

    /// No kind of stage takes data from outside the project.
    @Test func refreshSaysWhatItComesTo() throws {
        let place = try Workplace(Self.pipeline)
        let nothing = """
            note: no stage takes data from outside the project, so --refresh changes nothing

            """
        for words in [["run", "--refresh"], ["run", "--refresh", "p.yaml"], ["run", "--refresh", "-v"]] {
            let result = try Child(words, in: place.folder, [:]).wait()
            #expect(result.status == 0 && result.err.hasPrefix(nothing), "\(words): \(result)")
            #expect(result.err.contains("\n2 stages: "), "\(result)")
        }
        let json = try place.sluice("run", "--json", "--refresh")
        #expect(json.status == 0 && json.err.isEmpty && json.out.contains("\"severity\":\"note\""), "\(json)")
        let named = try place.sluice("run", "--refresh", "split")
        #expect(named.status == 2 && named.out.isEmpty)
        #expect(
            named.err == """
                p.yaml:2:3: error: stage 'split' takes no data from outside the project
                  split: { run: "echo 1 > ${out.train}; echo 2 > ${out.test}", out: { train: a, test: b } }
                  ^~~~~
                  fix: leave --refresh out; what lies in the project is looked at in every run

                """)
        let unknown = try place.sluice("run", "--refresh", "splot")
        #expect(unknown.status == 2)
        #expect(
            unknown.err == """
                error: no stage is called 'splot'
                  stages: split, report
                  fix: did you mean 'split'?

                """)
        for word in ["--offline", "--locked"] {
            let both = try place.sluice("run", word, "--refresh")
            #expect(
                both.status == 2
                    && both.err.hasPrefix(
                        "error: --refresh looks for newer data, and \(word) never does; leave one out\n"),
                "\(both)")
        }
    }
}
