import Glibc
import Processes
import Testing

@Suite struct InterruptTests {
    @Test func theFirstSignalAsksAndTheSecondKills() throws {
        let polite = try Scene()
        let host = try polite.startHost("hold", "trap 'echo asked; exit' TERM; echo $$ >a; sleep 60 & wait")
        _ = try polite.pids("a")
        kill(host, SIGHUP)
        #expect(waitStatus(host) == 0)
        #expect(polite.hostOutput == "handed over\ninterrupted 1\nended cancelled\n")

        let deaf = try Scene()
        let second = try deaf.startHost("hold", "trap '' TERM; echo $$ >a; while :; do sleep 60; done")
        let pids = try deaf.pids("a")
        kill(second, SIGINT)
        #expect(waited(10) { deaf.hostOutput.hasSuffix("interrupted 1\n") })
        #expect(isAlive(pids[0]))
        kill(second, SIGTERM)
        #expect(waitStatus(second) == 0)
        #expect(deaf.hostOutput == "handed over\ninterrupted 1\ninterrupted 2\nended cancelled\n")
        #expect(!isAlive(pids[0]))
    }

    @Test func theThirdSignalEndsTheRunnerAtOnce() throws {
        let scene = try Scene()
        let host = try scene.startHost("ignore", "trap '' TERM; echo $$ >a; while :; do sleep 60; done")
        let pids = try scene.pids("a")
        for count in 1...2 {
            kill(host, SIGINT)
            #expect(waited(10) { scene.hostOutput.hasSuffix("interrupted \(count)\n") })
        }
        kill(host, SIGINT)
        #expect(waitStatus(host) == 130 << 8)
        #expect(waited(1) { !isAlive(pids[0]) })
    }
}
