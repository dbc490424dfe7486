import CanonicalJSON
import Platform
import TestServers
import Testing

@testable import Transfers

/// Large enough for a note.
private let bytes = noise(3_000_000)
private let other = noise(3_000_000, seed: 2)

@Suite struct ResumeTests {
    @Test func `a connection that drops is gone on with where it dropped`() throws {
        let server = try FaultServer { request, number in
            let reply = FaultServer.Reply.file(bytes, tag: "\"one\"", request)
            return number < 3 ? reply.cut(afterBody: 500_000, then: number == 1 ? .close : .reset) : reply
        }
        let fetch = try Fetch(server.address)
        #expect(try fetch.run() == .fetched(ObjectState(entityTag: "\"one\"", size: 3_000_000)))
        #expect(try fetch.bytes == bytes)
        #expect(server.requests.map(\.rangeStart) == [nil, 500_000, 1_000_000, 1_500_000])
        #expect(server.requests.map { $0["if-range"] } == [nil, "\"one\"", "\"one\"", "\"one\""])
    }

    @Test func `a fetch that failed is gone on with by the next`() throws {
        let server = try FaultServer { request, number in
            let reply = FaultServer.Reply.file(bytes, tag: "\"one\"", request)
            return number < 2 ? reply.cut(afterBody: 700_000) : reply
        }
        let fetch = try Fetch(server.address + "/data.csv?token=hidden")
        var settings = quickly(attempts: 2)
        settings.retries.progress = 10_000_000
        #expect(
            fetch.failure(settings)?.replacing(server.address, with: "http://host")
                == "'http://host/data.csv?...' could not be fetched in 2 attempts: the connection was dropped after 700000 of 3000000 bytes, then the connection was dropped after 1400000 of 3000000 bytes"
        )
        #expect(fetch.partial == ["file", "note.json"])
        _ = try fetch.run()
        #expect(try fetch.bytes == bytes)
        #expect(server.requests.map(\.rangeStart) == [nil, 700_000, 1_400_000])
    }

    /// As many failures as it takes, when each brought a good piece.
    @Test func `attempts that get further are not counted together`() throws {
        let many = noise(10_000_000)
        let server = try FaultServer { request, _ in
            FaultServer.Reply.file(many, tag: "\"one\"", request).cut(afterBody: 1_200_000)
        }
        let fetch = try Fetch(server.address)
        _ = try fetch.run(quickly(attempts: 2))
        #expect(try fetch.bytes == many)
        #expect(server.requests.count == 9)
    }

    @Test func `a file that changed in between is fetched anew`() throws {
        let server = try FaultServer { request, number in
            number == 0
                ? .file(bytes, tag: "\"one\"", request).cut(afterBody: 2_000_000)
                : .file(other, tag: "\"two\"", request)
        }
        let fetch = try Fetch(server.address)
        #expect(try fetch.run() == .fetched(ObjectState(entityTag: "\"two\"", size: 3_000_000)))
        #expect(try fetch.bytes == other)
        #expect(server.requests.map(\.rangeStart) == [nil, 2_000_000])
    }

    /// A part of another file, whatever `If-Range` said.
    @Test func `a rest of another file is not put behind the beginning`() throws {
        let server = try FaultServer { request, number in
            switch number {
            case 0: .file(bytes, tag: "\"one\"", request).cut(afterBody: 2_000_000)
            case 1: .part(other, from: 2_000_000, of: 3_000_000, ["ETag": "\"two\""])
            default: .file(other, tag: "\"two\"", request)
            }
        }
        let fetch = try Fetch(server.address)
        _ = try fetch.run()
        #expect(try fetch.bytes == other)
        #expect(server.requests.map(\.rangeStart) == [nil, 2_000_000, nil])
    }

    @Test func `a rest that does not begin where it should is not taken`() throws {
        let fields = ["ETag": "\"one\""]
        let wrong: [FaultServer.Reply] = [
            .part(bytes, from: 1_999_999, of: 3_000_000, fields),
            .part(bytes, from: 2_000_000, of: 3_000_001, fields),
            .answer(206, Array(bytes[2_000_000...]), fields),
            .answer(206, Array(bytes[2_000_000...]), ["Content-Range": "bytes 2000000-1/3000000"]),
            .answer(206, Array(bytes[2_000_000...]), ["Content-Range": "lines 2000000-2999999/3000000"]),
            .answer(206, "", ["Content-Type": "multipart/byteranges; boundary=x"]),
            .answer(416, "", ["Content-Range": "bytes */3000000"]),
        ]
        for reply in wrong {
            let server = try FaultServer { request, number in
                switch number {
                case 0: .file(bytes, tag: "\"one\"", request).cut(afterBody: 2_000_000)
                case 1: reply
                default: .file(bytes, tag: "\"one\"", request)
                }
            }
            let fetch = try Fetch(server.address)
            _ = try fetch.run()
            #expect(try fetch.bytes == bytes)
            #expect(server.requests.map(\.rangeStart) == [nil, 2_000_000, nil])
        }
    }

    /// As `rclone serve s3` 1.75 does.
    @Test func `a part is known by its range, and not by its status`() throws {
        let server = try FaultServer { request, _ in
            guard let start = request.rangeStart else {
                return .file(bytes, tag: "\"one\"", request).cut(afterBody: 2_000_000)
            }
            return .part(bytes, from: start, of: bytes.count, status: 200, ["ETag": "\"one\""])
        }
        let fetch = try Fetch(server.address)
        _ = try fetch.run()
        #expect(try fetch.bytes == bytes)
        #expect(server.requests.map(\.rangeStart) == [nil, 2_000_000])
    }

    @Test func `a rest with more bytes than the whole has is not written`() throws {
        let server = try FaultServer { request, number in
            switch number {
            case 0: .file(bytes, tag: "\"one\"", request).cut(afterBody: 2_999_998)
            case 1:
                .answer(
                    206, "5\r\nabcde\r\n0\r\n\r\n",
                    [
                        "Content-Range": "bytes 2999998-2999999/3000000", "ETag": "\"one\"",
                        "Transfer-Encoding": "chunked",
                    ])
            default: .file(bytes, tag: "\"one\"", request)
            }
        }
        let fetch = try Fetch(server.address)
        _ = try fetch.run()
        #expect(try fetch.bytes == bytes)
    }

    /// Without an entity tag or a time, or with a weak tag, nothing says that a rest belongs to a beginning.
    @Test func `what cannot be gone on with is fetched anew`() throws {
        for fields in [[:], ["ETag": "W/\"one\"", "Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT"]] {
            let server = try FaultServer { _, number in
                let reply = FaultServer.Reply.answer(200, bytes, fields)
                return number == 0 ? reply.cut(afterBody: 2_000_000) : reply
            }
            let fetch = try Fetch(server.address)
            _ = try fetch.run()
            #expect(try fetch.bytes == bytes)
            #expect(server.requests.map(\.rangeStart) == [nil, nil])
        }
    }

    @Test func `a file of which all is here already is finished`() throws {
        let server = try FaultServer { request, _ in .file(bytes, tag: "\"one\"", request) }
        let fetch = try Fetch(server.address)
        try Files.makeDirectories(fetch.scratch.place("partial"))
        try Files.write(bytes, to: fetch.scratch.place("partial/file"))
        try Files.write(
            ObjectState(entityTag: "\"one\"", size: 3_000_000).json.canonicalBytes,
            to: fetch.scratch.place("partial/note.json"))
        _ = try fetch.run()
        #expect(try fetch.bytes == bytes)
        #expect(server.requests.map(\.rangeStart) == [2_999_999])
    }

    @Test func `a note that cannot be read is no note`() throws {
        let server = try FaultServer { request, _ in .file(bytes, tag: "\"one\"", request) }
        for note in ["", "{", "[]", "{\"etag\":7}", "\u{0}"] {
            let fetch = try Fetch(server.address)
            try Files.makeDirectories(fetch.scratch.place("partial"))
            try Files.write(other, to: fetch.scratch.place("partial/file"))
            try Files.write(Array(note.utf8), to: fetch.scratch.place("partial/note.json"))
            _ = try fetch.run()
            #expect(try fetch.bytes == bytes)
        }
        #expect(server.requests.allSatisfy { $0.rangeStart == nil })
    }
}
