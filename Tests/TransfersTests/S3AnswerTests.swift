import TestServers
import Testing

@testable import Transfers

@Suite struct S3AnswerTests {
    private func refusal(
        _ code: String, status: Int = 403, _ more: String = "", key: String? = nil, isAnonymous: Bool = false,
        fields: String = ""
    ) throws -> String {
        let bucket = try S3Bucket(
            "logs", endpoint: "http://host:9000", region: "eu-west-1", addressing: .auto,
            credentials: isAnonymous ? nil : FolderFetch.credentials)
        var head = try #require(HTTPHead(statusLine: "HTTP/1.1 \(status) X"))
        if !fields.isEmpty { head.add(line: fields) }
        let body =
            code.isEmpty
            ? ""
            : "<?xml version='1.0'?><Error><Code>\(code)</Code><Message>Some words.</Message>\(more)</Error>"
        let error = S3Error.refused(
            S3Refusal(HTTPAnswer(head: head, body: Array(body.utf8)), bucket, key: key))
        #expect(!error.message.contains("AKIATEST") && !error.message.contains("verysecret"))
        return error.message + (error.fix.map { "\nfix: \($0)" } ?? "")
    }

    @Test func `every refusal that people meet says what to do`() throws {
        #expect(
            try refusal("AccessDenied") == """
                bucket 'logs': the credentials of the environment may not list it
                fix: let them s3:ListBucket on the bucket, or name another profile
                """)
        #expect(
            try refusal("AccessDenied", key: "a\n.csv") == """
                object 'a\\n.csv' of bucket 'logs': the credentials of the environment may not read it
                fix: let them s3:GetObject on its objects, or name another profile
                """)
        #expect(
            try refusal("AccessDenied", isAnonymous: true) == """
                bucket 'logs': not everybody may list it
                fix: take anonymous: true away and give credentials
                """)
        #expect(
            try refusal("ExpiredToken", status: 400) == """
                bucket 'logs': the credentials of the environment have expired
                fix: get new ones, such as by aws sso login
                """)
        #expect(
            try refusal("RequestTimeTooSkewed") == """
                bucket 'logs': the clock of this machine and that of http://host:9000 differ too much
                fix: set the clock: timedatectl set-ntp true
                """)
        #expect(
            try refusal("PermanentRedirect", status: 301, fields: "x-amz-bucket-region: eu-north-1") == """
                bucket 'logs': it is not in region 'eu-west-1' but in 'eu-north-1'
                fix: write region: eu-north-1
                """)
        #expect(
            try refusal("AuthorizationHeaderMalformed", status: 400, "<Region>eu-north-1</Region>")
                == refusal("PermanentRedirect", status: 301, fields: "x-amz-bucket-region: eu-north-1"))
        #expect(
            try refusal("", status: 301).contains(
                "it is not in region 'eu-west-1'\nfix: write region: REGION"))
        #expect(
            try refusal("InvalidObjectState", key: "x") == """
                object 'x' of bucket 'logs' is archived and cannot be read as it is
                fix: restore it first: aws s3api restore-object
                """)
        #expect(
            try refusal("KMS.DisabledException", status: 400)
                == "bucket 'logs': http://host:9000 answers 400 Bad Request (KMS.DisabledException): Some words."
        )
        #expect(try refusal("", status: 418) == "bucket 'logs': http://host:9000 answers status 418")
        #expect(try refusal("", status: 403, key: "x").contains("may not read it"))
        #expect(try refusal("", status: 404, key: "x").hasPrefix("there is no object 'x' of bucket 'logs'"))
    }

    /// What a server says is no reason to trust it.
    @Test func `words of a server are short, and control nothing`() throws {
        let long = try refusal("X\u{1B}[2J" + String(repeating: "y", count: 100), status: 400, "")
        #expect(!long.contains("\u{1B}"))
        for body in [
            "<Error><Code>", "<!DOCTYPE x [<!ENTITY y 'z'>]><Error><Code>&y;</Code></Error>", "\u{0}", "{}",
        ] {
            let bucket = try S3Bucket("logs", endpoint: nil, region: nil, addressing: .auto, credentials: nil)
            let answer = HTTPAnswer(head: HTTPHead(status: 403), body: Array(body.utf8))
            #expect(S3Refusal(answer, bucket, key: nil).code == "AccessDenied")
        }
    }

    private static let page = """
        <?xml version="1.0" encoding="UTF-8"?>
        <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><IsTruncated>true</IsTruncated>
        <Contents><Key>a+b%2B</Key><LastModified>2026-02-28T05:03:09.185Z</LastModified><ETag>&quot;e1&quot;</ETag><Size>8</Size></Contents>
        <Contents><Key>%C3%BC</Key><LastModified>2026-11-29T05:33:23Z</LastModified><ETag></ETag><Size>0</Size></Contents>
        <Contents><Key>x</Key><ETag>bare</ETag><Size>9</Size></Contents>
        <CommonPrefixes><Prefix>p</Prefix></CommonPrefixes>
        <EncodingType>url</EncodingType><NextContinuationToken>t==</NextContinuationToken></ListBucketResult>
        """

    @Test func `a page of a list is read`() throws {
        let page = try S3Listing(parsing: Array(Self.page.utf8))
        #expect(page.next == "t==")
        #expect(
            page.entries == [
                .init(key: "a b+", size: 8, entityTag: "\"e1\"", lastModified: nil),
                .init(key: "ü", size: 0, entityTag: nil, lastModified: "Sun, 29 Nov 2026 05:33:23 GMT"),
                .init(key: "x", size: 9, entityTag: "\"bare\"", lastModified: nil),
            ])
        let plain = Self.page.replacing("<EncodingType>url</EncodingType>", with: "").replacing(
            "true", with: "false")
        let last = try S3Listing(parsing: Array(plain.utf8))
        #expect(last.next == nil)
        #expect(last.entries.map(\.key) == ["a+b%2B", "%C3%BC", "x"])
    }

    @Test func `what is no page is said`() {
        func problem(_ change: (String) -> String) -> String? {
            do throws(S3Listing.Problem) {
                _ = try S3Listing(parsing: Array(change(Self.page).utf8))
                return nil
            } catch {
                return error.description
            }
        }
        #expect(problem { _ in "<html></html>" } == "it is no list of objects")
        #expect(problem { _ in "" } == "line 1: not well-formed XML: the document is empty")
        #expect(problem { $0.replacing("<Size>8</Size>", with: "") } == "object 'a b+' has no size")
        #expect(problem { $0.replacing("<Size>8", with: "<Size>-8") } == "object 'a b+' has no size")
        #expect(
            problem { $0.replacing("<Size>8", with: "<Size>99999999999999999999") }
                == "object 'a b+' has no size")
        #expect(problem { $0.replacing("%C3%BC", with: "%C3") } == "object 2 has no key")
        #expect(problem { $0.replacing("<Key>x</Key>", with: "") } == "object 3 has no key")
        #expect(problem { $0.replacing("t==", with: "") } == "it goes on, but does not say where")
        #expect(
            problem {
                $0.replacing("?>\n", with: "?>\n<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>")
            }
                == "line 2: the document declares entities, which are not read")
    }

    @Test func `a damaged page ends in objects or in a reason`() {
        let bytes = Array(Self.page.utf8)
        for place in bytes.indices {
            _ = try? S3Listing(parsing: Array(bytes[..<place]))
            for flip in [UInt8(0x01), 0x20, 0x80] {
                var damaged = bytes
                damaged[place] ^= flip
                do throws(S3Listing.Problem) {
                    let page = try S3Listing(parsing: damaged)
                    #expect(page.entries.allSatisfy { $0.size >= 0 && !$0.key.isEmpty })
                } catch {
                    #expect(!error.description.isEmpty)
                }
            }
        }
    }

    @Test func `a list that goes round ends`() throws {
        let server = try FakeBucket { _, request, _ in .list([("k", 1, "\"e\"")], next: "same") }.serve()
        #expect(
            try FolderFetch(server.address).failure() == """
                the list of bucket 'bucket' cannot be read: it goes on where it has been already
                fix: see whether the endpoint is that of an S3 server
                """)
        #expect(server.requests.count == 2)
        let web = try FaultServer { _, _ in .answer(200, "<!DOCTYPE html><html><p>Hello") }
        #expect(
            try FolderFetch(web.address).failure()?.hasPrefix(
                "the list of bucket 'bucket' cannot be read: line ") == true)
    }

    @Test func `times are written as HTTP has them`() {
        #expect(HTTPDate.text(iso: "1994-11-06T08:49:37.999Z") == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.text(iso: "1970-01-01T00:00:00Z") == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(HTTPDate.text(iso: "2024-02-29T23:59:59.000Z") == "Thu, 29 Feb 2024 23:59:59 GMT")
        for bad in ["", "1969-12-31T23:59:59Z", "2024-02-30T00:00:00Z", "yesterday", "2024-01-01"] {
            #expect(HTTPDate.text(iso: bad) == nil)
        }
    }
}
