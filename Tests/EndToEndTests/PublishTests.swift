import Glibc
import Platform
import Testing

/// Where outputs are put for people, and the stores they come from.
@Suite struct PublishTests {
    static let pipeline = """
        params: { to: a }
        stages:
          files:
            run: |
              mkdir ${out.d}
              for name in 1 2 3 4 5 6 7 8 9; do cp ${in.text} ${out.d}/$name; echo ${params.to} >> ${out.d}/$name; done
            in: { text: { file: text.txt } }
            out: { d: { dir: d } }
            publish: { d: out/d }
          made:
            run: mkdir -p gen; cat ${in.d}/1 > ${out.o}
            in: { d: files }
            out: { o: gen/made.txt }
            workdir: project

        """

    private func workplace() throws -> Workplace {
        let place = try Workplace(Self.pipeline)
        try place.write("text.txt", "one\n")
        return place
    }

    /// Whoever looks sees all files of one run or all of the other.
    @Test func aFolderIsPublishedAtOnce() throws {
        let place = try workplace()
        #expect(try place.sluice("run").status == 0)
        let watch = """
            while ! test -e stop; do
              cd out/d || echo absent
              cat * 2>/dev/null | grep -v one | sort -u | tr '\\n' ' '; echo
              cd ../..
            done | sort -u > seen
            """
        let watcher = try Watcher(watch, in: place.folder)
        for to in ["b", "c", "d", "e"] {
            try place.edit("p.yaml", "{ to: ", "{ to: \(to)")
            #expect(try place.sluice("run").status == 0)
        }
        try place.write("stop", "")
        watcher.wait()
        let seen = Set(
            try place.read("seen").split(separator: "\n").map { $0.split(separator: " ").joined() })
        #expect(!seen.contains("absent") && !seen.contains(""), "\(seen)")
        #expect(seen.isSubset(of: ["a", "ba", "cba", "dcba", "edcba"]), "\(seen)")
        #expect(try Files.list(place.folder + "/out") == ["d"])
    }

