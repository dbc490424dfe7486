import CanonicalJSON
import ContentStore
import Glibc
import Platform
import Testing

/// `kill -9` at any moment, then a plain run: as if nothing had happened.
@Suite(.serialized) struct KillTests {
    /// Sixty stages: commands that read, transform and publish, some in the
    /// project's own folder, built-in ones, folders and tables. Each command
    /// notes its name in `$MARKS` first, which is not keyed.
    static let pipeline: String = {
        var text = """
            stages:
              rows:
                uses: collect.csv
                with: { path: rows.csv }
              parts:
                uses: split.rows
                in: rows
                with: { test: 0.25, seed: 3 }

            """
        func stage(
            _ name: String, _ run: String, in inputs: String, out: String, _ more: String = ""
        ) {
            text += """
                  \(name):
                    run: |
                      echo \(name) >> "$MARKS"
                      \(run)
                    pass: [MARKS]
                    in: { \(inputs) }
                    out: { \(out) }
                \(more.isEmpty ? "" : "    \(more)\n")
                """
        }
        for chain in 0..<9 {
            stage(
                "read\(chain)", "tr a-z A-Z < ${in.text} > ${out.o}; echo \(chain) >> ${out.o}",
                in: "text: { file: text.txt }", out: "o: text")
            stage(
                "table\(chain)",
                "{ echo id,twice; tail -n +2 ${in.rows} | awk -F, '{ print $1 \",\" 2 * $2 + \(chain) }'; } > ${out.t}",
                in: "rows: { from: parts.\(chain % 2 == 0 ? "train" : "test"), as: csv }",
                out: "t: { table: t.csv }", "shell: bash")
            stage(
                "files\(chain)",
                "mkdir -p ${out.d}/inner; cp ${in.text} ${out.d}/text; head -c 70000 /dev/zero > ${out.d}/inner/zero",
                in: "text: read\(chain)", out: "d: { dir: d }", "publish: { d: out/files\(chain) }")
            stage(
                "join\(chain)", "cat ${in.t} ${in.d}/text > ${out.o}",
                in: "t: { from: table\(chain), as: csv }, d: files\(chain)", out: "o: joined",
                "publish: { o: out/joined\(chain).txt }")
            stage(
                "make\(chain)", "{ cat ${in.o}; echo made; } > ${out.o}", in: "o: join\(chain)",
                out: "o: made/\(chain).txt", "workdir: project")
            stage(
                "count\(chain)", "printf '{\"lines\": %d}' \"$(wc -l < ${in.o})\" > ${out.m}",
                in: "o: make\(chain)", out: "m: { metrics: m.json }")
        }
        stage(
            "all", "cat ${in.m}/* > ${out.o}",
            in: "m: [\((0..<9).map { "make\($0)" }.joined(separator: ", "))]",
            out: "o: all", "publish: { o: out/all.txt }")
        for end in 0..<3 {
            stage(
                "end\(end)", "sort ${in.o} > ${out.o}; echo \(end) >> ${out.o}", in: "o: all", out: "o: end",
                "publish: { o: out/end\(end).txt }")
        }
        return text
    }()

    private func workplace(_ locks: String) throws -> (place: Workplace, marks: String) {
        let place = try Workplace(Self.pipeline)
        place.environment["SLUICE_LOCKS"] = locks
        try place.write("text.txt", "one\ntwo\nthree\n")
        let rows = (0..<200).map { "\($0),\($0 * 7 % 31)\n" }.joined()
        try place.write("rows.csv", "id,value\n" + rows)
        return (place, place.folder + ".marks")
    }

    /// How often each command was started.
    private func executions(_ marks: String) -> [String: Int] {
        let bytes = (try? Files.read(marks)) ?? []
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            .reduce(into: [:]) { $0[String($1), default: 0] += 1 }
    }

    @Test(arguments: ["flock", "lease"]) func aKilledRunIsTakenUpWhereItWas(_ locks: String) throws {
        let isNightly = getenv("SLUICE_NIGHTLY").map { String(cString: $0) } == "1"
        let seed = getenv("SLUICE_SEED").flatMap { UInt64(String(cString: $0)) } ?? .random(in: 0 ... .max)
        print("kill -9: SLUICE_SEED=\(seed)")
        var generator = SeededGenerator(state: seed)

        let (reference, marks) = try workplace(locks)
        defer { unlink(marks) }
        let start = monotonicSeconds()
        let whole = try reference.sluice("run", "--json", environment: ["MARKS": marks])
        let seconds = monotonicSeconds() - start
        try #require(whole.status == 0, "\(whole)")
        let once = executions(marks)
        #expect(once.count == 58 && once.values.allSatisfy { $0 == 1 }, "\(once)")
        let expected = try reference.people()

        for round in 0..<(isNightly ? 200 : locks == "flock" ? 8 : 4) {
            try killRound(
                round, locks, kills: 1 + Int.random(in: 0...1, using: &generator), within: seconds,
                expected: expected, &generator)
        }
    }

    private func killRound(
        _ round: Int, _ locks: String, kills: Int, within seconds: Double, expected: [String: String],
        _ generator: inout SeededGenerator
    ) throws {
        let (place, marks) = try workplace(locks)
        defer { unlink(marks) }
        for _ in 0..<kills {
            let moment = Double.random(in: 0..<seconds, using: &generator)
            let child = try place.start("run", "--json", environment: ["MARKS": marks])
            usleep(UInt32(moment * 1e6))
            child.kill(SIGKILL)
            let killed = try child.wait()
            #expect(killed.status == -SIGKILL || killed.status == 0, "round \(round): \(killed)")
            #expect(holds(within: 1) { place.processes.isEmpty }, "round \(round): \(place.processes)")
        }
        // What is in the index now is what the next run must find.
        try Files.makeDirectories(place.folder + "/.sluice")
        let recorded = try ActionIndex(root: place.folder + "/.sluice")
        let before = executions(marks)
        let start = monotonicSeconds()
        let again = try place.sluice("run", "--json", environment: ["MARKS": marks])
        #expect(again.status == 0, "round \(round): \(again)")
        // A lease of this machine whose process is gone holds nobody up for its 30 s.
        #expect(monotonicSeconds() - start < 3 * seconds + 10, "round \(round)")
        let after = executions(marks)
        for event in again.out.split(separator: "\n").compactMap({ try? JSONValue(parsing: String($0)) }) {
            guard event["event"] == "ended", let name = event["stage"]?.string, let key = event["key"]?.string
            else { continue }
            let isAnew = event["result"] == "ran"
            #expect(
                !isAnew || recorded[Digest(hex: key)!] == nil,
                "round \(round): '\(name)' ran though it was recorded")
            if name != "rows", name != "parts" {
                #expect(after[name, default: 0] - before[name, default: 0] == (isAnew ? 1 : 0), "\(name)")
            }
        }
        let found = try place.people()
        #expect(Set(found.keys) == Set(expected.keys), "round \(round)")
        for (path, bytes) in expected { #expect(found[path] == bytes, "round \(round): \(path)") }
        let left = try Files.list(place.folder + "/.sluice/tmp")
        #expect(left.isEmpty, "round \(round): \(left)")
        #expect(((try? Files.list(place.folder + "/.sluice/intents")) ?? []).isEmpty, "round \(round)")
        #expect(try place.leases() == (locks == "lease" ? ["guard"] : []), "round \(round)")
        #expect(try place.sluice("store", "verify").status == 0, "round \(round)")
    }
}
