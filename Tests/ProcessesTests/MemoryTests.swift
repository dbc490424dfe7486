import Glibc
import Testing

@testable import Processes

@Suite struct MemoryTests {
    @Test func aTreeThatPassesItsMemoryIsKilled() throws {
        let scene = try Scene()
        let outcome = try scene.run("head -c 1000000000 /dev/zero | tail | cat; sleep 30") {
            $0.memory = 64 << 20
        }
        guard case .outOfMemory(let used) = outcome.ending else {
            Issue.record("\(outcome)")
            return
        }
        #expect(used > 64 << 20 && outcome.peakAnonymousBytes == used && outcome.wallSeconds < 20)
    }

    @Test func withinItsMemoryAProcessRunsOnAndItsPeakIsTold() throws {
        let scene = try Scene()
        let outcome = try scene.run("x=$(head -c 20000000 /dev/zero | tr '\\0' a); sleep 0.5") {
            $0.memory = 1 << 30
        }
        #expect(outcome.ending == .exited(0))
        #expect(try #require(outcome.peakAnonymousBytes) > 20_000_000)
        // The backstop: four times the limit and 4 GiB.
        _ = try scene.run("ulimit -d; ulimit -v") { $0.memory = 1 << 30 }
        #expect(scene.logText == "8388608\nunlimited\n")
        _ = try scene.run("ulimit -d")
        #expect(scene.logText == "unlimited\n")
    }

    @Test func pagesSharedByForkedProcessesCountOnce() throws {
        let scene = try Scene()
        let forks = "for i in 1 2 3 4 5 6 7 8 9; do (sleep 1; :) & done; wait"
        let outcome = try scene.run("x=$(head -c 30000000 /dev/zero | tr '\\0' a); \(forks)") {
            $0.memory = 200_000_000
        }
        #expect(outcome.ending == .exited(0))
    }

    @Test func childrenAreTheSameFromTheirFilesAndFromTheirParents() throws {
        let scene = try Scene()
        try scene.keeper.spawn(scene.request(1, "sleep 60 & sleep 60 & echo $$ >a; wait"))
        let shell = try scene.pids("a")[0]
        let children = ProcessTable.children(of: shell)
        #expect(children.count == 2)
        #expect(children.sorted() == ProcessTable.childrenByScan(of: shell).sorted())
        #expect(ProcessTable.tree([shell]).sorted() == ([shell] + children).sorted())
        let status = try #require(ProcessTable.status(shell))
        #expect(status.group == shell && status.session == scene.keeper.keeper && status.isAlive)
        #expect(ProcessTable.variable("TMPDIR", of: shell) == Array("\(scene.folder)/tmp-1".utf8))
        #expect(ProcessTable.variable("TMP", of: shell) == nil)
        #expect(ProcessTable.anonymousBytes(shell) > 10_000)
        #expect(try #require(ProcessTable.proportionalBytes(shell)) > 10_000)
    }
}
