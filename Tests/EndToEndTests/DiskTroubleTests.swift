import ContentStore
import Glibc
import Platform
import Testing

/// Disks that are full, read-only or lie: a clear error or a repair by running
/// again, never a wrong result.
@Suite struct DiskTroubleTests {
    static let pipeline = """
        stages:
          copy:
            run: cat ${in.text} > ${out.o}
            in: { text: { file: text.txt } }
            out: { o: copy.txt }
          files:
            run: mkdir ${out.d}; cp ${in.copy} ${out.d}/a; echo b > ${out.d}/b
            in: { copy: copy }
            out: { d: { dir: d } }
            publish: { d: out/d }
          use:
            run: cat ${in.copy} ${in.d}/b > ${out.o}; echo ${params.end} >> ${out.o}
            in: { copy: copy, d: files }
            out: { o: use.txt }
            publish: { o: out/use.txt }
        params: { end: x }

        """

    private func workplace() throws -> Workplace {
        let place = try Workplace(Self.pipeline)
        try place.write("text.txt", "one\ntwo\n")
        return place
    }

    // MARK: Blobs

    /// A flipped bit, read by a command: the stage fails, the blob goes, and
    /// the next run makes it anew.
    @Test func aFlippedBitNeverReachesAResult() throws {
        let place = try workplace()
        _ = try place.run()
        let before = try place.read("out/use.txt")
        let blob = try place.blob("one\ntwo\n")
        try place.flip(blob)
        try place.edit("p.yaml", "end: x", "end: y")
        let failed = try place.sluice("run")
        #expect(failed.status == 1)
        #expect(failed.err.contains(" is damaged or missing\n"), "\(failed.err)")
        #expect(failed.err.contains("  fix: run again: what gave it makes it anew\n"), "\(failed.err)")
        #expect(try place.read("out/use.txt") == before)
        #expect(try place.run().ran == ["copy", "use"])
        #expect(try place.read("out/use.txt") == "one\ntwo\nb\ny\n")
        #expect(try place.sluice("store", "verify").status == 0)
    }

    @Test func aFlippedBitIsNotPublished() throws {
        let place = try workplace()
        _ = try place.run()
        try place.flip(try place.blob("one\ntwo\nb\nx\n"), bit: 5)
        try Files.remove(place.folder + "/out")
        let failed = try place.sluice("run")
        #expect(failed.status == 1 && failed.err.contains(" is damaged or missing\n"), "\(failed)")
        #expect(!place.exists("out/use.txt"))
        #expect(try place.run().ran == ["use"])
        #expect(try place.read("out/use.txt") == "one\ntwo\nb\nx\n")
        #expect(try place.people().keys.allSatisfy { !$0.contains("tmp") })
    }

    /// A built-in reads blobs where they lie.
    @Test func aFlippedBitIsSeenByABuiltInStage() throws {
        let place = try Workplace(
            """
            stages:
              rows: { uses: collect.csv, with: { path: rows.csv } }
              parts: { uses: split.rows, in: rows, with: { test: 0.5, seed: 1 } }
              show: { run: "cat ${in.t} > ${out.o}", in: { t: { from: rows, as: csv } }, out: { o: o }, publish: { o: o.csv } }

            """)
        try place.write("rows.csv", "id,value\n" + (0..<50).map { "\($0),\($0 * $0)\n" }.joined())
        _ = try place.run()
        let good = try place.read("o.csv")
        for edit in [("seed: 1", "seed: 2", "parts"), ("cat ${in.t}", "cat < ${in.t}", "show")] {
            let block = try place.read("p.lock").components(separatedBy: "  rows:\n")[1]
            let hex = block.components(separatedBy: "table:\n        sha256: ")[1].prefix(64)
            try place.flip(".sluice/cas/\(hex.prefix(2))/\(hex.dropFirst(2))")
            try place.edit("p.yaml", edit.0, edit.1)
            let failed = try place.sluice("run", edit.2)
            #expect(failed.status == 1 && failed.err.contains(" is damaged or missing\n"), "\(failed)")
            let again = try place.run()
            #expect(again.result.status == 0, "\(again.result)")
            #expect(try place.read("o.csv") == good)
        }
    }

