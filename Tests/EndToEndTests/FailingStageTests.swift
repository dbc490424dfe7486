import CanonicalJSON
import Glibc
import Platform
import Testing

/// Stages that do not end well: what is said, what stands, what goes on.
@Suite struct FailingStageTests {
    /// A pipeline whose stage `bad` fails beside one that is fine, run with `-k`.
    private func fails(
        _ stage: String, _ arguments: String..., environment: [String: String] = [:]
    ) throws -> (place: Workplace, message: String) {
        let place = try Workplace(
            "stages:\n  bad:\n"
                + stage.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }
                .joined()
                    + """
                      below: { run: "cp ${in.x} ${out.o}", in: { x: bad }, out: { o: o } }
                      fine: { run: "echo fine > ${out.o}", out: { o: o }, publish: { o: fine.txt } }

                    """)
        let result = try place.start("run", "-k", "--quiet", environment: environment).wait()
        #expect(result.status == 1, "\(result)")
        #expect(try place.read("fine.txt") == "fine\n")
        #expect(place.processes.isEmpty)
        // Nothing of it is kept but its log: the next run tries again.
        let lock = try place.read("p.lock")
        #expect(lock.contains("fine:") && !lock.contains("bad:"), "\(lock)")
        #expect(try Files.list(place.folder + "/.sluice/tmp").isEmpty)
        return (place, result.err)
    }

    @Test func anExitCode() throws {
        let (place, message) = try fails("run: \"seq 1 12; echo gone >&2; exit 3\"\nout: { o: o }")
        #expect(
            message == """
                p.yaml:2:3: error: stage 'bad' failed: exit code 3
                  bad:
                  ^~~
                  log: 4
                       5
                       6
                       7
                       8
                       9
                       10
                       11
                       12
                       gone

                """, "\(message)")
        let log = try place.sluice("log", "bad")
        #expect(log.out == (1...12).map { "\($0)\n" }.joined() + "gone\n", "\(log)")
    }

    @Test func aSignal() throws {
        let (_, message) = try fails("run: \"echo before; kill -SEGV $$\"\nout: { o: o }")
        #expect(
            message == """
                p.yaml:2:3: error: stage 'bad' was killed by signal 11 (SIGSEGV)
                  bad:
                  ^~~
                  log: before

                """, "\(message)")
    }

    @Test func aTimeout() throws {
        let (_, message) = try fails("run: \"echo waiting; sleep 100\"\ntimeout: 0.2s\nout: { o: o }")
        #expect(
            message == """
                p.yaml:2:3: error: stage 'bad' was stopped: it ran longer than its timeout of 0.2 s
                  bad:
                  ^~~
                  log: waiting
                  fix: give it more time with 'timeout:', or find out what it waits for

                """, "\(message)")
    }

    @Test func tooMuchMemory() throws {
        let (_, message) = try fails(
            "run: \"head -c 400000000 /dev/zero | tail -c 400000000 > ${out.o}\"\nshell: bash\nresources: { memory: 64MiB }\nout: { o: o }"
        )
        #expect(
            message.hasPrefix("p.yaml:2:3: error: stage 'bad' was stopped: it used ")
                && message.contains(" of memory, its limit is 64 MiB\n"), "\(message)")
    }

    @Test func noOutput() throws {
        let (_, message) = try fails("run: \"echo done > other\"\nout: { o: made/o.txt }")
        #expect(
            message == """
                p.yaml:2:3: error: stage 'bad' did not write its output 'o', 'made/o.txt'
                  bad:
                  ^~~
                  fix: write it to "$SLUICE_OUT_O", or correct the path under 'out:'

                """, "\(message)")
    }

    @Test(arguments: [
        ("mkdir ${out.o}", "{ o: o }", "a file"), ("echo 1 > ${out.o}", "{ o: { dir: o } }", "a folder"),
        ("ln -s /etc/passwd ${out.o}", "{ o: o }", "a file"), ("mkfifo ${out.o}", "{ o: o }", "a file"),
    ])
    func anotherKindOfOutput(_ command: String, _ out: String, _ expected: String) throws {
        let (_, message) = try fails("run: \"\(command)\"\nout: \(out)")
        #expect(
            message.hasPrefix("p.yaml:2:3: error: output 'o' of stage 'bad' is not \(expected)\n"),
            "\(message)")
        #expect(message.hasSuffix("  path: o\n"), "\(message)")
    }

    @Test func aFolderThatLeadsOut() throws {
        let (_, message) = try fails(
            "run: \"mkdir ${out.o}; ln -s /etc/passwd ${out.o}/link\"\nout: { o: { dir: o } }")
        #expect(
            message == """
                p.yaml:2:3: error: the symlink 'o/link' leads out of its folder, to '/etc/passwd'
                  bad:
                  ^~~
                  fix: put the file itself in its place

                """, "\(message)")
    }

    @Test(arguments: [
        ("[1]", "it is not an object"), (#"{\"a\": \"b\"}"#, "'a' is not a number"), ("{", ""),
        (#"{\"a\": NaN}"#, ""),
    ])
    func metricsThatAreNone(_ text: String, _ reason: String) throws {
        let (_, message) = try fails("run: \"echo '\(text)' > ${out.o}\"\nout: { o: { metrics: m.json } }")
        #expect(
            message.hasPrefix("p.yaml:2:3: error: 'm.json' of stage 'bad' is no metrics file: \(reason)"),
            "\(message)")
        #expect(
            message.hasSuffix("  expected: a JSON object of numbers, such as {\"accuracy\": 0.93}\n"),
            "\(message)")
    }

    @Test func aGigabyteOnStandardError() throws {
        let start = monotonicSeconds()
        let (place, message) = try fails(
            "run: \"head -c 1000000000 /dev/zero | tr '\\\\0' x >&2; echo; echo the end >&2; exit 1\"\nout: { o: o }"
        )
        #expect(monotonicSeconds() - start < 60)
        #expect(message.contains("error: stage 'bad' failed: exit code 1\n"), "\(message.suffix(200))")
        #expect(message.utf8.count < 20_000 && message.hasSuffix("the end\n"), "\(message.utf8.count)")
        let log = try place.sluice("log", "bad").out
        #expect((8 << 20..<9 << 20).contains(log.utf8.count), "\(log.utf8.count)")
    }

    @Test func aSecretThatIsPrinted() throws {
        let secret = "tops3cret-value"
        let (place, message) = try fails(
            "run: \"echo key $KEY key >&2; echo $KEY\"\nsecrets: [KEY]\nout: { o: o }",
            environment: ["KEY": secret])
        #expect(message.contains("key *** key") && !message.contains(secret), "\(message)")
        #expect(try place.shell("grep -rl \(secret) . ; true").text.isEmpty)
    }

    @Test func aChildLeftBehind() throws {
        let place = try Workplace(
            """
            stages:
              leaves: { run: "sleep 1000 & echo 1 > ${out.o}", out: { o: o }, publish: { o: o.txt } }

            """)
        let result = try place.sluice("run")
        #expect(result.status == 0, "\(result)")
        #expect(
            result.err.contains(
                """
                p.yaml:2:3: warning: stage 'leaves' left 1 process running, which was killed
                  leaves: { run: "sleep 1000 & echo 1 > ${out.o}", out: { o: o }, publish: { o: o.txt } }
                  ^~~~~~
                  fix: let it wait for what it starts

                """), "\(result.err)")
        #expect(place.processes.isEmpty)
        #expect(try place.read("o.txt") == "1\n")
    }

    @Test func retriesBeginInAnEmptyFolder() throws {
        let place = try Workplace(
            """
            stages:
              flaky:
                run: |
                  test ! -e leftover; touch leftover
                  echo try >> "$MARKS"
                  test "$(wc -l < "$MARKS")" -ge 3
                  echo made > ${out.o}
                pass: [MARKS]
                retries: 2
                out: { o: o }
                publish: { o: o.txt }

            """)
        let marks = place.folder + ".marks"
        defer { unlink(marks) }
        let result = try place.sluice("run", environment: ["MARKS": marks])
        #expect(result.status == 0, "\(result)")
        #expect(
            result.err.hasPrefix(
                """
                ↻ flaky  attempt 1 failed, trying again: stage 'flaky' failed: exit code 1
                ↻ flaky  attempt 2 failed, trying again: stage 'flaky' failed: exit code 1

                """), "\(result.err)")
        #expect(try place.read("o.txt") == "made\n")
        unlink(marks)
        let never = try Workplace("stages:\n  bad: { run: \"exit 4\", retries: 1, out: { o: o } }\n")
        let failed = try never.sluice("run")
        #expect(
            failed.status == 1 && failed.err.contains("error: stage 'bad' failed: exit code 4"), "\(failed)")
    }

    @Test func aSecretIsNowhereButInItsStage() throws {
        let secret = "tops3cret-value"
        let place = try Workplace(
            """
            stages:
              uses: { run: "echo key $KEY; echo 1 > ${out.o}", secrets: [KEY], out: { o: o }, publish: { o: o.txt } }

            """)
        #expect(try place.sluice("run", environment: ["KEY": secret]).status == 0)
        #expect(try place.sluice("log", "uses").out == "key ***\n")
        let found = try place.shell("grep -rl \(secret) . ; true").text
        #expect(found.isEmpty, "\(found)")
        // It is not keyed either.
        #expect(try place.run().counts == .init(hits: 1, ran: 0))
    }

    @Test func anInterruptKeepsWhatSucceeded() throws {
        let place = try Workplace(
            """
            stages:
              quick: { run: "echo 1 > ${out.o}", out: { o: o }, publish: { o: quick.txt } }
              slow:
                run: |
                  trap 'echo stopped >> "$MARKS"; exit 1' TERM
                  echo started >> "$MARKS"
                  while :; do sleep 0.01; done
                pass: [MARKS]
                in: { quick: quick }
                out: { o: o }
              last: { run: "cp ${in.x} ${out.o}", in: { x: slow }, out: { o: o } }

            """)
        let marks = place.folder + ".marks"
        defer { unlink(marks) }
        let child = try place.start("run", environment: ["MARKS": marks])
        #expect(holds(within: 20) { Files.exists(marks) })
        child.kill(SIGINT)
        let result = try child.wait()
        #expect(result.status == 130, "\(result)")
        #expect(try Files.read(marks) == Array("started\nstopped\n".utf8))
        #expect(
            result.err.contains("stopping: running stages may finish for 10 s; again to kill them\n"),
            "\(result)")
        // Nothing is wrong with it, so it has not failed.
        #expect(
            result.err.contains(
                """
                - slow   stopped: the run was interrupted

                """), "\(result)")
        #expect(result.err.contains("\n3 stages: 1 ran, 1 stopped, 1 skipped in "), "\(result)")
        #expect(!result.err.contains("error"), "\(result)")
        #expect(place.processes.isEmpty)
        let lock = try place.read("p.lock")
        #expect(lock.contains("quick:") && !lock.contains("slow:") && !lock.contains("last:"), "\(lock)")
        #expect(try place.sluice("status").out.contains("quick  hit"))
    }

    @Test func aStoppedStageIsSaidInJSON() throws {
        let place = try Workplace(
            """
            stages:
              slow: { run: "echo started > $MARKS; sleep 60", retries: 3, pass: [MARKS], out: { o: o } }

            """)
        let marks = place.folder + ".marks"
        defer { unlink(marks) }
        let child = try place.start("run", "--json", "--keep-failed", environment: ["MARKS": marks])
        #expect(holds(within: 20) { Files.exists(marks) })
        child.kill(SIGINT)
        let result = try child.wait()
        #expect(result.status == 130 && result.err == "", "\(result)")
        let events = try result.out.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        let ended = try #require(events.first { $0["event"] == "ended" })
        #expect(ended["result"] == "stopped")
        #expect(Files.exists(try #require(ended["folder"]?.string)))
        let summary = try #require(events.last)
        #expect(
            summary["stopped"] == 1 && summary["failed"] == 0 && summary["skipped"] == 0
                && summary["interrupted"] == true, "\(summary)")
        #expect(!events.contains { $0["event"] == "finding" })
    }

    @Test func aSecondInterruptKills() throws {
        let place = try Workplace(
            """
            stages:
              deaf:
                run: |
                  trap '' TERM INT
                  echo started >> "$MARKS"
                  while :; do sleep 0.01; done
                pass: [MARKS]
                out: { o: o }

            """)
        let marks = place.folder + ".marks"
        defer { unlink(marks) }
        let child = try place.start("run", environment: ["MARKS": marks])
        #expect(holds(within: 20) { Files.exists(marks) })
        child.kill(SIGINT)
        usleep(100_000)
        let start = monotonicSeconds()
        child.kill(SIGTERM)
        let result = try child.wait()
        #expect(result.status == 130 && monotonicSeconds() - start < 5, "\(result)")
        #expect(place.processes.isEmpty)
    }

    @Test func withoutKeepGoingNothingStartsAfterAFailure() throws {
        let place = try Workplace(
            """
            stages:
              bad: { run: "exit 1", out: { o: o } }
              a: { run: "echo 1 > ${out.o}", out: { o: o } }
              b: { run: "cp ${in.a} ${out.o}", in: { a: a }, out: { o: o } }

            """)
        let stopped = try place.run("-j", "1")
        #expect(stopped.counts == .init(hits: 0, ran: 0, failed: 1, skipped: 2) && stopped.result.status == 1)
        let going = try place.run("-j", "1", "-k")
        #expect(going.counts == .init(hits: 0, ran: 2, failed: 1) && going.result.status == 1)
    }

    @Test func theFolderOfAFailedStageCanBeKept() throws {
        let place = try Workplace(
            """
            stages:
              bad: { run: "echo half > part; exit 1", out: { o: o } }
              good: { run: "echo 1 > ${out.o}", out: { o: o } }

            """)
        let result = try place.sluice("run", "-k", "--keep-failed")
        #expect(result.status == 1)
        let line = try #require(
            result.err.split(separator: "\n").first { $0.hasPrefix("  folder: ") }, "\(result)")
        let folder = String(line.dropFirst("  folder: ".count))
        #expect(try Files.read(folder + "/part") == Array("half\n".utf8))
        // The other stage's is gone, and the next run leaves it alone.
        #expect(try Files.list(String(folder.dropLast(2))) == ["0"])
        #expect(try place.sluice("run", "-k").status == 1)
        #expect(Files.exists(folder + "/part"))
    }
}
