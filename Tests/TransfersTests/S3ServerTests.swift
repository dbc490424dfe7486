import Glibc
import Platform
import TestServers
import Testing

@testable import Transfers

@Suite(.enabled(if: Peers.folder != nil, "SLUICE_PEERS_PYTHON is not set"))
struct S3ServerTests {
    private func fetch(
        _ server: S3Server, _ bucket: String, _ selection: S3Selection = S3Selection(prefix: ""),
        endpoint: String? = nil, by credentials: AWSCredentials? = S3Server.credentials
    ) throws -> FolderFetch {
        try FolderFetch(endpoint ?? server.endpoint, bucket: bucket, selection, credentials: credentials)
    }

    @Test(arguments: S3Server.names) func `keys of every kind come as they are`(name: String) throws {
        let fetch = try fetch(.named(name), "odd")
        _ = try fetch.run()
        let expected = Dictionary(uniqueKeysWithValues: S3Server.oddKeys.map { ($0, "this is \($0)") })
        #expect(try fetch.files() == expected)
    }

    @Test(arguments: S3Server.names) func `a key alone is looked at without a list`(name: String) throws {
        let server = try S3Server.named(name)
        for key in S3Server.oddKeys {
            let fetch = try fetch(
                server, "odd", S3Selection(prefix: "", starts: [], paths: [key]) { _ in false })
            _ = try fetch.run()
            #expect(try fetch.files() == [key: "this is \(key)"])
        }
    }

    @Test(arguments: S3Server.names) func `lists of several pages are read to their end`(name: String) throws
    {
        let fetch = try fetch(.named(name), "many")
        #expect(try fetch.summary().objects == S3Server.many)
        let files = try fetch.files()
        #expect(files.count == S3Server.many)
        #expect(files.allSatisfy { $0.key == $0.value })
        #expect(try fetch.run("two", previous: "one") == .unchanged)
    }

    @Test(arguments: S3Server.names) func `only what changed comes again`(name: String) throws {
        let server = try S3Server.named(name)
        let fetch = try fetch(server, "changing", endpoint: server.changingEndpoint)
        _ = try fetch.run("one")
        #expect(try fetch.run("two", previous: "one") == .unchanged)
        // Times are told in seconds where there are no entity tags.
        usleep(1_100_000)
        try server.put("b.txt", Array("other".utf8))
        try server.put("new.txt", Array("new".utf8))
        try server.put("c.txt", nil)
        usleep(1_100_000)
        try Files.remove(fetch.scratch.place("partial"))
        #expect(try fetch.summary("two", previous: "one").new == 2)
        var files = try fetch.files("two")
        #expect(files.removeValue(forKey: "large.bin") != nil)
        #expect(files == ["a.txt": "a", "b.txt": "other", "new.txt": "new"])
        try server.put("c.txt", Array("c".utf8))
        try server.put("b.txt", Array("b".utf8))
        try server.put("new.txt", nil)
    }

    /// Two connections that drop, on the way to a server that knows nothing of it.
    @Test(arguments: S3Server.names) func `an object is gone on with where its connection dropped`(
        name: String
    ) throws {
        let server = try S3Server.named(name)
        let relay = try DroppingRelay(to: server.changingPort, after: 1_100_000, times: 2)
        let selection = S3Selection(prefix: "", starts: [], paths: ["large.bin"]) { _ in false }
        let fetch = try fetch(server, "changing", selection, endpoint: relay.address)
        _ = try fetch.run()
        #expect(try Files.read(fetch.scratch.place("one/objects/large.bin")) == noise(3_000_000))
        // Had it begun anew each time, three times the size would have come.
        #expect(relay.count < 3_200_000)
        #expect(relay.dropped == 2)
    }

