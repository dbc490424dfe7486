import ContentStore
import Glibc
import Platform
import Testing

/// A run that reads only what changed since the last one, beside one that has
/// no snapshot and reads all: they must come to the same.
@Suite struct PartialRunTests {
    /// Sixteen chains of commands, published, and one stage under a gate.
    private static let pipeline: String = {
        var text = "stages:\n"
        for chain in 10..<26 {
            text += """
                  first\(chain):
                    run: cat ${in.text} > ${out.o}
                    in: { text: { file: texts/\(chain).txt } }
                    out: { o: o.txt }
                  other\(chain):
                    run: |
                      tr a-z A-Z < ${in.a} > ${out.o}
                      printf 'a,b\\n1,2\\n' > ${out.t}
                    in: { a: first\(chain) }
                    out: { o: o.txt, t: { table: t.csv } }
                    publish: { o: //out/other\(chain).txt }
                  third\(chain):
                    run: sort ${in.o} > ${out.o}
                    in: { o: other\(chain).o, t: other\(chain).t }
                    out: { o: o.txt }
                    publish: { o: //out/third\(chain).txt }

                """
        }
        text += """
              judged:
                run: |
                  echo '{"lines": 2}' > ${out.m}
                in: { o: third10 }
                out: { m: { metrics: m.json, gates: { lines: ">= 2" } } }

            """
        return text
    }()

    /// A schema that is published, and four chains of built-in stages.
    private static let builtIn: String = {
        var text = """
              schema:
                run: |
                  echo '{"fields": [{"name": "a", "type": "integer"}, {"name": "b", "type": "string"}]}' > ${out.o}
                out: { o: o.json }
                publish: { o: //out/rows.schema.json }

            """
        for chain in 10..<14 {
            text += """
                  table\(chain):
                    uses: collect.csv
                    with: { path: rows.csv }
                  clean\(chain):
                    uses: clean.table
                    in: table\(chain)
                  split\(chain):
                    uses: split.rows
                    in: clean\(chain)
                    with: { test: 0.5, seed: \(chain) }
                  count\(chain):
                    run: wc -l < ${in.rows} > ${out.o}
                    in: { rows: { from: split\(chain).train, as: csv } }
                    out: { o: o.txt }
                    publish: { o: //out/count\(chain).txt }

                """
        }
        return text
    }()

    /// A project whose runs may answer from snapshots, and its twin, whose never do.
    private final class Twins {
        let mine: Workplace
        let other: Workplace

        init(_ pipeline: String) throws {
            (mine, other) = (try Workplace(pipeline), try Workplace(pipeline))
            for place in [mine, other] {
                for chain in 10..<26 { try place.write("texts/\(chain).txt", "b\(chain)\na\n") }
                try place.write("rows.csv", "a,b\n1,x\n2,y\n3,x\n4,y\n")
            }
        }

        func both(_ change: (Workplace) throws -> Void) throws {
            try change(mine)
            try change(other)
        }

        /// Runs both, and holds what they say and leave behind against each other.
        @discardableResult
        func run(_ what: String) throws -> Workplace.Result {
            try Files.remove(other.folder + "/.sluice/snapshots")
            // One stage at a time: of equal actions it is always the same that runs.
            let go = { (place: Workplace) in try place.sluice("run", "-k", "-j", "1") }
            let (result, expected) = (try go(mine), try go(other))
            #expect(result.status == expected.status, "\(what): \(result.err)")
            #expect(Self.timeless(result.err) == Self.timeless(expected.err), "\(what)")
            try compare(what)
            return result
        }

        func compare(_ what: String) throws {
            #expect(try mine.read("p.lock") == other.read("p.lock"), "\(what)")
            for name in try Files.list(other.folder + "/out") {
                #expect(try mine.read("out/\(name)") == other.read("out/\(name)"), "\(what)")
            }
        }

        /// Without times, and stages in no order: they end as they will.
        private static func timeless(_ text: String) -> [String] {
            text.split(separator: "\n").map { line in
                line.split(separator: " ").filter { Double($0) == nil }.joined(separator: " ")
            }.sorted()
        }
    }

