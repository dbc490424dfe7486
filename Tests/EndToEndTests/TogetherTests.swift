import CanonicalJSON
import ContentStore
import Glibc
import Platform
import Projects
import Testing

/// Runs beside runs, and beside collections of the store, with either kind of
/// locks.
@Suite struct TogetherTests {
    /// Twenty-four commands in six chains; each notes its name in `$MARKS`.
    private static let pipeline: String = {
        var text = "stages:\n"
        for chain in 0..<6 {
            for link in 0..<4 {
                let input = link == 0 ? "{ file: text.txt }" : "s\(chain)-\(link - 1)"
                text += """
                      s\(chain)-\(link):
                        run: |
                          echo s\(chain)-\(link) >> "$MARKS"
                          sleep 0.02
                          { cat ${in.x}; echo \(chain) \(link); } > ${out.o}
                        pass: [MARKS]
                        in: { x: \(input) }
                        out: { o: o }
                        \(link % 2 == 1 ? "publish: { o: out/\(chain)-\(link) }" : "")

                    """
            }
            text += """
                  d\(chain):
                    run: |
                      echo d\(chain) >> "$MARKS"
                      mkdir ${out.d}; cp ${in.x} ${out.d}/a; cp ${in.x} ${out.d}/b
                    pass: [MARKS]
                    in: { x: s\(chain)-3 }
                    out: { d: { dir: d } }
                    publish: { d: out/d\(chain) }

                """
        }
        return text
    }()

    private func workplace(_ locks: String = "flock") throws -> Workplace {
        let place = try Workplace(Self.pipeline)
        place.environment["SLUICE_LOCKS"] = locks
        try place.write("text.txt", "a\nb\n")
        return place
    }

    private func marks(_ path: String) -> [String] {
        String(decoding: (try? Files.read(path)) ?? [], as: UTF8.self).split(separator: "\n").map(String.init)
            .sorted()
    }

    private func undisturbed() throws -> (people: [String: String], marks: [String]) {
        let place = try workplace()
        let path = place.folder + ".marks"
        defer { unlink(path) }
        let result = try place.sluice("run", environment: ["MARKS": path])
        try #require(result.status == 0, "\(result)")
        return (try place.people(), marks(path))
    }

    @Test(arguments: [2, 8], ["flock", "lease"]) func runsAtOnceShareTheWork(
        _ number: Int, _ locks: String
    ) throws {
        let expected = try undisturbed()
        let place = try workplace(locks)
        let path = place.folder + ".marks"
        defer { unlink(path) }
        let children = try (0..<number).map { _ in try place.start("run", environment: ["MARKS": path]) }
        for child in children {
            let result = try child.wait()
            #expect(result.status == 0, "\(result)")
            #expect(result.err.components(separatedBy: "another run is at it").count <= 31, "\(result.err)")
        }
        #expect(marks(path) == expected.marks)
        #expect(try place.people() == expected.people)
        #expect(try Files.list(place.folder + "/.sluice/tmp").isEmpty)
        #expect(try place.leases() == (locks == "lease" ? ["guard"] : []))
    }

    @Test func stagesOfOneActionRunItOnce() throws {
        let place = try Workplace(
            """
            stages:
              a: { run: "echo x >> $MARKS; sleep 0.1; echo 1 > ${out.o}", pass: [MARKS], out: { o: o } }
              b: { run: "echo x >> $MARKS; sleep 0.1; echo 1 > ${out.o}", pass: [MARKS], out: { o: o } }

            """)
        let path = place.folder + ".marks"
        defer { unlink(path) }
        let result = try place.sluice("run", "-j", "2", environment: ["MARKS": path])
        #expect(result.status == 0 && marks(path) == ["x"], "\(result)")
    }

    /// A collection two days from now, when everything is old enough, over and
    /// over, as `store gc` does it.
    @Test(arguments: ["flock", "lease"]) func aCollectionBesideRunsLosesNothing(_ locks: String) throws {
        let expected = try undisturbed()
        let place = try workplace(locks)
        let path = place.folder + ".marks"
        defer { unlink(path) }
        let root = place.folder + "/.sluice"
        let store = try BlobStore(root: root, locks: locks == "lease" ? LeaseLocks(in: root) : nil)
        var removed = 0
        func collect() throws {
            let hold = try #require(try StoreGuard(.collection, of: store))
            defer { withExtendedLifetime(hold) {} }
            let later = try StatCache.now(in: store.root) + 2 * 86_400 * 1_000_000_000
            removed += try StoreCollection(store).run(isDry: false, from: place.folder, now: later)
                .removedBlobs
        }
        for round in 0..<3 {
            try place.write("text.txt", "a\n\(round == 2 ? "b" : String(round))\n")
            let children = try (0..<2).map { _ in try place.start("run", environment: ["MARKS": path]) }
            for _ in 0..<20 {
                try collect()
                usleep(10_000)
            }
            for child in children {
                let result = try child.wait()
                #expect(result.status == 0, "\(result)")
            }
            try collect()
            #expect(try place.run().counts == .init(hits: 30, ran: 0), "round \(round)")
        }
        #expect(try place.people() == expected.people)
        #expect(marks(path).count == 3 * expected.marks.count)
        // Twelve runs later nothing but the last result is needed.
        for round in 0..<12 {
            try place.write("text.txt", "\(round)\n")
            #expect(try place.sluice("run", "-q", environment: ["MARKS": path]).status == 0)
        }
        try collect()
        #expect(removed > 0)
        #expect(try place.run().counts == .init(hits: 30, ran: 0))
        let verdict = try place.sluice("store", "verify")
        #expect(verdict.status == 0, "\(verdict)")
    }

    @Test(arguments: ["flock", "lease"]) func gcKeepsWhatIsYoungAndSaysWhatItDid(_ locks: String) throws {
        let place = try workplace(locks)
        let path = place.folder + ".marks"
        defer { unlink(path) }
        let child = try place.start("run", environment: ["MARKS": path])
        for _ in 0..<5 {
            let result = try place.sluice("store", "gc")
            #expect(result.status == 0 && result.out.hasPrefix("removed 0 blobs, 0 B; kept "), "\(result)")
        }
        #expect(try child.wait().status == 0)
        #expect(try place.run().counts == .init(hits: 30, ran: 0))
    }
}