    @Test func verifyFindsEveryFlippedBitAndARunRepairs() throws {
        let place = try workplace()
        _ = try place.run()
        let expected = try place.people()
        let store = try BlobStore(root: place.folder + "/.sluice")
        let blobs = try store.blobs()
        for blob in blobs {
            let path = String(store.path(of: blob.digest).dropFirst(place.folder.count + 1))
            try place.flip(path, byte: Int(blob.size) - 1, bit: Int(blob.size) % 8)
        }
        let verdict = try place.sluice("store", "verify")
        #expect(verdict.status == 1)
        #expect(verdict.out == blobs.map { "damaged: \($0.digest.hex)\n" }.joined(), "\(verdict)")
        try Files.remove(place.folder + "/out")
        let again = try place.run()
        #expect(again.result.status == 0, "\(again.result)")
        #expect(try place.people() == expected)
        #expect(try place.sluice("store", "verify").status == 0)
    }

    @Test func aRemovedBlobIsMadeAnew() throws {
        let place = try workplace()
        _ = try place.run()
        for text in ["one\ntwo\n", "b\n", "one\ntwo\nb\nx\n"] {
            try Files.remove(place.folder + "/" + place.blob(text))
            #expect(try place.sluice("run").status == 0)
            #expect(try place.run().counts == .init(hits: 3, ran: 0), "\(text)")
        }
    }

    // MARK: What Sluice keeps of its own

    @Test func aTornOrDamagedIndexLosesItsRecordsOnly() throws {
        let place = try workplace()
        _ = try place.run()
        let expected = try place.people()
        let index = place.folder + "/.sluice/actions"
        let whole = try Files.read(index)
        for cut in stride(from: 0, through: whole.count, by: max(1, whole.count / 7)) {
            try Files.remove(place.folder + "/p.lock")
            try Files.write(whole[..<cut], to: index)
            let run = try place.run()
            #expect(run.result.status == 0 && run.counts.hits + run.counts.ran == 3, "\(run.result)")
            #expect(try place.people() == expected)
            try Files.remove(place.folder + "/p.lock")
            #expect(try place.run().counts == .init(hits: 3, ran: 0), "cut at \(cut)")
        }
        for step in 0..<7 {
            try Files.remove(place.folder + "/p.lock")
            try Files.write(whole, to: index)
            try place.flip(".sluice/actions", byte: step * (whole.count - 1) / 6, bit: step)
            let run = try place.run()
            #expect(run.result.status == 0 && run.counts.ran <= 1, "\(run.result)")
            #expect(try place.people() == expected)
        }
    }