    @Test func aCommandThatFailsAndTakesItsFolderAwayLosesNobodysFile() throws {
        let place = try workplace()
        #expect(try place.sluice("run").status == 0)
        let made = try place.read("gen/made.txt")
        try place.edit("p.yaml", "mkdir -p gen; cat", "rm -rf gen; false; cat")
        #expect(try place.sluice("run").status == 1)
        #expect(try place.read("gen/made.txt") == made)
        // Where it cannot come back it waits, and that is said.
        try place.edit("p.yaml", "rm -rf gen; false", "rm -rf gen; touch gen; false")
        let result = try place.sluice("run")
        #expect(
            result.status == 1 && result.err.contains("gen/made.txt' could not be put back"), "\(result)")
        try place.shell("rm gen")
        try place.edit("p.yaml", "touch gen; false", "false")
        #expect(try place.sluice("run").status == 1)
        #expect(try place.read("gen/made.txt") == made)
    }

    @Test func aLockOfANewerVersionThatCameDuringARunStays() throws {
        let place = try Workplace(
            """
            stages:
              pull: { run: "echo 'lock: 99' > p.lock; echo a > ${out.o}", workdir: project, out: { o: o.txt } }

            """)
        #expect(try place.sluice("run").status == 0)
        #expect(try place.read("p.lock") == "lock: 99\n")
    }

    @Test func whatWasEditedByHandIsRefused() throws {
        let place = try workplace()
        #expect(try place.sluice("run").status == 0)
        let before = try place.people()
        // A folder: a file more, a file less, other bytes.
        for change in [
            "echo x > out/d/more", "rm out/d/3", "echo x >> out/d/2", "rm -r out/d; echo x > out/d",
        ] {
            try place.shell(change)
            let refused = try place.sluice("run", "-k")
            #expect(refused.status == 1, "\(refused)")
            #expect(
                refused.err.contains("error: 'out/d' was edited by hand since it was last published\n")
                    && refused.err.contains("  fix: move it away, or run with --overwrite\n"),
                "\(refused.err)")
            #expect(try place.sluice("run", "--overwrite").status == 0)
            #expect(try place.people() == before, "\(change)")
        }
        // A project stage's output, whether it would run or is a hit.
        for to in ["a", "b"] {
            try place.write("gen/made.txt", "by hand\n")
            if to == "b" { try place.edit("p.yaml", "to: a", "to: b") }
            let refused = try place.sluice("run")
            #expect(refused.status == 1, "\(refused)")
            #expect(refused.err.contains("error: 'gen/made.txt' was edited by hand"), "\(refused.err)")
            #expect(try place.read("gen/made.txt") == "by hand\n")
            #expect(try place.sluice("run", "--overwrite").status == 0)
            #expect(try place.read("gen/made.txt") == "one\n\(to)\n")
        }
    }

    /// Even where it is what another run had put there before.
    @Test func whatWasPutBackByHandIsRefused() throws {
        let place = try workplace()
        #expect(try place.sluice("run").status == 0)
        try place.shell("cp -r out/d old; cp gen/made.txt old.txt")
        try place.edit("p.yaml", "to: a", "to: b")
        #expect(try place.sluice("run").status == 0)
        try place.shell("rm -r out/d; cp -r old out/d; cp old.txt gen/made.txt")
        try place.edit("p.yaml", "to: b", "to: c")
        let refused = try place.sluice("run", "-k")
        #expect(
            refused.status == 1 && refused.err.contains("error: 'out/d' was edited by hand"), "\(refused)")
        #expect(try place.read("out/d/1") == "one\na\n")
        try place.shell("rm -r out/d")
        let made = try place.sluice("run")
        #expect(made.status == 1 && made.err.contains("error: 'gen/made.txt' was edited by hand"), "\(made)")
        #expect(try place.read("gen/made.txt") == "one\na\n")
        // As it was put there last, it may be replaced.
        try place.write("gen/made.txt", "one\nb\n")
        #expect(try place.sluice("run").status == 0)
        #expect(try place.read("gen/made.txt") == "one\nc\n")
    }

    @Test func aProjectStageThatFailsGivesBackWhatWasThere() throws {
        let place = try workplace()
        #expect(try place.sluice("run").status == 0)
        try place.edit("p.yaml", "cat ${in.d}/1 > ${out.o}", "echo half > ${out.o}; exit 1")
        #expect(try place.sluice("run").status == 1)
        #expect(try place.read("gen/made.txt") == "one\na\n")
        #expect(try Files.list(place.folder + "/.sluice/intents").isEmpty)
        // One output is there when the other is found missing.
        try place.edit("p.yaml", "echo half > ${out.o}; exit 1", "echo half > ${out.o}")
        try place.edit("p.yaml", "out: { o: gen/made.txt }", "out: { o: gen/made.txt, z: gen/z.txt }")
        #expect(try place.sluice("run").status == 1)
        #expect(try place.read("gen/made.txt") == "one\na\n")
        // And what came back is still ours.
        try place.edit("p.yaml", "echo half > ${out.o}", "echo whole > ${out.o}; echo z > ${out.z}")
        let result = try place.sluice("run")
        #expect(result.status == 0, "\(result)")
        #expect(try place.read("gen/made.txt") == "whole\n")
    }

    /// Another file system, where nothing can be renamed to the project.
    @Test(arguments: ["moved", "/dev/shm/"]) func aStoreCanLieElsewhere(_ given: String) throws {
        let place = try workplace()
        let store = given.hasPrefix("/") ? given + place.folder.split(separator: "/").last! : given
        defer { try? Files.remove(store.hasPrefix("/") ? store : place.folder + "/" + store) }
        let here = ["SLUICE_STORE": store]
        #expect(try place.sluice("run", environment: here).status == 0)
        #expect(!place.exists(".sluice/cas"))
        try place.edit("p.yaml", "to: a", "to: b")
        let again = try place.sluice("run", environment: here)
        #expect(again.status == 0, "\(again)")
        #expect(try place.read("gen/made.txt") == "one\nb\n")
        #expect(try place.read("out/d/9") == "one\nb\n")
        #expect(try Files.list(place.folder + "/out") == ["d"])
        #expect(try Files.list(place.folder + "/gen") == ["made.txt"])
        let hits = try place.sluice("run", "-v", environment: here)
        #expect(hits.err.contains("2 stages: 2 hits in "), "\(hits)")
    }

    @Test func checkoutsOfOneRepositoryShareAStore() throws {
        let place = try workplace()
        try place.write(".gitignore", ".sluice\nother\n")
        let git = "git -c user.name=t -c user.email=t@t -c init.defaultBranch=main"
        let made = try place.shell(
            "\(git) init -q && git add -A && \(git) commit -qm 1 && git worktree add -q other -b other")
        try #require(made.status == 0, "\(made.text)")
        #expect(try place.sluice("run").status == 0)
        let other = try place.shell("$SLUICE run -v -C other")
        #expect(other.status == 0 && other.text.contains("2 stages: 2 hits in "), "\(other.text)")
        #expect(try place.read("other/gen/made.txt") == "one\na\n")
        #expect(try place.read("other/p.lock") == place.read("p.lock"))
        // What each has published is its own affair.
        #expect(!place.exists("other/.sluice/cas") && place.exists("other/.sluice/published"))
        try place.write("other/out/d/1", "by hand\n")
        #expect(try place.sluice("run").status == 0)
        #expect(try place.shell("$SLUICE run -C other").status == 1)
    }
}

/// A shell that goes on beside a test.
private final class Watcher {
    private var pid: pid_t = 0

    init(_ script: String, in folder: String) throws {
        let line = "PATH=/usr/local/bin:/usr/bin:/bin; cd '\(folder)'; \(script)"
        let words: [String] = ["sh", "-c", line]
        var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for pointer in argv { free(pointer) } }
        var none: [UnsafeMutablePointer<CChar>?] = [nil]
        let code = posix_spawn(&pid, "/bin/sh", nil, nil, &argv, &none)
        try #require(code == 0)
    }

    func wait() {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    }
}
