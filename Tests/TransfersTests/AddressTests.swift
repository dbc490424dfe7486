import Testing

@testable import Transfers

@Suite struct AddressTests {
    @Test func `an address is read as libcurl reads it`() throws {
        let address = try WebAddress(
            "HTTPS://Host.Example/a/../b c".replacing(" ", with: "%20") + "?x=ü#part")
        #expect(address.text == "https://Host.Example/a/../b%20c?x=%c3%bc")
        #expect((address.scheme, address.host, address.port) == ("https", "Host.Example", 443))
        #expect(address.authority == "Host.Example")
        #expect(try WebAddress("http://[::1]:81/").authority == "[::1]:81")
        #expect(WebAddress.shown("https://u:p@h:1/x?y=secret#z") == "https://h:1/x?...")
        #expect(WebAddress.shown("not an address") == "not an address")
    }

    @Test func `what is no address is said, and nothing secret of it`() {
        func reason(_ text: String) -> String? { failure { _ = try WebAddress(text) } }
        #expect(
            reason("https://me:hunter2@h/x?key=k") == """
                'https://h/x?...' is no address to fetch: a user or password stands in it, which would be kept in clear
                fix: write http://HOST/PATH or https://HOST/PATH
                """)
        #expect(reason("file:///etc/passwd")?.contains("only http and https are fetched") == true)
        #expect(reason("ftp://h/x")?.contains("only http and https are fetched") == true)
        #expect(
            reason("http://h/a b")?.contains(
                "it has white space or control characters; a space is written %20") == true)
        #expect(reason("http://h/\r\nX: y")?.contains("white space or control") == true)
        for text in ["", "http://", "h/x:y:z", "http://h:99999/", "http://h:x/"] {
            #expect(reason(text) != nil, "\(text)")
        }
    }

    @Test func `a field is one line`() {
        #expect(
            failure { _ = try HTTPField("X-A", "b\r\nEvil: 1") }
                == "header 'X-A': its value has line breaks or other control characters")
        #expect(
            failure { _ = try HTTPField("X A", "b") }
                == "header 'X A': a name has letters, digits, and - only")
        #expect(failure { _ = try HTTPField("", "b") }?.contains("a name has") == true)
        #expect(failure { _ = try HTTPField("X", "") } == "header 'X': its value is empty")
    }

    @Test func `heads are read line by line`() throws {
        var head = try #require(HTTPHead(statusLine: "HTTP/2 206 \r\n"))
        for line in [
            "ETag: \"a\"\r\n", "etag: \"b\"\r\n", "no field\r\n", "Content-Length:  7 \r\n",
            "Content-Range: bytes 2-8/9\r\n",
        ] {
            head.add(line: line)
        }
        #expect((head.status, head.entityTag, head.length) == (206, "\"a\"", 7))
        #expect(ObjectState(head) == ObjectState(entityTag: "\"a\"", size: 9))
        for bad in ["", "HTTP/1.1", "HTTP/1.1 20", "HTTP/1.1 abc", "http/1.1 200", "HTTP/1.1 099 x"] {
            #expect(HTTPHead(statusLine: bad) == nil)
        }
        for bad in [
            "", "bytes", "bytes 1-2", "bytes 2-1/3", "bytes 0-3/3", "bytes a-b/c", "bytes */3",
            "bytes -1-2/3",
        ] {
            #expect(ContentRange(bad) == nil, "\(bad)")
        }
        #expect(ContentRange("bytes 0-2/*")?.whole == nil)
    }
}
