import CanonicalJSON
import Glibc
import Platform
import Testing

/// What runs again after a change, and what does not.
@Suite struct IncrementalTests {
    static let pipeline = """
        name: words
        params: { suffix: "!" }
        stages:
          copy:
            run: cat ${in.text} > ${out.o}
            in: { text: { file: text.txt } }
            out: { o: copy.txt }
          # the first line only, so that other lines change nothing below
          first:
            run: head -n 1 ${in.copy} > ${out.o}
            in: { copy: copy }
            out: { o: first.txt }
          shout:
            run: |
              { tr a-z A-Z < ${in.first}; echo ${params.suffix}; } > ${out.o}
            in: { first: first }
            out: { o: shout.txt }
            publish: { o: out/shout.txt }

        """

    private func workplace() throws -> Workplace {
        let place = try Workplace(Self.pipeline)
        try place.write("text.txt", "one\ntwo\n")
        return place
    }

    @Test func aSecondRunOnlyHits() throws {
        let place = try workplace()
        let first = try place.run()
        #expect(first.counts == .init(hits: 0, ran: 3) && first.result.status == 0, "\(first.result)")
        #expect(try place.read("out/shout.txt") == "ONE\n!\n")
        for _ in 0..<4 { #expect(try place.run().counts == .init(hits: 3, ran: 0)) }
        // Without --json the third may answer from the snapshot.
        for _ in 0..<4 {
            let result = try place.sluice("run")
            #expect(result.status == 0 && result.err.contains("3 stages: 3 hits in "), "\(result.err)")
        }
    }

    @Test func whatIsNotInTheKeyRunsNothing() throws {
        let place = try workplace()
        _ = try place.run()
        try place.edit("p.yaml", "# the first line only", "# other words of the same")
        try place.edit(
            "p.yaml", "  copy:\n    run: cat ${in.text} > ${out.o}\n",
            "  copy:\n    description: as it is\n    run: \"cat ${in.text} > ${out.o}\"\n")
        try place.edit(
            "p.yaml", "    in: { first: first }\n    out: { o: shout.txt }\n",
            "    out:\n      o: shout.txt\n    in:\n      first: first\n")
        #expect(try place.run().counts == .init(hits: 3, ran: 0))
        // A stage's name is nothing but a name.
        try place.edit("p.yaml", "  first:\n", "  head:\n")
        try place.edit("p.yaml", "first: first\n", "first: head\n")
        #expect(try place.run().counts == .init(hits: 3, ran: 0))
        // A touch changes the time, not the bytes.
        let bytes = try place.read("text.txt")
        usleep(20_000)
        try place.write("text.txt", bytes)
        #expect(try place.run().counts == .init(hits: 3, ran: 0))
    }

    @Test func aChangeRunsWhatDependsOnItAndTheWayBackHits() throws {
        let place = try workplace()
        _ = try place.run()
        try place.write("text.txt", "other\ntwo\n")
        #expect(try place.run().ran == ["copy", "first", "shout"])
        #expect(try place.read("out/shout.txt") == "OTHER\n!\n")
        try place.write("text.txt", "one\ntwo\n")
        #expect(try place.run().counts == .init(hits: 3, ran: 0))
        #expect(try place.read("out/shout.txt") == "ONE\n!\n")
    }

    @Test func theSameBytesCutOffWhatIsBelow() throws {
        let place = try workplace()
        _ = try place.run()
        try place.write("text.txt", "one\nchanged\n")
        #expect(try place.run().ran == ["copy", "first"])
        try place.edit("p.yaml", "head -n 1 ${in.copy}", "sed -n 1p ${in.copy}")
        #expect(try place.run().ran == ["first"])
    }

    @Test func aParameterRunsWhatUsesItAndWhySaysBothValues() throws {
        let place = try workplace()
        _ = try place.run()
        try place.edit("p.yaml", "suffix: \"!\"", "suffix: \"?\"")
        let before = try place.sluice("why", "shout").out
        #expect(before.contains("miss") && before.contains("'!'") && before.contains("'?'"), "\(before)")
        #expect(try place.run().ran == ["shout"])
        let after = try place.sluice("why", "shout").out
        #expect(after.contains("hit") && after.contains("'!'") && after.contains("'?'"), "\(after)")
        // A value from the command line neither publishes nor locks.
        let lock = try place.read("p.lock")
        #expect(try place.run("-S", "suffix=.").ran == ["shout"])
        #expect(try place.read("out/shout.txt") == "ONE\n?\n")
        #expect(try place.read("p.lock") == lock)
        // One stage forced runs alone.
        #expect(try place.run("--force", "copy").ran == ["copy"])
    }

    /// As a kill in the middle of writing leaves it.
    @Test func whyOutlivesAMemoryThatWasCutShort() throws {
        let place = try workplace()
        _ = try place.run()
        try place.edit("p.yaml", "suffix: \"!\"", "suffix: \"?\"")
        _ = try place.run()
        let memory =
            try place.folder + "/.sluice/memory/" + #require(
                Files.list(place.folder + "/.sluice/memory").first)
        try Files.write(try Files.read(memory).dropLast(4), to: memory)
        try place.edit("p.yaml", "suffix: \"?\"", "suffix: \";\"")
        _ = try place.run()
        let after = try place.sluice("why", "shout").out
        // The last but one is what it remembers whole.
        #expect(after.contains("'!'") && after.contains("';'"), "\(after)")
    }

