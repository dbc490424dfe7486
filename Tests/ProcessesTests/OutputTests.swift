import Glibc
import Platform
import Testing

@testable import Processes

@Suite struct OutputTests {
    @Test func aGigabyteOnStandardErrorIsDrainedAndBounded() throws {
        let scene = try Scene()
        let outcome = try scene.run("head -c 1000000000 /dev/zero >&2")
        #expect(outcome.ending == .exited(0))
        #expect(outcome.droppedLogBytes == 1_000_000_000 - (8 << 20))
        let line = "\n[sluice: 991611392 bytes of output left out here]\n"
        #expect(outcome.logBytes == Int64((8 << 20) + line.utf8.count))
        #expect(scene.log.count == Int(outcome.logBytes))
        #expect(Array(scene.log[(4 << 20)...].prefix(line.utf8.count)) == Array(line.utf8))
    }

    @Test(arguments: [0, 5, 4 << 20, (4 << 20) + 1, 8 << 20, (8 << 20) + 1, 15_000_001])
    func theFirstAndLastPartAreKept(count: Int) throws {
        let scene = try Scene()
        let whole = Array((0..<3_000_000).lazy.map { "\($0)\n" }.joined().utf8.prefix(count))
        try Files.write(whole, to: scene.folder + "/whole")
        let outcome = try scene.run("cat whole")
        let log = scene.log
        #expect(outcome.logBytes == Int64(log.count))
        if count <= 8 << 20 {
            #expect(log == whole && outcome.droppedLogBytes == 0)
        } else {
            #expect(outcome.droppedLogBytes == Int64(count - (8 << 20)))
            let line = Array("\n[sluice: \(count - (8 << 20)) bytes of output left out here]\n".utf8)
            #expect(log == whole.prefix(4 << 20) + line + whole.suffix(4 << 20))
        }
    }

    @Test func secretsAreMaskedWhereverTheStreamIsCut() throws {
        let text = Array("x hunter2 hunter hunter22abcabcd tail hunter".utf8)
        let secrets = ["hunter2", "abc", "bcd", "", "cabc"]
        var shown: Set<[UInt8]> = []
        for first in 0...text.count {
            for second in first...text.count {
                var mask = SecretMask(secrets)
                var result: [UInt8] = []
                for part in [text[..<first], text[first..<second], text[second...]] {
                    part.withUnsafeBytes { result += mask.mask($0) }
                }
                shown.insert(result + mask.finish())
            }
        }
        #expect(shown == [Array("x *** hunter ***2*** tail hunter".utf8)])
    }

    @Test func secretsAreMaskedInTheLogOfAProcess() throws {
        let scene = try Scene()
        let outcome = try scene.run("printf 'a geh'; sleep 0.1; printf 'eim b\\n'; echo geh >&2") {
            $0.secrets = ["geheim"]
        }
        #expect(scene.logText == "a *** b\ngeh\n" && outcome.logBytes == 12)
    }

    @Test func linesOnTheReportPipeComeAsEventsBeforeTheEnd() throws {
        let scene = try Scene()
        var request = scene.request(
            1, "printf 'one\\n\\ntw' >&3; sleep 0.05; printf 'o\\nlast' >&3; echo log")
        request.hasReportPipe = true
        try scene.keeper.spawn(request)
        var lines: [String] = []
        var ending: ProcessOutcome.Ending?
        while ending == nil, let event = try scene.keeper.nextEvent(timeout: 60) {
            switch event {
            case .report(_, let line): lines.append(String(decoding: line, as: UTF8.self))
            case .ended(_, let outcome): ending = outcome.ending
            case .interrupted: break
            }
        }
        #expect(lines == ["one", "", "two", "last"] && ending == .exited(0))
        #expect(try Files.read(request.logPath) == Array("log\n".utf8))
    }

    @Test func aReportLineWithoutEndIsCut() {
        var splitter = LineSplitter()
        var lines: [[UInt8]] = []
        let piece = [UInt8](repeating: 0x61, count: 700_000)
        for bytes in [piece, piece, piece, [0x0a, 0x62, 0x0a]] {
            bytes.withUnsafeBytes { splitter.feed($0) { lines.append($0) } }
        }
        #expect(lines == [[UInt8](repeating: 0x61, count: 1 << 20), [0x62]])
    }

    @Test func twoFullDirectionsDoNotHoldEachOtherUp() throws {
        let scene = try Scene()
        var loud = scene.request(0, "seq 1 300000 >&3")
        loud.hasReportPipe = true
        try scene.keeper.spawn(loud)
        // More than any socket takes, while nobody reads the reports.
        for id in 1...100 {
            var request = scene.request(id, "echo ${#A}${#B}")
            for name in ["A", "B"] { request.environment[name] = String(repeating: "x", count: 100_000) }
            try scene.keeper.spawn(request)
        }
        usleep(300_000)
        var next = 1
        var ended = 0
        while ended < 101, let event = try scene.keeper.nextEvent(timeout: 60) {
            switch event {
            case .report(_, let line):
                guard line == Array("\(next)".utf8) else { break }
                next += 1
            case .ended(_, let outcome):
                #expect(outcome.ending == .exited(0))
                ended += 1
            case .interrupted: break
            }
        }
        #expect(next == 300_001 && ended == 101)
        #expect(try Files.read(scene.folder + "/log-100") == Array("100000100000\n".utf8))
    }
}