    @Test(arguments: S3Server.names) func `wrong credentials are told apart, and none is told`(
        name: String
    ) throws {
        let server = try S3Server.named(name)
        func failure(_ change: (inout AWSCredentials) -> Void) throws -> String {
            var credentials = S3Server.credentials
            change(&credentials)
            let said = try #require(try fetch(server, "odd", by: credentials).failure())
            for secret in [credentials.secret, credentials.keyID, credentials.token].compactMap({ $0 }) {
                #expect(!said.contains(secret), "\(said)")
            }
            return said.replacing(server.endpoint, with: "http://host")
        }
        #expect(
            try failure { $0.secret = "wrongsecret" } == """
                bucket 'odd': http://host says that the secret key of the environment is not the one of its access key
                fix: see AWS_SECRET_ACCESS_KEY, or aws_secret_access_key of the profile, for a missing or additional character
                """)
        #expect(
            try failure { $0.keyID = "AKIAOTHER" } == """
                bucket 'odd': http://host does not know the access key of the environment
                fix: see AWS_ACCESS_KEY_ID, or aws_access_key_id of the profile, and the endpoint
                """)
        // rclone has no tokens.
        if name != "rclone" {
            #expect(
                try failure { $0.token = "sessiontoken" } == """
                    bucket 'odd': the session token of the environment is not valid at http://host
                    fix: get new credentials; take AWS_SESSION_TOKEN away where they have none
                    """)
        }
        let anonymous = try #require(try fetch(server, "odd", by: nil).failure())
        #expect(
            name == "rclone"
                || anonymous.hasPrefix("bucket 'odd': not everybody may list it\nfix: take anonymous"))
    }

    @Test(arguments: S3Server.names) func `a bucket or object that is not there is said`(name: String) throws
    {
        let server = try S3Server.named(name)
        #expect(
            try fetch(server, "nowhere").failure()?.replacing(server.endpoint, with: "http://host") == """
                there is no bucket 'nowhere' at http://host
                fix: see bucket, and endpoint or AWS_ENDPOINT_URL_S3
                """)
        #expect(
            try fetch(
                server, "odd", S3Selection(prefix: "", starts: [], paths: ["no such key"]) { _ in false }
            )
            .failure() == """
                there is no object 'no such key' of bucket 'odd'
                fix: see prefix and match; aws s3 ls --recursive shows what there is
                """)
    }

    /// The bucket stands in the host, `odd.localhost`.
    @Test func `a bucket may stand in the host`() throws {
        let server = try S3Server.named("rclone")
        let virtual = try S3Server.startRclone(server.folder, "--force-path-style=false")
        try withExtendedLifetime(virtual) {
            let scratch = try Scratch()
            let bucket = try S3Bucket(
                "odd", endpoint: virtual.endpoint.replacing("127.0.0.1", with: "localhost"), region: nil,
                addressing: .virtual,
                credentials: S3Server.credentials)
            let outcome = try S3Folder(bucket, S3Selection(prefix: "")).fetch(
                to: scratch.place("out"), partial: scratch.place("partial"), previous: nil, width: 4,
                quickly())
            #expect(try FolderFetch.summary(outcome).objects == S3Server.oddKeys.count)
        }
    }

    @Test func `ten thousand small objects come in reasonable time`() throws {
        let (count, folder) = (10_000, try Scratch())
        let data = folder.place("data/small")
        try Files.makeDirectories(data)
        for number in 0..<count {
            try Files.write(Array("row \(number)\n".utf8), to: "\(data)/part-\(number).csv")
        }
        let server = try S3Server.startRclone(folder.path)
        defer { withExtendedLifetime(server) {} }
        let fetch = try FolderFetch(server.endpoint, bucket: "small", credentials: S3Server.credentials)
        let (start, cpu) = (monotonicSeconds(), processSeconds())
        #expect(try fetch.summary().objects == count)
        let seconds = monotonicSeconds() - start
        print("10,000 objects: \(seconds) s, of which this process worked \(processSeconds() - cpu) s")
        #expect(seconds < 120)
        #expect(try fetch.run("two", previous: "one") == .unchanged)
    }
}

private func processSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