    @Test func aDamagedCacheSnapshotOrMemoryIsNoCache() throws {
        let place = try workplace()
        _ = try place.run()
        // Files and folders the second run may answer from.
        for _ in 0..<3 {
            usleep(20_000)
            #expect(try place.sluice("run").status == 0)
        }
        let expected = try place.people()
        var damaged = 0
        for folder in ["", "snapshots", "memory"] {
            for name in (try? Files.list(place.folder + "/.sluice/" + folder)) ?? [] {
                let path = ".sluice/" + (folder.isEmpty ? name : folder + "/" + name)
                guard try Files.status(place.folder + "/" + path)?.kind == .file, name != "actions" else {
                    continue
                }
                let whole = try Files.read(place.folder + "/" + path)
                guard !whole.isEmpty else { continue }
                for cut in [0, whole.count / 2, whole.count - 1] {
                    try Files.write(whole[..<cut], to: place.folder + "/" + path)
                    let result = try place.sluice("run")
                    // A published state that is lost makes no file a stranger: it holds what it should.
                    #expect(
                        result.status == 0 && result.err.contains("3 stages: 3 hits in "),
                        "\(path): \(result)")
                }
                try Files.write(whole, to: place.folder + "/" + path)
                try place.flip(path)
                let result = try place.sluice("run")
                #expect(
                    result.status == 0 && result.err.contains("3 stages: 3 hits in "), "\(path): \(result)")
                damaged += 1
            }
        }
        #expect(damaged >= 3, "\(damaged)")
        #expect(try place.people() == expected)
    }

    @Test func aRunCuresALockInConflict() throws {
        let place = try workplace()
        _ = try place.run()
        let lock = try place.read("p.lock")
        let lines = lock.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let at = try #require(lines.firstIndex { $0.contains("sha256:") })
        var torn = lines
        torn.replaceSubrange(
            at...at,
            with: [
                "<<<<<<< ours", lines[at], "=======",
                String(lines[at].dropLast(4)) + "0000", ">>>>>>> theirs",
            ])
        for text in [torn.joined(separator: "\n"), String(lock.prefix(lock.count / 2)), "", "{{{\n"] {
            try place.write("p.lock", text)
            let run = try place.run()
            #expect(run.result.status == 0, "\(run.result)")
            #expect(try place.read("p.lock") == lock, "\(text)")
        }
    }

    // MARK: Inputs that are written to

    @Test func aStageThatWritesIntoItsInputHarmsNothing() throws {
        let place = try workplace()
        try place.edit(
            "p.yaml", "run: cat ${in.copy} ${in.d}/b",
            "run: echo spoilt >> ${in.copy}; cat ${in.copy} ${in.d}/b")
        #expect(try place.sluice("run").status == 0)
        #expect(try place.read("out/use.txt") == "one\ntwo\nspoilt\nb\nx\n")
        #expect(try place.read("text.txt") == "one\ntwo\n")
        #expect(try place.sluice("store", "verify").status == 0)
        // With links it is the store's own file.
        try place.edit(
            "p.yaml", "    in: { copy: copy, d: files }\n",
            "    in: { copy: copy, d: files }\n    inputs: link\n")
        try place.edit(
            "p.yaml", "run: echo spoilt >> ${in.copy}", "run: chmod u+w ${in.copy}; echo spoilt >> ${in.copy}"
        )
        let failed = try place.sluice("run")
        #expect(failed.status == 1)
        #expect(
            failed.err.contains("error: stage 'use' wrote into its input 'in/copy/copy.txt'\n")
                && failed.err.contains(
                    "  fix: let it write to its outputs only, or leave out 'inputs: link' to give it copies\n"
                ),
            "\(failed.err)")
        #expect(try place.sluice("store", "verify").status == 0)
        try place.edit("p.yaml", "    inputs: link\n", "")
        #expect(try place.sluice("run").status == 0)
        #expect(try place.read("out/use.txt") == "one\ntwo\nspoilt\nb\nx\n")
    }

    @Test func aSourceThatChangesWhileItIsReadIsReadOnceMore() throws {
        let place = try Workplace(
            """
            stages:
              slow:
                run: |
                  echo begun >> "$MARKS"
                  while test -e "$MARKS.hold"; do sleep 0.01; done
                  cat ${in.text} > ${out.o}
                pass: [MARKS]
                in: { text: { file: text.txt } }
                out: { o: o }
                publish: { o: out.txt }

            """)
        let marks = place.folder + ".marks"
        defer {
            unlink(marks)
            unlink(marks + ".hold")
        }
        func begun() -> Int { ((try? Files.read(marks)) ?? []).count(where: { $0 == UInt8(ascii: "\n") }) }
        /// Runs while the source is edited in each of the first executions.
        func run(edits: Int) throws -> Workplace.Result {
            unlink(marks)
            try Files.write([0], to: marks + ".hold")
            let child = try place.start("run", environment: ["MARKS": marks])
            for edit in 0..<edits {
                #expect(holds(within: 20) { begun() == edit + 1 })
                try place.write("text.txt", "edit \(edits).\(edit)\n")
                // Released for this execution alone, where there are more.
                unlink(marks + ".hold")
                if edit + 1 < edits {
                    #expect(holds(within: 20) { begun() == edit + 2 || begun() == edit + 1 })
                }
                if edit + 1 < edits { try Files.write([0], to: marks + ".hold") }
            }
            return try child.wait()
        }
        try place.write("text.txt", "first\n")
        let once = try run(edits: 1)
        #expect(once.status == 0 && begun() == 2, "\(once)")
        #expect(
            once.err.contains("warning: 'text.txt' changed while being read; reading it once more\n"),
            "\(once.err)")
        #expect(try place.read("out.txt") == "edit 1.0\n")
        // One that is written to all the time is given up.
        try place.edit(
            "p.yaml", "cat ${in.text} > ${out.o}",
            "echo more >> \"$ROOT/text.txt\"; cat ${in.text} > ${out.o}")
        try place.edit("p.yaml", "pass: [MARKS]", "pass: [MARKS, ROOT]")
        let given = try place.start("run", environment: ["MARKS": marks, "ROOT": place.folder]).wait()
        #expect(given.status == 1, "\(given)")
        #expect(
            given.err.contains("error: 'text.txt' changed while being read\n")
                && given.err.contains("  fix: run again when nothing writes to it\n"), "\(given.err)")
        #expect(try place.read("out.txt") == "edit 1.0\n")
    }

    // MARK: Disks

    private static let canMount: Bool = {
        (try? Subprocess.output(of: ["unshare", "-rm", "sh", "-c", "mount -t tmpfs none /mnt"])) != nil
    }()

    @Test(.enabled(if: canMount, "no user and mount namespaces here"))
    func aFullDiskIsAnErrorAndNothingIsTorn() throws {
        let place = try workplace()
        try place.edit("p.yaml", "echo b > ${out.d}/b", "head -c 3000000 /dev/zero > ${out.d}/b")
        try Files.makeDirectories(place.folder + "/disk")
        // Sizes at which another thing is the first that does not fit.
        for size in ["64k", "300k", "2m", "3100k", "4m", "6200k"] {
            let result = try place.shell(
                """
                unshare -rm sh -c 'mount -t tmpfs -o size=\(size) none disk &&
                  export SLUICE_STORE=disk/store
                  $0 run; first=$?
                  mount -o remount,size=64m disk && $0 run && $0 store verify; echo "exits $first $?"' "$SLUICE"
                """)
            let last = result.text.split(separator: "\n").last ?? ""
            #expect(last == "exits 1 0" || last == "exits 0 0", "\(size): \(result.text)")
            if last == "exits 1 0" {
                #expect(
                    result.text.contains(": No space left on device")
                        || result.text.contains("B left where "), "\(size): \(result.text)")
            }
            #expect(try Files.read(place.folder + "/out/use.txt").count == 3_000_000 + 8 + 2, "\(size)")
            try Files.remove(place.folder + "/out")
            try Files.remove(place.folder + "/p.lock")
        }
    }

    @Test(.enabled(if: canMount, "no user and mount namespaces here"), arguments: ["flock", "lease"])
    func aReadOnlyStoreServesHitsAndRefusesWork(_ locks: String) throws {
        let place = try workplace()
        place.environment["SLUICE_LOCKS"] = locks
        let store = ["SLUICE_STORE": "shared"]
        #expect(try place.sluice("run", environment: store).status == 0)
        func readOnly(_ line: String) throws -> (status: Int32, text: String) {
            try place.shell(
                "unshare -rm sh -c 'mount --bind shared shared && mount -o remount,bind,ro shared && "
                    + "export SLUICE_LOCKS=\(locks) SLUICE_STORE=shared && \(line)' \"$SLUICE\"")
        }
        try Files.remove(place.folder + "/out")
        let hits = try readOnly("$0 run -v")
        #expect(hits.status == 0 && hits.text.contains("3 stages: 3 hits"), "\(hits)")
        #expect(try place.read("out/use.txt") == "one\ntwo\nb\nx\n")
        try place.edit("p.yaml", "end: x", "end: y")
        let refused = try readOnly("$0 run")
        #expect(refused.status == 1 && refused.text.contains("Read-only file system"), "\(refused)")
        #expect(try place.read("out/use.txt") == "one\ntwo\nb\nx\n")
        #expect(try place.sluice("run", environment: store).status == 0)
        #expect(try place.read("out/use.txt") == "one\ntwo\nb\ny\n")
    }
}
