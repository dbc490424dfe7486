import Glibc
import Platform
import TestServers
import Testing

@testable import Transfers

/// Real servers that speak S3 and check every signature, with one bucket of odd keys, one of many objects, one that a
/// test may change.
struct S3Server: CustomTestStringConvertible, Sendable {
    let name: String
    let endpoint: String
    /// For the bucket `changing`.
    let changingPort: Int
    private let processes: [any Sendable]
    let folder: String
    var testDescription: String { name }
    var changingEndpoint: String { "http://127.0.0.1:\(changingPort)" }

    static let keyID = BucketServer.keyID
    static let secret = BucketServer.secret

    /// Keys as people, and programs, write them.
    static let oddKeys = [
        "a b.txt", "a+b.txt", "a=b&c.txt", "p%20q.txt", "ü/日本 語.txt", "q'u(o)te*!$,;@.txt", "~-_.txt",
        "#?[]{}|^`.txt",
        "deep/er/and/deeper/x.txt", "e\u{301}\u{1F600}.txt", "\"<>.txt", "back\\slash.txt",
    ]
    static let many = 2345

    /// rclone over a folder; entity tags are digests.
    static let rclone = Result { try S3Server(rclone: "rclone") }
    /// MinIO's gateway code over JuiceFS. Its entity tags come with uploads.
    static let juicefs = Result { try S3Server(juicefs: "juicefs", "--keep-etag") }
    /// The same without any entity tags.
    static let juicefsUntagged = Result { try S3Server(juicefs: "juicefs without tags", "") }

    static func named(_ name: String) throws -> S3Server {
        switch name {
        case "rclone": try rclone.get()
        case "juicefs": try juicefs.get()
        default: try juicefsUntagged.get()
        }
    }
    static let names = ["rclone", "juicefs", "juicefs without tags"]

    private init(rclone name: String) throws {
        folder = try S3Server.newFolder()
        try S3Server.fill(folder + "/data")
        // One that remembers no list makes it anew for every object.
        let (quiet, changing) = try (
            S3Server.startRclone(folder), S3Server.startRclone(folder, "--dir-cache-time 1ms")
        )
        (endpoint, changingPort) = (quiet.endpoint, changing.port)
        processes = [quiet, changing]
        self.name = name
    }

    /// - Parameter more: Further arguments.
    static func startRclone(_ folder: String, _ more: String = "") throws -> BucketServer {
        try BucketServer(#require(Peers.folder), serving: "\(folder)/data", logsIn: folder, more)
    }

    private init(juicefs name: String, _ more: String) throws {
        let programs = try #require(Peers.folder)
        folder = try S3Server.newFolder()
        try S3Server.fill(folder + "/data")
        let meta = "sqlite3://\(folder)/meta.db"
        let juicefs = "\(programs)/juicefs"
        _ = try Subprocess.output(
            of: [juicefs, "format", "--storage", "file", "--bucket", "\(folder)/store/", meta, "volume"],
            mergesErrors: true)
        let port = try freePort()
        let server = try ServerProcess(
            """
            env MINIO_ROOT_USER=\(S3Server.keyID) MINIO_ROOT_PASSWORD=\(S3Server.secret) "\(juicefs)" gateway --no-usage-report --multi-buckets \
            --no-banner --log "\(folder)/gateway.log" \(more) --cache-dir "\(folder)/cache" "\(meta)" 127.0.0.1:\(port)
            """, in: folder, log: "juicefs.log")
        try server.waitUntilItListens(at: port)
        endpoint = "http://127.0.0.1:\(port)"
        changingPort = port
        processes = [server]
        self.name = name
        for bucket in ["odd", "many", "changing"] {
            try upload("copy", "--transfers", "16", "\(folder)/data/\(bucket)", "it:\(bucket)")
        }
    }

    private static func newFolder() throws -> String {
        let folder = "/tmp/sluice-s3-\(getpid())-\(String(UInt32.random(in: 0 ... .max), radix: 36))"
        try Files.makeDirectories(folder)
        return folder
    }

    private static func fill(_ data: String) throws {
        for bucket in ["odd", "many", "changing"] { try Files.makeDirectories("\(data)/\(bucket)") }
        for key in oddKeys {
            let path = "\(data)/odd/\(key)"
            try Files.makeDirectories(String(path[..<path.lastIndex(of: "/")!]))
            try Files.write(Array("this is \(key)".utf8), to: path)
        }
        for number in 0..<many { try Files.write(Array("\(number)".utf8), to: "\(data)/many/\(number)") }
        try Files.write(noise(3_000_000), to: "\(data)/changing/large.bin")
        for name in ["a", "b", "c"] { try Files.write(Array(name.utf8), to: "\(data)/changing/\(name).txt") }
    }

    /// rclone as a client.
    private func upload(_ arguments: String...) throws {
        let settings = [
            "RCLONE_CONFIG_IT_TYPE=s3", "RCLONE_CONFIG_IT_PROVIDER=Minio",
            "RCLONE_CONFIG_IT_ENDPOINT=\(endpoint)",
            "RCLONE_CONFIG_IT_ACCESS_KEY_ID=\(S3Server.keyID)",
            "RCLONE_CONFIG_IT_SECRET_ACCESS_KEY=\(S3Server.secret)",
        ]
        let rclone = try #require(Peers.folder) + "/rclone"
        do {
            _ = try Subprocess.output(
                of: ["env"] + settings + [rclone, "--config", ""] + arguments, mergesErrors: true)
        } catch {
            try #require(Bool(false), "\(error)")
        }
    }

    /// Writes an object of the bucket `changing`; `nil` takes it away.
    func put(_ key: String, _ bytes: [UInt8]?) throws {
        let path = "\(folder)/data/changing/\(key)"
        if let bytes {
            try Files.write(bytes, to: path)
            if name != "rclone" { try upload("copyto", "--no-check-dest", path, "it:changing/\(key)") }
        } else {
            try Files.remove(path)
            if name != "rclone" { try upload("deletefile", "it:changing/\(key)") }
        }
    }

    static var credentials: AWSCredentials {
        AWSCredentials(keyID: keyID, secret: secret, token: nil, origin: "the environment")
    }
}

/// Bytes that repeat nowhere near.
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state >> 24)
    }
}
