import Glibc
import Platform
import TestServers
import Testing

@testable import Transfers

/// A certificate of the test's own, and servers that have it.
@Suite(.enabled(if: Peers.openssl != nil, "there is no openssl"))
struct TLSTests {
    private let scratch: Scratch
    private let certificate: String

    init() throws {
        scratch = try Scratch()
        certificate = scratch.place("certificate.pem")
        _ = try Subprocess.output(
            of: [
                try #require(Peers.openssl), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                "-subj",
                "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                scratch.place("key.pem"), "-out",
                certificate,
            ], mergesErrors: true)
    }

    /// Serves files that are whole answers, heads and all.
    private func serve(_ answers: [String: String]) throws -> (address: String, ServerProcess) {
        for (name, text) in answers { try Files.write(Array(text.utf8), to: scratch.place(name)) }
        let port = try freePort()
        let server = try ServerProcess(
            "\"\(try #require(Peers.openssl))\" s_server -HTTP -quiet -accept 127.0.0.1:\(port) -cert certificate.pem -key key.pem",
            in: scratch.path)
        try server.waitUntilItListens(at: port)
        return ("https://127.0.0.1:\(port)", server)
    }

    private var trusting: TransferSettings {
        var settings = TransferSettings(
            environment: ["CURL_CA_BUNDLE": "", "SSL_CERT_FILE": certificate],
            authorities: ["CURL_CA_BUNDLE", "SSL_CERT_FILE"])
        settings.retries.firstWait = 0.01
        return settings
    }

    @Test func `a server is believed by its certificate alone`() throws {
        let (address, process) = try serve(["x": "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc"])
        try withExtendedLifetime(process) {
            let fetch = try Fetch(address + "/x")
            #expect(
                fetch.failure()?.replacing(address, with: "https://host") == """
                    'https://host/x': the server's certificate is not trusted: SSL certificate problem: self-signed certificate
                    fix: install the authorities that most servers use: apt install ca-certificates; for an authority of your own set SSL_CERT_FILE to its certificate
                    """)
            _ = try fetch.run(trusting)
            #expect(try fetch.bytes == Array("abc".utf8))
            // The certificate is for 127.0.0.1.
            let other = try Fetch(address.replacing("127.0.0.1", with: "localhost") + "/x")
            #expect(other.failure(trusting)?.contains("the server's certificate is not trusted") == true)
        }
    }

    @Test func `nobody is led from https to http`() throws {
        let open = try FaultServer { _, _ in .answer(200, "open") }
        let (address, process) = try serve([
            "x":
                "HTTP/1.0 302 Found\r\nLocation: \(open.address)/y?signature=hidden\r\nContent-Length: 0\r\n\r\n"
        ])
        try withExtendedLifetime(process) {
            #expect(
                try Fetch(address + "/x").failure(trusting)?.replacing(address, with: "https://host")
                    .replacing(open.address, with: "http://open") == """
                        'https://host/x' leads on to 'http://open/y?...', which is not encrypted, and is not followed
                        fix: write http://open/y?... itself if it is to be fetched so
                        """)
            #expect(open.requests.isEmpty)
            // The other way round is fine.
            let upwards = try FaultServer { _, _ in .answer(302, "", ["Location": address + "/z"]) }
            try Files.write(
                Array("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nz".utf8), to: scratch.place("z"))
            let fetch = try Fetch(upwards.address)
            _ = try fetch.run(trusting)
            #expect(try fetch.bytes == Array("z".utf8))
        }
    }

    @Test(.enabled(if: Peers.folder != nil, "SLUICE_PEERS_PYTHON is not set"))
    func `objects come over TLS`() throws {
        try Files.makeDirectories(scratch.place("data/odd"))
        try Files.write(Array("abc".utf8), to: scratch.place("data/odd/a b.txt"))
        let server = try S3Server.startRclone(
            scratch.path, "--cert \"\(certificate)\" --key \"\(scratch.place("key.pem"))\"")
        try withExtendedLifetime(server) {
            let endpoint = server.endpoint.replacing("http:", with: "https:")
            var fetch = try FolderFetch(endpoint, bucket: "odd", credentials: S3Server.credentials)
            #expect(fetch.failure()?.contains("the server's certificate is not trusted") == true)
            fetch.settings = trusting
            _ = try fetch.run()
            #expect(try fetch.files() == ["a b.txt": "abc"])
        }
    }
}