    @Test(arguments: ["", builtIn])
    func aPartOfAPipelineComesToTheSameAsAll(_ more: String) throws {
        let twins = try Twins(Self.pipeline.replacing("stages:\n", with: "stages:\n" + more))
        try twins.run("first run")
        // Stamps settle, so that the next run may know something.
        usleep(20_000)
        try twins.run("second run")
        let result = try twins.run("nothing")
        #expect(
            result.err.contains(more.isEmpty ? "49 stages: 49 hits" : "66 stages: 66 hits"), "\(result.err)")
        func change(_ what: String, _ change: (Workplace) throws -> Void) throws {
            try twins.both(change)
            try twins.run(what)
            usleep(10_000)
            try twins.run(what + ", again")
        }
        func edit(_ what: String, _ old: String, _ new: String) throws {
            try change(what) { try $0.edit("p.yaml", old, new) }
        }
        try edit(
            "a command", "run: sort ${in.o} > ${out.o}\n    in: { o: other15",
            "run: sort -r ${in.o} > ${out.o}\n    in: { o: other15")
        try change("a source") { try $0.write("texts/12.txt", "z\ny\n") }
        try change("a source of many") { try $0.write("rows.csv", "a,b\n1,x\n2,y\n3,x\n5,y\n") }
        try change("a published file removed") { try Files.remove($0.folder + "/out/third14.txt") }
        try change("a published file edited") { try $0.write("out/third15.txt", "mine") }
        try change("and gone") { try Files.remove($0.folder + "/out/third15.txt") }
        try edit("a gate", "lines: \">= 2\"", "lines: \">= 3\"")
        try edit("and back", "lines: \">= 3\"", "lines: \">= 2\"")
        try edit("a stage that fails", "first16:\n    run: cat", "first16:\n    run: exit 3; cat")
        try edit("and is mended", "run: exit 3; cat", "run: cat")
        try change("a lock of another branch") { try $0.edit("p.lock", "  third19:", "  third20:") }
        try edit(
            "a new stage", "  first18:", "  new:\n    run: echo > ${out.o}\n    out: { o: o }\n  first18:")
        try edit("that is gone", "  new:\n    run: echo > ${out.o}\n    out: { o: o }\n", "")
        try edit("an error", "third17:\n    run: sort", "third17:\n    run: sort ${in.nothing}")
        try edit("and none", "run: sort ${in.nothing}", "run: sort")
        guard !more.isEmpty else { return }
        try edit("a built-in stage", "test: 0.5, seed: 11", "test: 0.25, seed: 11")
        try edit("its reader", "from: split12.train", "from: split12.test")
        // Published by a stage that an edit of this one leaves out.
        try edit(
            "a schema that is published", "table13:\n    uses: collect.csv\n    with: { path: rows.csv }",
            "table13:\n    uses: collect.csv\n    with: { path: rows.csv, schema: out/rows.schema.json }")
    }

    /// A file that two stages read is saved after it was looked at and before the
    /// run that reads one of them begins, which here waits for a collection.
    @Test func aFileSavedWhileARunWaitsIsSeenByTheNextOne() throws {
        let twins = try Twins(Self.pipeline.replacing("texts/11.txt", with: "texts/10.txt"))
        for _ in 0..<3 {
            try twins.run("before")
            usleep(20_000)
        }
        try twins.both { try $0.edit("p.yaml", "first10:\n    run: cat", "first10:\n    run: cat -u") }
        let root = twins.mine.folder + "/.sluice"
        var hold = try StoreGuard(.collection, of: BlobStore(root: root))
        let child = try twins.mine.start("run")
        usleep(500_000)
        try twins.both { try $0.write("texts/10.txt", "new\n") }
        usleep(20_000)
        withExtendedLifetime(hold) { hold = nil }
        let result = try child.wait()
        #expect(result.status == 0 && result.err.contains("waiting for 'sluice store gc'"), "\(result.err)")
        #expect(try twins.mine.sluice("run").status == 0 && twins.other.sluice("run").status == 0)
        try twins.compare("saved while the run waited")
        #expect(try twins.mine.read("out/third11.txt") == "NEW\n")
    }

    @Test func aWarningIsToldByEveryRun() throws {
        let place = try Workplace("stages:\n  a: { run: \"echo b | tac > ${out.o}\", out: { o: o } }\n")
        for _ in 0..<4 {
            let result = try place.sluice("run")
            #expect(result.status == 0 && result.err.contains("warning"), "\(result.err)")
            usleep(20_000)
        }
    }

    @Test func aBlobThatIsGoneIsMadeAgain() throws {
        let twins = try Twins(Self.pipeline)
        for _ in 0..<3 {
            try twins.run("before")
            usleep(20_000)
        }
        for digest in try twins.other.read("p.lock").components(separatedBy: "sha256: ").dropFirst().prefix(5)
        {
            let hex = digest.prefix(64)
            try twins.both {
                try Files.remove("\($0.folder)/.sluice/cas/\(hex.prefix(2))/\(hex.dropFirst(2))")
            }
            try twins.run("blob \(hex)")
        }
    }

    @Test func aKillLeavesNothingThatTheNextRunTakesForKnown() throws {
        let twins = try Twins(Self.pipeline)
        for _ in 0..<3 {
            try twins.run("before")
            usleep(20_000)
        }
        for step in 0..<16 {
            try twins.both { try $0.write("texts/\(10 + step).txt", "step \(step)\n") }
            let child = try twins.mine.start("run")
            usleep(UInt32(4_000 * step))
            child.kill(SIGKILL)
            _ = try child.wait()
            // And one edit taken back, whose stage the killed run may have published.
            if step % 3 == 0 {
                try twins.both { try $0.write("texts/\(10 + step).txt", "b\(10 + step)\na\n") }
            }
            #expect(try twins.mine.sluice("run").status == 0 && twins.other.sluice("run").status == 0)
            try twins.compare("killed after \(4 * step) ms")
        }
    }
}
