import Glibc
import Platform
import Synchronization
import TestServers
import Testing

/// A stage whose data lies outside the project, by way of a real web server.
@Suite struct FetchTests {
    /// A file of the web, which tests replace.
    final class Page: Sendable {
        let state = Mutex((bytes: Array("id,x\n1,2\n".utf8), tag: "\"one\""))
        /// Requests that were answered with the file.
        let given = Mutex(0)

        func become(_ text: String, tag: String) { state.withLock { $0 = (Array(text.utf8), tag) } }
    }

    static func server(_ page: Page) throws -> FaultServer {
        try FaultServer { request, _ in
            if request["authorization"] != "Bearer so-secret" { return .answer(401, "who are you?") }
            let (bytes, tag) = page.state.withLock { $0 }
            if request["if-none-match"] != tag { page.given.withLock { $0 += 1 } }
            return .file(bytes, tag: tag, request)
        }
    }

    static let token = ["PAGE_TOKEN": "Bearer so-secret"]

    static func workplace(_ port: UInt16, refresh: String) throws -> Workplace {
        let place = try Workplace()
        try place.write("sluice.yaml", "default: pages.yaml\n")
        try place.write(
            "pages.yaml",
            """
            stages:
              page:
                uses: collect.http
                with:
                  url: http://127.0.0.1:\(port)/numbers.csv
                  headers: { Authorization: { env: PAGE_TOKEN } }
                  refresh: \(refresh)
              numbers:
                uses: collect.csv
                in: page
            """)
        return place
    }

    static func run(_ place: Workplace, _ words: String...) throws -> (Int32, String) {
        let line = (["run", "pages.yaml"] + words).joined(separator: " ")
        let result = try place.shell("PAGE_TOKEN='\(token["PAGE_TOKEN"]!)' $SLUICE \(line)")
        return (result.status, result.text)
    }

    @Test func aSourceIsLookedAtInEveryRunAndFetchedWhenItIsAnotherOne() throws {
        let page = Page()
        let server = try Self.server(page)
        let place = try Self.workplace(server.port, refresh: "always")
        let first = try Self.run(place)
        #expect(first.0 == 0, "\(first.1)")
        let lock = try place.read("pages.lock")
        #expect(lock.contains("    validator: {\"etag\":\"\\\"one\\\"\""))
        // Nothing is new: asked, not fetched, nothing runs, the lock stays.
        let second = try Self.run(place)
        #expect(second.1.contains("2 hits") || second.1.contains("nothing to do"), "\(second.1)")
        #expect(page.given.withLock { $0 } == 1)
        #expect(try place.read("pages.lock") == lock)
        page.become("id,x\n1,2\n2,3\n", tag: "\"two\"")
        #expect(try Self.run(place).0 == 0)
        #expect(page.given.withLock { $0 } == 2)
        #expect(
            try place.shell("$SLUICE get numbers --as csv --force -o got.csv > /dev/null && cat got.csv").text
                == "id,x\n1,2\n2,3")
        // The same bytes under another tag: nothing downstream runs, the lock has the tag.
        page.become("id,x\n1,2\n2,3\n", tag: "\"three\"")
        let fourth = try Self.run(place)
        #expect(fourth.0 == 0)
        #expect(try place.read("pages.lock").contains("\\\"three\\\""))
    }

    @Test func whatIsPinnedHoldsOfflineAndLockedAndMovesOnlyWhenAsked() throws {
        let page = Page()
        let server = try Self.server(page)
        let place = try Self.workplace(server.port, refresh: "never")
        let offline = try Self.run(place, "--offline")
        #expect(offline.0 == 1)
        #expect(offline.1.contains("pages.yaml:2:3: error: there is no snapshot here of what 'page' fetches"))
        #expect(try Self.run(place).0 == 0)
        page.become("id,x\n7,7\n", tag: "\"two\"")
        #expect(try Self.run(place).0 == 0)
        #expect(try Self.run(place, "--locked").0 == 0)
        #expect(try Self.run(place, "--offline").0 == 0)
        #expect(page.given.withLock { $0 } == 1)
        // What the lock pins is gone from the store, and the server has something else.
        try place.shell("chmod -R u+w .sluice && rm -r .sluice")
        let moved = try Self.run(place, "--locked")
        #expect(moved.0 == 1)
        #expect(moved.1.contains("error: the source of 'page' has moved on: it is not as it was locked"))
        let both = try Self.run(place, "--locked", "--offline")
        #expect(both.0 == 1)
        #expect(both.1.contains("there is no snapshot here"), "\(both.1)")
        #expect(page.given.withLock { $0 } == 2)
        #expect(try Self.run(place, "--refresh", "page").0 == 0)
        #expect(
            try place.shell("$SLUICE get numbers --as csv --force -o got.csv > /dev/null && cat got.csv").text
                == "id,x\n7,7")
    }

    @Test func noSecretIsKeptAnywhere() throws {
        let page = Page()
        let server = try Self.server(page)
        let place = try Self.workplace(server.port, refresh: "1h")
        let unset = try place.shell("$SLUICE run pages.yaml")
        #expect(unset.status == 1)
        #expect(
            unset.text.contains("the header 'Authorization' is to be what PAGE_TOKEN holds, which is not set")
        )
        let wrong = try place.shell("PAGE_TOKEN='Bearer another-secret' $SLUICE run pages.yaml")
        #expect(wrong.status == 1)
        #expect(wrong.text.contains("401"))
        #expect(try Self.run(place).0 == 0)
        for secret in ["so-secret", "another-secret"] {
            #expect(!wrong.text.contains(secret))
            #expect(try place.shell("grep -rl '\(secret)' . .sluice").status == 1)
        }
        // Within the hour nobody asks.
        page.become("id,x\n7,7\n", tag: "\"two\"")
        #expect(try Self.run(place).0 == 0)
        #expect(page.given.withLock { $0 } == 1)
    }

    @Test func aFetchThatBreaksOffGoesOnInTheNextRun() throws {
        let bytes = Array(String(repeating: "0123456789,\n", count: 100_000).utf8)
        let broken = Mutex(true)
        let ranges = Mutex<[Int]>([])
        let server = try FaultServer { request, _ in
            if let start = request.rangeStart { ranges.withLock { $0.append(start) } }
            let whole = FaultServer.Reply.file(bytes, tag: "\"one\"", request)
            guard broken.withLock({ $0 }) else { return whole }
            return request.rangeStart == nil ? whole.cut(afterBody: 500_000) : .answer(503, "")
        }
        let place = try Workplace()
        try place.write("sluice.yaml", "default: pages.yaml\n")
        try place.write(
            "pages.yaml",
            "stages:\n  page:\n    uses: collect.http\n    timeout: 4s\n    with: { url: 'http://127.0.0.1:\(server.port)/x' }\n"
        )
        #expect(try place.shell("$SLUICE run pages.yaml").status == 1)
        #expect(!(try place.exists("pages.lock") && place.read("pages.lock").contains("snapshot:")))
        broken.withLock { $0 = false }
        ranges.withLock { $0 = [] }
        let result = try place.shell("$SLUICE run pages.yaml")
        #expect(result.status == 0, "\(result.text)")
        #expect(ranges.withLock { $0.first ?? 0 } > 0)
        #expect(try place.shell("$SLUICE get page -o got && wc -c < got").text.hasSuffix("\(bytes.count)"))
    }
}