    @Test func whatWasWipedIsRestoredAndWhatWasEditedIsKept() throws {
        let place = try workplace()
        _ = try place.run()
        try Files.remove(place.folder + "/out")
        #expect(try place.run().counts == .init(hits: 3, ran: 0))
        #expect(try place.read("out/shout.txt") == "ONE\n!\n")
        try place.write("out/shout.txt", "by hand\n")
        let refused = try place.sluice("run")
        #expect(refused.status == 1)
        #expect(
            refused.err.contains("error: 'out/shout.txt' was edited by hand since it was last published"),
            "\(refused.err)")
        #expect(try place.read("out/shout.txt") == "by hand\n")
        #expect(try place.sluice("run", "--overwrite").status == 0)
        #expect(try place.read("out/shout.txt") == "ONE\n!\n")
    }

    @Test func aFailedGateKeepsWhatCameOutAndMendsWithoutARerun() throws {
        let place = try Workplace(
            """
            stages:
              score:
                run: echo '{"auc":0.6}' > ${out.m}; echo page > ${out.page}
                out: { m: { metrics: m.json, gates: { auc: ">= 0.7" } }, page: page.html }
                publish: { page: page.html }
              below:
                run: cp ${in.page} ${out.o}
                in: { page: score.page }
                out: { o: o }

            """)
        for _ in 0..<2 {
            let run = try place.run()
            #expect(run.result.status == 1)
            #expect(run.counts.failed == 1 && run.counts.skipped == 1)
            #expect(try place.read("page.html") == "page\n")
        }
        let text = try place.sluice("run").err
        #expect(text.contains("gate of stage 'score' failed: auc is 0.6, the bound is >= 0.7"), "\(text)")
        try place.edit("p.yaml", ">= 0.7", ">= 0.5")
        #expect(try place.run().ran == ["below"])
    }

    @Test func statusAndDryRunSayWhatWouldRun() throws {
        let place = try workplace()
        _ = try place.run()
        #expect(try place.sluice("status", "--exit-code").status == 0)
        try place.write("text.txt", "new\n")
        let status = try place.sluice("status", "--exit-code")
        #expect(status.status == 1)
        #expect(
            status.out == """
                ▸ copy   run
                ? first  maybe, after 'copy'
                ? shout  maybe, after 'copy'
                3 stages: 1 run, 2 maybe

                """)
        #expect(try place.sluice("run", "-n").out == status.out)
        #expect(try place.run().ran == ["copy", "first", "shout"])
    }

    @Test func lockedRunsWhatIsLockedAndRefusesTheRest() throws {
        let place = try workplace()
        _ = try place.run()
        #expect(try place.sluice("run", "--locked").status == 0)
        // From nothing: everything runs, and must come out as locked.
        try Files.remove(place.folder + "/.sluice")
        let again = try place.run("--locked")
        #expect(again.result.status == 0 && again.counts.ran == 3)
        try place.edit("p.yaml", "head -n 1", "head -n 2")
        let refused = try place.sluice("run", "--locked")
        #expect(refused.status == 2)
        #expect(refused.err.contains("error: stage 'first' is not as it was locked"), "\(refused.err)")
    }

    /// A lock of another machine, where a tool has another version, holds by
    /// its recipes; what else is different is found all the same.
    @Test func aLockHoldsWhereAToolHasAnotherVersion() throws {
        let place = try Workplace(
            """
            stages:
              count:
                run: "wc -l < ${in.rows} > ${out.lines}"
                in: { rows: { file: text.txt } }
                out: { lines: lines.txt }
                tools: { greet: greet --version }
              copy:
                run: cat ${in.lines} ${in.lines} > ${out.copy}
                in: { lines: count.lines }
                out: { copy: copy.txt }
            """)
        try place.write("text.txt", "one\ntwo\n")
        func install(_ version: String) throws {
            try place.write("bin/greet", "#!/bin/sh\necho \(version)\n")
            chmod(place.folder + "/bin/greet", 0o755)
        }
        let environment = ["PATH": place.folder + "/bin:/usr/bin:/bin"]
        try install("3.11.7")
        let made = try place.sluice("run", environment: environment)
        #expect(made.status == 0, "\(made.err)")
        let lock = try place.read("p.lock")

        try install("3.11.2")
        try Files.remove(place.folder + "/.sluice")
        let elsewhere = try place.sluice("run", "--locked", environment: environment)
        #expect(elsewhere.status == 0, "\(elsewhere.err)")
        #expect(elsewhere.err.contains("2 stages: 2 ran"), "\(elsewhere.err)")
        #expect(try place.read("p.lock") == lock)

        // The data, and then the command, are not what was locked.
        try place.write("text.txt", "one\n")
        let data = try place.sluice("run", "--locked", environment: environment)
        #expect(data.status == 2 && data.err.contains("stage 'count' is not as it was locked"), "\(data.err)")
        try place.write("text.txt", "one\ntwo\n")
        try place.edit("p.yaml", "wc -l", "wc -c")
        let command = try place.sluice("run", "--locked", environment: environment)
        #expect(
            command.status == 2 && command.err.contains("stage 'count' is not as it was locked"),
            "\(command.err)")
    }

    /// A run with `-S` publishes nothing, and says nothing else.
    @Test func whatIsNotPublishedIsNotNamed() throws {
        let place = try Workplace(
            """
            params: { word: one }
            stages:
              say:
                run: echo ${params.word} > ${out.text}
                out: { text: text.txt }
                publish: { text: //said.txt }
            """)
        let plain = try place.sluice("run")
        #expect(plain.err.contains("published\n  said.txt\n"), "\(plain.err)")
        let tried = try place.sluice("run", "-S", "word=two")
        #expect(tried.status == 0 && !tried.err.contains("published"), "\(tried.err)")
        #expect(try place.read("said.txt") == "one\n")
    }

    /// What stands below such a command is compared by recipe, and the recipe is
    /// the same whether columns were learned during the run, as here the first
    /// time, or are known from the lock.
    @Test func aLockHoldsBelowACommandOfAnotherMachine() throws {
        let place = try Workplace(
            """
            stages:
              rows:
                run: "(echo a,b,c; echo 1,2,x; greet --version; echo 4,6,x) > ${out.table}"
                out: { table: { table: rows.csv } }
                tools: { greet: greet --version }
              features:
                uses: features.fit
                in: rows
                with: { target: c, steps: [{ scale: { columns: numeric } }] }
            """)
        func install(_ row: String) throws {
            try place.write("bin/greet", "#!/bin/sh\necho \(row)\n")
            chmod(place.folder + "/bin/greet", 0o755)
        }
        let environment = ["PATH": place.folder + "/bin:/usr/bin:/bin"]
        try install("3,5,y")
        let made = try place.sluice("run", environment: environment)
        #expect(made.status == 0, "\(made.err)")

        try install("7,8,y")
        try Files.remove(place.folder + "/.sluice")
        let elsewhere = try place.sluice("run", "--locked", environment: environment)
        #expect(elsewhere.status == 0, "\(elsewhere.err)")
        try place.edit("p.yaml", "scale: { columns: numeric }", "impute: { columns: numeric }")
        let edited = try place.sluice("run", "--locked", environment: environment)
        #expect(
            edited.status == 2 && edited.err.contains("stage 'features' is not as it was locked"),
            "\(edited.err)")
    }

    /// Paths are cut by bytes; metrics may be called like the lock's own facts.
    @Test func aProjectBelowAnyFolderAndMetricsOfAnyNameAreFine() throws {
        let place = try Workplace()
        try place.write("josé/数据/sluice.yaml", "default: pipelines/p.yaml\n")
        try place.write(
            "josé/数据/pipelines/p.yaml",
            """
            stages:
              m:
                run: cp ${in.x} ${out.m}
                in: { x: { file: données/m.json } }
                out: { m: { metrics: m.json } }

            """)
        try place.write("josé/数据/pipelines/données/m.json", #"{"size": 0.5, "schema": 1, "sha256": 2}"#)
        let folder = place.folder + "/josé/数据"
        let first = try place.run("-C", folder)
        #expect(first.result.status == 0 && first.counts.ran == 1, "\(first.result)")
        #expect(try place.read("josé/数据/pipelines/p.lock").contains("\"metric.size\": 0.5"))
        #expect(try place.sluice("run", "--locked", "-C", folder).status == 0)
        #expect(try place.run("-C", folder).counts == .init(hits: 1, ran: 0))
    }

    @Test func aProjectStageWithATableRunsAgainOverItsOwnTable() throws {
        let place = try Workplace(
            """
            stages:
              t:
                run: cp x.csv ./gen/out.csv
                workdir: project
                in: { x: { file: x.csv } }
                out: { t: { table: ./gen/out.csv } }

            """)
        for rows in ["a,b\n1,2\n", "a,b\n3,4\n", "a,b\n1,2\n", "a,b\n5,6\n"] {
            try place.write("x.csv", rows)
            let run = try place.sluice("run")
            #expect(run.status == 0, "\(run.err)")
        }
        #expect(try place.read("gen/out.csv") == "a,b\n5,6\n")
    }

    @Test func aFailedGateLeavesTheLockAsItWas() throws {
        let place = try Workplace(
            """
            stages:
              score:
                run: cp ${in.x} ${out.m}
                in: { x: { file: m.json } }
                out: { m: { metrics: m.json, gates: { auc: ">= 0.7" } } }

            """)
        try place.write("m.json", #"{"auc": 0.8}"#)
        #expect(try place.sluice("run").status == 0)
        let lock = try place.read("p.lock")
        try place.write("m.json", #"{"auc": 0.6}"#)
        #expect(try place.sluice("run").status == 1)
        #expect(try place.read("p.lock") == lock)
    }

    @Test func runsOfOtherStagesAtOnceBothStandInTheLock() throws {
        let place = try Workplace(
            """
            stages:
              a: { run: "sleep 0.4; echo a > ${out.o}", out: { o: o } }
              b: { run: "sleep 0.4; echo b > ${out.o}", out: { o: o } }

            """)
        let (a, b) = (try place.start("run", "a"), try place.start("run", "b"))
        #expect(try a.wait().status == 0)
        #expect(try b.wait().status == 0)
        let lock = try place.read("p.lock")
        #expect(lock.contains("\n  a:\n") && lock.contains("\n  b:\n"), "\(lock)")
    }
}
