import ContentStore
import Glibc
import Platform
import Projects
import Synchronization
import TestServers
import Testing

/// Sources that several stages have, that move, that no stage has any more; and runs that end too early.
extension FetchTests {
    /// Of a lock: what stands behind a word, line by line.
    private static func facts(_ name: String, _ lock: String) -> [String] {
        lock.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { $0.hasPrefix(name + ":") }.map(
            String.init)
    }

    @Test func twoStagesOfOneSourceFetchItOnce() throws {
        let page = Page()
        let server = try Self.server(page)
        let place = try Self.workplace(server.port, refresh: "always")
        let pipeline = try place.read("pages.yaml")
        let stage = try #require(pipeline.firstRange(of: "  page:\n")).lowerBound
        let end = try #require(pipeline.firstRange(of: "  numbers:\n")).lowerBound
        try place.write(
            "pages.yaml", pipeline + "\n" + pipeline[stage..<end].replacing("  page:", with: "  again:"))
        let first = try Self.run(place)
        #expect(first.0 == 0, "\(first.1)")
        #expect(server.requests.count == 1)
        let lock = try place.read("pages.lock")
        for name in ["source", "snapshot", "validator"] {
            let facts = Self.facts(name, lock)
            #expect(facts.count == 2 && Set(facts).count == 1, "\(lock)")
        }
        // One look for both, and both go by what it found.
        page.become("id,x\n5,5\n", tag: "\"two\"")
        #expect(try Self.run(place).0 == 0)
        #expect(server.requests.count == 2)
        #expect(try place.shell("$SLUICE get again -o again && cat again").text.hasSuffix("id,x\n5,5"))
        let facts = try Self.facts("snapshot", place.read("pages.lock"))
        #expect(facts.count == 2 && Set(facts).count == 1)
        // Another header is another source.
        try place.edit(
            "pages.yaml", "  again:\n    uses: collect.http\n    with:\n",
            "  again:\n    uses: collect.http\n    with:\n      sha256: \(String(repeating: "a", count: 64))\n"
        )
        let other = try Self.run(place)
        #expect(other.0 == 1 && other.1.contains("gives another file than sha256 says"), "\(other.1)")
    }

