import CanonicalJSON
import Glibc
import Platform
import Testing

/// Folders of many small files: hashed and collected quickly, and quickly found
/// to be as they were.
@Suite struct ManyFilesTests {
    private static let isNightly = getenv("SLUICE_NIGHTLY").map { String(cString: $0) } == "1"
    /// 5,000 files, or 100,000 at night.
    private static let count = isNightly ? 100_000 : 5_000

    /// Reads the folder twice: as a command's input, and file by file.
    private static let pipeline = """
        stages:
          names:
            shell: bash
            run: find ${in.many} | sort | sha256sum > ${out.sum}; cat ${in.many}/d000/*[0-9].txt >> ${out.sum}
            in: { many: { dir: many } }
            out: { sum: sum.txt }
          texts:
            uses: collect.text
            with: { path: "many/**/*.txt", rows: file }

        """

    private func workplace(_ count: Int) throws -> Workplace {
        let place = try Workplace(Self.pipeline)
        for number in 0..<count {
            let digits = String(1_000_000 + number).dropFirst()
            let folder = "\(place.folder)/many/d\(digits.prefix(3))"
            if number % 1000 == 0 { try Files.makeDirectories(folder) }
            let text = String(repeating: "line of note \(digits) é\n", count: 42)
            try Files.write(Array(text.utf8), to: "\(folder)/note-\(digits).txt")
        }
        return place
    }

    /// CPU seconds of a run, the program's and those of what it started.
    private func seconds(_ place: Workplace, _ counts: String) throws -> Double {
        let (result, usage) = try place.start("run").waitAndMeasure()
        #expect(result.status == 0 && result.err.contains(counts), "\(result)")
        return usage
    }

    @Test func manyFilesAreCollectedAndFoundUnchangedInTime() throws {
        let place = try workplace(Self.count)
        let share = Double(Self.count) / 100_000
        let first = try seconds(place, "2 stages: 2 ran")
        #expect(first < 10 * share + 0.2, "collecting took \(first) s")
        // Files as new as the run's clock are not kept the first time.
        for _ in 0..<2 { _ = try seconds(place, "2 stages: 2 hits") }
        let again = try (0..<5).map { _ in try seconds(place, "2 stages: 2 hits") }.sorted()
        // Both ways together: twice the folder.
        #expect(again[2] < 2 * 0.5 * share + 0.03, "a run that finds nothing to do took \(again[2]) s")
        print("\(Self.count) files: \(first) s, then \(again[2]) s")
    }

    @Test func aSnapshotOfAFolderMissesNoChange() throws {
        let place = try workplace(20)
        let many = place.folder + "/many"
        func settle() throws {
            usleep(20_000)
            for _ in 0..<3 { _ = try place.sluice("run") }
            #expect(try place.sluice("run").err.contains("2 stages: 2 hits"))
        }
        /// - Parameter ran: Stages that read what has changed.
        func expect(_ what: String, ran: Int, _ change: () throws -> Void) throws {
            try settle()
            try change()
            let result = try place.sluice("run")
            #expect(
                result.status == 0 && result.err.contains(ran == 2 ? "2 ran" : "1 hit, 1 ran"),
                "\(what): \(result.err)")
        }
        let note = many + "/d000/note-000003.txt"
        try expect("a file written in place", ran: 2) {
            let file = open(note, O_WRONLY)
            #expect(write(file, "LINE", 4) == 4)
            close(file)
        }
        try expect("a file added", ran: 2) { try Files.write([65], to: many + "/d000/new.txt") }
        try expect("a file removed", ran: 2) { try Files.remove(many + "/d000/note-000007.txt") }
        try expect("a file renamed", ran: 2) { try Files.rename(note, to: many + "/d000/renamed.txt") }
        try expect("a file that no glob wants", ran: 1) { try Files.write([65], to: many + "/other") }
        try expect("a file in a new folder", ran: 2) {
            try Files.makeDirectories(many + "/e/f")
            try Files.write([65], to: many + "/e/f/g.txt")
        }
        try expect("an empty folder", ran: 1) { try Files.makeDirectories(many + "/empty") }
        try expect("a link", ran: 1) { #expect(symlink("d000", many + "/link") == 0) }
        try expect("a link elsewhere", ran: 1) {
            try Files.remove(many + "/link")
            #expect(symlink("e", many + "/link") == 0)
        }
        try expect("a program", ran: 2) { #expect(chmod(many + "/d000/renamed.txt", 0o755) == 0) }
        _ = try Subprocess.output(of: ["git", "-C", place.folder, "init", "-q"])
        try expect("a file that git ignores", ran: 1) { try place.write(".gitignore", "other\n") }
        try settle()
        // What does not count can change.
        try Files.write([66], to: many + "/.git")
        try Files.remove(many + "/.git")
        #expect(try place.sluice("run").err.contains("2 stages: 2 hits"))
    }

    /// So many that they are bound instead of copied, where that is possible.
    @Test func aCommandReadsAFolderOfManyFiles() throws {
        let place = try workplace(4_200)
        try place.write(
            "q.yaml",
            """
            stages:
              count:
                run: |
                  find ${in.many} -type f | wc -l > ${out.n}
                  cat ${in.many}/d004/note-004199.txt | wc -c >> ${out.n}
                  touch ${in.many}/mine 2> /dev/null || echo read-only >> ${out.n}
                in: { many: { dir: many } }
                out: { n: n.txt }

            """)
        let first = try place.sluice("run", "q.yaml")
        #expect(first.status == 0, "\(first.err)")
        func counted() throws -> String {
            #expect(try place.sluice("get", "q.yaml", "count.n", "-o", "n.txt").status == 0)
            defer { try? Files.remove(place.folder + "/n.txt") }
            return try place.read("n.txt")
        }
        let text = try counted()
        #expect(["4200\n966\n", "4200\n966\nread-only\n"].contains(text), "\(text)")
        #expect(!place.exists("many/mine"))
        // With one file less in it than lies there, the folder is copied.
        try place.edit("q.yaml", "dir: many", "dir: many, exclude: [note-000001.txt]")
        let second = try place.sluice("run", "q.yaml")
        #expect(second.status == 0 && second.err.contains("1 ran"), "\(second.err)")
        #expect(try counted() == "4199\n966\n")
    }
}
