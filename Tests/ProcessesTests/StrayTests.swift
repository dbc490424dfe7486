import Glibc
import Platform
import Testing

@testable import Processes

@Suite struct StrayTests {
    @Test func whatIsLeftInTheGroupIsKilled() throws {
        let scene = try Scene()
        let outcome = try scene.run(
            "sleep 300 & echo $! >a; (trap '' TERM HUP; sleep 300) & echo $! >b; exit 5")
        #expect(outcome.ending == .exited(5))
        #expect(outcome.leftBehind >= 2 && outcome.leftBehind <= 3)
        for pid in try scene.pids("a", "b") { #expect(!isAlive(pid)) }
    }

    @Test func whatLeftTheGroupIsKilledAndNotWhatIsAnothers() throws {
        let scene = try Scene()
        // Another stage, whose own orphan is alive all the while.
        try scene.keeper.spawn(
            scene.request(
                50, "(setsid sh -c 'echo $$ >theirs; sleep 300' &); while [ ! -e stop ]; do sleep 0.02; done")
        )
        let theirs = try scene.pids("theirs")[0]
        let outcome = try scene.run(
            """
            setsid sh -c 'echo $$ >a; exec sleep 300' &
            setsid sh -c 'env -i setsid sh -c "echo \\$\\$ >b; exec sleep 300" & wait' &
            while [ ! -s a ] || [ ! -s b ]; do sleep 0.01; done
            """)
        #expect(outcome.ending == .exited(0) && outcome.leftBehind == 3)
        for pid in try scene.pids("a", "b") { #expect(!isAlive(pid)) }
        #expect(isAlive(theirs))
        try Files.write([], to: scene.folder + "/stop")
        #expect(try scene.end(of: 50)?.leftBehind == 2)
        #expect(!isAlive(theirs))
    }

    @Test func stoppingTheKeeperLeavesNothing() throws {
        let scene = try Scene()
        try scene.keeper.spawn(
            scene.request(1, "echo $$ >a; setsid sh -c 'echo $$ >b; sleep 300' & sleep 300"))
        let pids = try scene.pids("a", "b")
        #expect(pids.allSatisfy(isAlive))
        scene.keeper.stop()
        #expect(!pids.contains(where: isAlive))
        #expect(throws: KeeperFinding.gone(status: 0)) { try scene.keeper.nextEvent(timeout: 1) }
    }

    @Test func aRunnerKilledLeavesNothingWithinASecond() throws {
        let scene = try Scene()
        let host = try scene.startHost(
            "hold",
            "echo $$ >a; trap '' TERM HUP; sleep 300 & echo $! >b; "
                + "setsid sh -c 'echo $$ >c; env -i setsid sh -c \"echo \\$\\$ >d; sleep 300\" & wait' & sleep 300"
        )
        let pids = try scene.pids("a", "b", "c", "d")
        #expect(pids.allSatisfy(isAlive))
        kill(host, SIGKILL)
        #expect(waitStatus(host) == SIGKILL)
        #expect(waited(1) { !pids.contains(where: isAlive) })
    }

    @Test func aKeeperKilledIsAnErrorAndLeavesNothing() throws {
        let scene = try Scene()
        try scene.keeper.spawn(
            scene.request(
                1, "echo $$ >a; setsid sh -c 'echo $$ >b; sleep 300' & sleep 300 & echo $! >c; wait"))
        let pids = try scene.pids("a", "b", "c")
        kill(scene.keeper.keeper, SIGKILL)
        let error = #expect(throws: KeeperFinding.self) { try scene.keeper.nextEvent(timeout: 10) }
        #expect(error == .gone(status: SIGKILL))
        #expect(error?.message == "the keeper was killed by signal 9; all stages were stopped")
        #expect(waited(1) { !pids.contains(where: isAlive) })
    }

    @Test func aProgramThatIsNoKeeperIsAnError() throws {
        #expect(throws: KeeperFinding.notStarted(executable: "/no/such", errno: ENOENT)) {
            try Keeper(executable: "/no/such")
        }
        let keeper = try Keeper(executable: "/bin/sh", arguments: ["-c", "exit 3"])
        let error = #expect(throws: KeeperFinding.self) { try keeper.nextEvent(timeout: 10) }
        #expect(error?.message == "the keeper ended with exit code 3; all stages were stopped")
    }
}