    @Test(arguments: [SIGKILL, SIGINT]) func whatWasFetchedStaysWhereTheRunEndsBeforeItsStage(
        _ signal: Int32
    ) throws {
        let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 48 << 20)
        var wasBetween = false
        for _ in 0..<5 where !wasBetween {
            let server = try FaultServer { request, _ in .file(bytes, tag: "\"one\"", request) }
            let place = try Workplace(
                "stages:\n  page:\n    uses: collect.http\n    with: { url: 'http://127.0.0.1:\(server.port)/x', refresh: 1h }\n"
            )
            let child = try place.start("run")
            // The end of a fetch is told where its time is kept.
            for _ in 0..<300_000 {
                let names = (try? Files.list(place.folder + "/.sluice/fetches")) ?? []
                if names.contains(where: { $0.utf8.count == 64 }) { break }
                usleep(200)
            }
            child.kill(signal)
            let ended = try child.wait()
            wasBetween =
                try ended.status != 0
                && !(place.exists("p.lock") && place.read("p.lock").contains("snapshot:"))
            let again = try place.run()
            #expect(again.result.status == 0, "\(again.result)")
            #expect(!wasBetween || again.ran == ["page"])
            #expect(server.requests.count == 1)
            #expect(
                try place.shell("$SLUICE get page -o got && wc -c < got").text.hasSuffix("\(bytes.count)"))
        }
        #expect(wasBetween, "no run was ended between the fetch and its stage")
    }

    @Test func onlyAStageBehindASourceGoesByThePinnedSnapshot() throws {
        let page = Page()
        let server = try Self.server(page)
        let place = try Self.workplace(server.port, refresh: "always")
        #expect(try Self.run(place).0 == 0)
        let lock = try place.read("pages.lock")
        page.become("id,x\n9,9\n", tag: "\"two\"")
        try place.edit(
            "pages.yaml", "uses: collect.csv\n", "uses: collect.csv\n    with: { max_rejects: 1 }\n")
        let only = try Self.run(place, "--only numbers")
        #expect(only.0 == 0, "\(only.1)")
        // Nobody was asked, and the stage ran with what is pinned.
        #expect(server.requests.count == 1)
        #expect(
            try place.shell("$SLUICE get numbers --as csv --force -o got.csv && cat got.csv").text.hasSuffix(
                "id,x\n1,2"))
        #expect(try Self.facts("snapshot", place.read("pages.lock")) == Self.facts("snapshot", lock))
        #expect(try Self.run(place).0 == 0)
        #expect(
            try place.shell("$SLUICE get numbers --as csv --force -o got.csv && cat got.csv").text.hasSuffix(
                "id,x\n9,9"))
    }

    @Test func aFreshCloneFetchesWhatTheLockPinsOnce() throws {
        let page = Page()
        let server = try Self.server(page)
        let place = try Self.workplace(server.port, refresh: "never")
        #expect(try Self.run(place).0 == 0)
        func clone() throws -> Workplace {
            let clone = try Workplace()
            for name in ["sluice.yaml", "pages.yaml", "pages.lock"] {
                try clone.write(name, place.read(name))
            }
            return clone
        }
        let lock = try place.read("pages.lock")
        let same = try clone()
        let first = try Self.run(same)
        #expect(first.0 == 0, "\(first.1)")
        #expect(server.requests.count == 2)
        #expect(try same.read("pages.lock") == lock)
        #expect(try Self.run(same).0 == 0)
        #expect(server.requests.count == 2)
        // What is pinned is nowhere any more: --locked says so, and without it the lock tells of the new one.
        page.become("id,x\n7,7\n", tag: "\"two\"")
        let moved = try clone()
        let locked = try Self.run(moved, "--locked")
        #expect(locked.0 == 1)
        #expect(
            locked.1.contains("the source of 'page' has moved on: it is not as it was locked"), "\(locked.1)")
        #expect(try moved.read("pages.lock") == lock)
        #expect(try Self.run(moved).0 == 0)
        #expect(try moved.read("pages.lock") != lock)
        #expect(
            try moved.shell("$SLUICE get numbers --as csv --force -o got.csv && cat got.csv").text.hasSuffix(
                "id,x\n7,7"))
    }

    @Test func aSnapshotOfNoStageStaysAMonth() throws {
        let page = Page()
        let server = try Self.server(page)
        let place = try Self.workplace(server.port, refresh: "never")
        #expect(try Self.run(place).0 == 0)
        let pipeline = try place.read("pages.yaml")
        try place.write(
            "pages.yaml", "stages:\n  other:\n    run: echo 1 > o\n    out: { o: { file: o } }\n")
        let without = try Self.run(place)
        #expect(without.0 == 0, "\(without.1)")
        #expect(try !place.read("pages.lock").contains("snapshot:"))
        let store = try BlobStore(root: place.folder + "/.sluice")
        func collect() throws {
            // Nothing is collected on its first day, and no file can be made older than it is.
            let later = try StatCache.now(in: store.root) + 2 * 86_400 * 1_000_000_000
            _ = try StoreCollection(store).run(isDry: false, from: place.folder, now: later)
        }
        let text = "id,x\n1,2\n"
        try collect()
        _ = try place.blob(text)
        // It comes back: there it is.
        try place.write("pages.yaml", pipeline)
        let back = try Self.run(place)
        #expect(back.0 == 0, "\(back.1)")
        #expect(server.requests.count == 1)
        // A month later nothing is left of it but the way to get it again.
        try place.write(
            "pages.yaml", "stages:\n  other:\n    run: echo 1 > o\n    out: { o: { file: o } }\n")
        // What the last ten runs gave stays too.
        for number in 0..<10 {
            try place.edit("pages.yaml", "echo 1", "echo 1\(number)")
            #expect(try Self.run(place).0 == 0)
            try place.edit("pages.yaml", "echo 1\(number)", "echo 1")
        }
        let fetches = ".sluice/fetches/"
        for name in try Files.list(place.folder + "/" + fetches) {
            let memory = try place.read(fetches + name)
            let looked = try #require(memory.firstRange(of: "\"looked\":")).upperBound
            try place.write(
                fetches + name,
                memory[..<looked] + "1000000000" + memory[looked...].drop { $0.isNumber || $0 == "." })
        }
        try collect()
        #expect(throws: SystemError.self) { try place.blob(text) }
        try place.write("pages.yaml", pipeline)
        let late = try Self.run(place)
        #expect(late.0 == 0, "\(late.1)")
        #expect(server.requests.count == 2)
        #expect(
            try place.shell("$SLUICE get numbers --as csv --force -o got.csv && cat got.csv").text.hasSuffix(
                "id,x\n1,2"))
    }
}
