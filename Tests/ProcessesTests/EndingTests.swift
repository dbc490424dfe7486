import Glibc
import Platform
import Processes
import Testing

@Suite struct EndingTests {
    @Test func theExitCodeAndTheSignalAreTold() throws {
        let scene = try Scene()
        #expect(try scene.run("exit 0").ending == .exited(0))
        #expect(try scene.run("exit 7").ending == .exited(7))
        #expect(try scene.run("kill -SEGV $$").ending == .signalled(SIGSEGV))
    }

    @Test func timeAndMemoryAreMeasured() throws {
        let scene = try Scene()
        let outcome = try scene.run("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; sleep 0.2")
        #expect(outcome.ending == .exited(0))
        #expect(outcome.wallSeconds >= 0.2 && outcome.wallSeconds < 30)
        #expect(outcome.cpuSeconds > 0.005 && outcome.cpuSeconds < outcome.wallSeconds)
        #expect(outcome.peakResidentBytes > 500_000 && outcome.peakAnonymousBytes == nil)
        #expect(outcome.obstacle == nil && outcome.leftBehind == 0)
    }

    @Test func aTimeoutAsksThenKills() throws {
        let scene = try Scene()
        let polite = try scene.run("trap 'echo asked; exit 3' TERM; sleep 60 & wait") { $0.timeout = 0.2 }
        #expect(polite.ending == .timedOut && scene.logText == "asked\n")
        let deaf = try scene.run("trap '' TERM; while :; do sleep 0.05; done") {
            $0.timeout = 0.2
            $0.grace = 0.3
        }
        #expect(deaf.ending == .timedOut)
        #expect(deaf.wallSeconds >= 0.5 && deaf.wallSeconds < 20)
        #expect(try scene.run("exit 4") { $0.timeout = 60 }.ending == .exited(4))
    }

    @Test func cancellingGentlyLeavesTimeAndNowDoesNot() throws {
        let scene = try Scene()
        let request = scene.request(1, "trap 'echo asked; exit' TERM; echo $$ >pid; sleep 60 & wait")
        try scene.keeper.spawn(request)
        _ = try scene.pids("pid")
        scene.keeper.cancel(1, .gently)
        #expect(try scene.end(of: 1)?.ending == .cancelled)
        #expect(try Files.read(request.logPath) == Array("asked\n".utf8))

        try scene.keeper.spawn(scene.request(2, "trap '' TERM; echo $$ >two; while :; do sleep 60; done"))
        _ = try scene.pids("two")
        scene.keeper.cancel(2, .gently)
        #expect(try scene.keeper.nextEvent(timeout: 0.3) == nil)
        scene.keeper.cancel(2, .now)
        let outcome = try #require(try scene.end(of: 2))
        #expect(outcome.ending == .cancelled && outcome.wallSeconds < 8)
        // One that has ended, and one that never was.
        scene.keeper.cancel(2, .now)
        scene.keeper.cancel(99, .gently)
        #expect(try scene.keeper.nextEvent(timeout: 0.05) == nil)
    }

    @Test func whatCannotBeStartedSaysWhyAndWhere() throws {
        let scene = try Scene()
        try Files.write(Array("x".utf8), to: scene.folder + "/plain")
        func start(_ change: (inout ProcessRequest) -> Void) throws -> [String] {
            let outcome = try scene.run("true", change)
            guard case .couldNotStart(let number) = outcome.ending else { return ["\(outcome.ending)"] }
            return [String(cString: strerror(number)), outcome.obstacle ?? "-"]
        }
        let folder = scene.folder
        #expect(try start { $0.arguments = ["no-such"] } == ["No such file or directory", "no-such"])
        #expect(try start { $0.arguments = ["/no/such"] } == ["No such file or directory", "/no/such"])
        #expect(try start { $0.arguments = ["./plain"] } == ["Permission denied", "./plain"])
        #expect(
            try start {
                $0.arguments = ["plain"]
                $0.environment["PATH"] = folder
            } == ["Permission denied", "plain"])
        #expect(try start { $0.workingDirectory = "/no" } == ["No such file or directory", "/no"])
        #expect(try start { $0.logPath = "/no/log" } == ["No such file or directory", "/no/log"])
        #expect(try start { $0.arguments = ["true", "a\0b"] } == ["Invalid argument", "true"])
        #expect(try start { $0.environment = ["A=B": "1"] } == ["Invalid argument", "sh"])
        let large = String(repeating: "x", count: 17 << 20)
        #expect(try start { $0.arguments = ["true", large] } == ["Argument list too long", "true"])
        #expect(try scene.run("true").ending == .exited(0))
    }

    @Test func aProcessGetsWhatIsDeclaredAndNothingElse() throws {
        let scene = try Scene()
        #expect(try scene.run("env | sort", { $0.environment["B"] = "ä\n" }).ending == .exited(0))
        let rest = "PATH=/usr/bin:/bin\nPWD=\(scene.folder)\nTMPDIR=\(scene.folder)/tmp-1\n"
        #expect(scene.logText == "\nB=ä\n" + rest)
        _ = try scene.run(
            "readlink /proc/self/fd/0; ls /proc/self/fd | tr '\\n' ' '; echo; echo in; echo err >&2")
        #expect(scene.logText == "/dev/null\n0 1 2 3 \nin\nerr\n")
        _ = try scene.run("cat /proc/self/status")
        let masks = scene.logText.split(separator: "\n").filter {
            $0.hasPrefix("Sig") && !$0.hasPrefix("SigQ")
        }
        // The C library ignores the two signals it keeps for itself.
        let own = masks.map { $0.replacing("0000000180000000", with: "0000000000000000") }
        let none = "0000000000000000"
        #expect(own == ["SigPnd:\t\(none)", "SigBlk:\t\(none)", "SigIgn:\t\(none)", "SigCgt:\t\(none)"])
        _ = try scene.run(
            "read -r pid comm state parent group session rest </proc/self/stat; [ $pid = $group ]; echo $?")
        #expect(scene.logText == "0\n")
    }

    @Test func manyShortProcessesAtOnceAllEnd() throws {
        let scene = try Scene()
        for id in 0..<200 { try scene.keeper.spawn(scene.request(id, "echo \(id); exit \(id % 7)")) }
        var codes: [Int: Int32] = [:]
        while codes.count < 200, case .ended(let id, let outcome) = try scene.keeper.nextEvent(timeout: 60) {
            guard case .exited(let code) = outcome.ending else { break }
            codes[id] = code
            #expect(try Files.read("\(scene.folder)/log-\(id)") == Array("\(id)\n".utf8))
        }
        #expect(codes == Dictionary(uniqueKeysWithValues: (0..<200).map { ($0, Int32($0 % 7)) }))
    }
}
