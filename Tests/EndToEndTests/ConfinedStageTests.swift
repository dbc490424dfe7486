import Glibc
import Platform
import Processes
import Testing

/// What a command stage can see: its inputs, and of the project nothing else.
@Suite struct ConfinedStageTests {
    /// A folder that only its owner writes to: below `/tmp` nothing is hidden.
    static let base: String = {
        let repository = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
        let home = getenv("HOME").map { String(cString: $0) }
        return [repository + "/.build", home, "/var/lib", "/srv"].compactMap { $0 }
            .first { access($0, W_OK) == 0 && Confinement.obstacle(hiding: $0) == nil } ?? "/tmp"
    }()
    static let canHide = Confinement.obstacle(hiding: base) == nil
    static let canBind = Confinement.canBind(in: base)

    private func workplace(_ stage: String, file: String = "p.yaml") throws -> Workplace {
        let place = try Workplace(in: Self.base)
        try place.write("data.csv", "a,b\n1,2\n")
        try place.write(file, "stages:\n  bad:\n    " + stage.replacing("ROOT", with: place.folder) + "\n")
        return place
    }

    // MARK: Reads

    @Test(.enabled(if: canHide, "files cannot be hidden on this kernel"))
    func anUndeclaredReadNamesThePathAndTheLineThatMendsIt() throws {
        let place = try workplace("{ run: \"cat 'ROOT/data.csv' > ${out.o}\", out: { o: o } }")
        let result = try place.sluice("run", "--quiet")
        #expect(
            result.err == """
                p.yaml:2:3: error: stage 'bad' failed: exit code 1
                  bad:
                  ^~~
                  log: cat: \(place.folder)/data.csv: Permission denied
                  reads: 'data.csv' lies in the project, but the stage does not declare it
                  fix: add 'in: { data: { file: data.csv } }' to the stage, and read it as ${in.data}

                """, "\(result.err)")
        #expect(result.status == 1)
        // As told.
        try place.edit("p.yaml", "'\(place.folder)/data.csv'", "${in.data}")
        try place.edit(
            "p.yaml", "out: { o: o }",
            "in: { data: { file: data.csv } }, out: { o: o }, publish: { o: o.csv }")
        #expect(try place.sluice("run").status == 0)
        #expect(try place.read("o.csv") == "a,b\n1,2\n")
    }

    @Test(.enabled(if: canHide, "files cannot be hidden on this kernel"))
    func aFixIsSaidAsThePipelineFileWouldSayIt() throws {
        let place = try workplace(
            "{ run: \"cat ROOT/data.csv\", in: { data: { file: near.txt } }, out: { o: o } }",
            file: "deep/p.yaml")
        try place.write("deep/near.txt", "x\n")
        let result = try place.sluice("run", "deep/p.yaml", "--quiet")
        #expect(
            result.err.contains(
                "  fix: add 'data2: { file: //data.csv }' to its 'in:', and read it as ${in.data2}\n"),
            "\(result.err)")
        // Declared, but read where it lies.
        try place.edit("deep/p.yaml", "data.csv", "deep/near.txt")
        let wrong = try place.sluice("run", "deep/p.yaml", "--quiet")
        #expect(wrong.err.contains("  fix: read 'near.txt' as ${in.data}\n"), "\(wrong.err)")
    }

    @Test(.enabled(if: canHide, "files cannot be hidden on this kernel"))
    func severalFilesOfAFolderAreDeclaredByTheFolder() throws {
        let place = try workplace("{ run: \"cat ROOT/lib/a.txt ROOT/lib/b.txt\", out: { o: o } }")
        try place.write("lib/a.txt", "a\n")
        try place.write("lib/b.txt", "b\n")
        let result = try place.sluice("run", "--quiet")
        #expect(
            result.err.contains(
                "  fix: add 'in: { lib: { dir: lib } }' to the stage, and read it as ${in.lib}\n"),
            "\(result.err)")
    }

    @Test func aPathThatYamlWouldMisreadIsQuoted() throws {
        let place = try workplace("{ run: \"cat 'a, b.txt'\", out: { o: o } }")
        try place.write("a, b.txt", "x\n")
        let result = try place.sluice("run", "--quiet")
        #expect(
            result.err.contains(
                "add 'in: { a__b: { file: 'a, b.txt' } }' to the stage, and read it as ${in.a__b}\n"),
            "\(result.err)")
    }

    @Test func aFileThatLiesBesideThePipelineIsNotInTheStagesFolder() throws {
        let place = try workplace("{ run: \"cat data.csv > ${out.o}\", out: { o: o } }")
        let result = try place.sluice("run", "--quiet")
        #expect(
            result.err.hasSuffix(
                """
                  log: cat: data.csv: No such file or directory
                  reads: 'data.csv' lies in the project, but the stage does not declare it
                  fix: add 'in: { data: { file: data.csv } }' to the stage, and read it as ${in.data}

                """), "\(result.err)")
    }

    @Test func aStageInTheProjectReadsIt() throws {
        let place = try workplace(
            "{ run: \"cat data.csv ROOT/data.csv > ${out.o}\", workdir: project, out: { o: o.csv } }")
        let result = try place.sluice("run")
        #expect(result.status == 0, "\(result)")
        #expect(try place.read("o.csv") == "a,b\n1,2\na,b\n1,2\n")
    }

    @Test func aProgramOfAnEnvironmentInTheProjectRuns() throws {
        let place = try workplace("{ run: \"tool > ${out.o}\", out: { o: o }, publish: { o: o.txt } }")
        try place.write("venv/lib/words", "from the environment\n")
        try place.write("venv/bin/tool", "#!/bin/sh\ncat \"${0%/*}/../lib/words\"\n")
        chmod(place.folder + "/venv/bin/tool", 0o755)
        let path = try #require(getenv("PATH").map { String(cString: $0) })
        let result = try place.start(
            "run", environment: ["PATH": "\(place.folder)/venv/bin:\(path)"]
        ).wait()
        #expect(result.status == 0, "\(result)")
        #expect(try place.read("o.txt") == "from the environment\n")
    }

    @Test func whatAStageMakesItselfIsReadWhereverTheStoreLies() throws {
        for store in [[:], ["SLUICE_STORE": "moved/store"]] {
            let place = try workplace(
                "{ run: \"echo 1 > $TMPDIR/a; mkdir -p d; mv $TMPDIR/a d/; f=$(mktemp); cat d/a ~/../d/a $f > ${out.o}\", out: { o: o }, publish: { o: o.txt } }"
            )
            let result = try place.start("run", environment: store).wait()
            #expect(result.status == 0, "\(result)")
            #expect(try place.read("o.txt") == "1\n1\n")
        }
    }

    // MARK: Large inputs

    /// A large source, and one made by a stage, alone and in a folder; `use`
    /// counts what is mounted and tries to write.
    private func large() throws -> Workplace {
        let place = try Workplace(
            """
            stages:
              make:
                run: "head -c 5000000 /dev/zero > ${out.file}; mkdir ${out.dir}; cp ${out.file} ${out.dir}/big; echo s > ${out.dir}/small"
                out: { file: made.bin, dir: { dir: made } }
              use:
                run: |
                  grep -c " $PWD/in/" /proc/self/mountinfo > ${out.mounts} || true
                  cat ${in.source} ${in.file} ${in.dir}/big ${in.dir}/small | sha256sum > ${out.sum}
                  for path in ${in.source} ${in.file} ${in.dir}/big; do
                    (echo x >> "$path") 2>/dev/null && echo wrote || echo refused
                  done > ${out.writes}
                in: { source: { file: big.csv }, file: make.file, dir: make.dir }
                out: { mounts: mounts, sum: sum, writes: writes }
                publish: { mounts: out/mounts, sum: out/sum, writes: out/writes }

            """, in: Self.base)
        try place.write("big.csv", String(repeating: "0123456789abcde\n", count: 100_000))
        return place
    }

    private func expected(_ place: Workplace) throws -> String {
        try place.shell("(cat big.csv; head -c 10000000 /dev/zero; echo s) | sha256sum").text + "\n"
    }

    @Test(.enabled(if: canBind, "no mount namespaces here"))
    func largeInputsAreBoundAndCannotBeWritten() throws {
        let place = try large()
        let result = try place.sluice("run")
        #expect(result.status == 0, "\(result)")
        #expect(try place.read("out/sum") == expected(place))
        let sharesBlocks = try place.shell("cp --reflink=always big.csv copy").status == 0
        #expect(try place.read("out/mounts") == (sharesBlocks ? "0\n" : "3\n"))
        #expect(
            try place.read("out/writes")
                == String(repeating: sharesBlocks ? "wrote\n" : "refused\n", count: 3))
        #expect(try place.sluice("store", "verify").status == 0)
        #expect(try Files.status(place.folder + "/big.csv")?.size == 1_600_000)
        #expect(try Files.list(place.folder + "/.sluice/tmp").isEmpty)
    }

    @Test(.enabled(if: canBind, "no mount namespaces here"))
    func whereNothingCanBeBoundInputsAreCopied() throws {
        let place = try large()
        let result = try place.shell(
            "unshare -r sh -c 'echo 0 > /proc/sys/user/max_mnt_namespaces && exec $0 run' \"$SLUICE\"")
        #expect(result.status == 0, "\(result)")
        #expect(try place.read("out/mounts") == "0\n")
        #expect(try place.read("out/sum") == expected(place))
        #expect(try place.read("out/writes") == "wrote\nwrote\nwrote\n")
        #expect(try place.sluice("store", "verify").status == 0)
        #expect(try Files.status(place.folder + "/big.csv")?.size == 1_600_000)
    }

    @Test func aKeptFolderHoldsItsInputsWhole() throws {
        let place = try large()
        try place.edit("p.yaml", "  done > ${out.writes}", "  done > ${out.writes}; exit 3")
        let result = try place.sluice("run", "--keep-failed", "--quiet")
        let line = try #require(
            result.err.split(separator: "\n").first { $0.hasPrefix("  folder: ") }, "\(result)")
        let folder = line.dropFirst("  folder: ".count)
        #expect(try Files.status(folder + "/in/file/made.bin")?.size == 5_000_002)
    }

    @Test(.enabled(if: canBind, "no mount namespaces here"))
    func aDamagedLargeBlobIsFoundBeforeItIsBound() throws {
        let place = try large()
        #expect(try place.sluice("run").status == 0)
        for folder in try Files.list(place.folder + "/.sluice/cas") {
            for name in try Files.list(place.folder + "/.sluice/cas/" + folder) {
                let path = ".sluice/cas/\(folder)/\(name)"
                if try Files.status(place.folder + "/" + path)?.size == 5_000_000 { try place.flip(path) }
            }
        }
        try place.edit("p.yaml", "cat ${in.source}", "cat  ${in.source}")
        let result = try place.sluice("run", "--quiet")
        #expect(result.status == 1 && result.err.contains("damaged"), "\(result)")
        #expect(try place.sluice("run").status == 0)
        #expect(try place.read("out/sum") == expected(place))
    }
}
