import Testing

@testable import Processes

@Suite struct KeeperMessageTests {
    private let request = ProcessRequest(
        id: -3, arguments: ["a", ""], environment: ["B": "ä", "A": "\n"], workingDirectory: "/w",
        logPath: "l",
        secrets: ["s"], timeout: 0.1, grace: 2.5, memory: .max, hasReportPipe: true,
        confinement: Confinement(
            hiddenRoot: "/r", readable: ["/r/a", ""], binds: [.init(source: "s", target: "t")]))

    @Test func messagesComeOutAsTheyWentIn() throws {
        for order in [KeeperOrder.spawn(request), .cancel(id: 7, .now), .cancel(id: .max, .gently)] {
            #expect(try KeeperOrder(order.bytes[...]) == order)
        }
        var outcome = ProcessOutcome(.outOfMemory(5))
        outcome.obstacle = "/x"
        outcome.wallSeconds = 1.5
        outcome.peakAnonymousBytes = 9
        outcome.leftBehind = 2
        let endings: [ProcessOutcome.Ending] = [
            .exited(3), .signalled(9), .timedOut, .cancelled, .couldNotStart(2),
        ]
        let events =
            [ProcessEvent.report(id: 1, line: [1, 2]), .ended(id: 2, outcome), .interrupted(count: 3)]
            + endings.map { .ended(id: 1, ProcessOutcome($0)) }
        for event in events { #expect(try ProcessEvent(event.bytes[...]) == event) }
    }

    @Test func cutOrChangedMessagesAreRefusedWithoutACrash() throws {
        let bytes = KeeperOrder.spawn(request).bytes
        for count in bytes.indices {
            #expect(throws: MalformedMessage.self) { try KeeperOrder(bytes[..<count]) }
        }
        for place in bytes.indices {
            for value in [UInt8(0), 0x7f, 0x80, 0xff] {
                var changed = bytes
                changed[place] = value
                _ = try? KeeperOrder(changed[...])
                _ = try? ProcessEvent(changed[...])
            }
        }
    }
}
