import Platform

/// rclone, which serves the folders of a folder as buckets of S3 and checks every signature.
public final class BucketServer: Sendable {
    public static let keyID = "AKIATEST"
    public static let secret = "secret/se+cret"

    public let port: Int
    public var endpoint: String { "http://127.0.0.1:\(port)" }
    private let process: ServerProcess

    /// - Parameters:
    ///   - programs: Where rclone is: `Peers.folder`.
    ///   - data: A folder; each folder in it is a bucket.
    ///   - folder: Where its log goes.
    ///   - more: Further arguments.
    public init(_ programs: String, serving data: String, logsIn folder: String, _ more: String = "") throws {
        port = try freePort()
        process = try ServerProcess(
            """
            "\(programs)/rclone" serve s3 --config "" --addr 127.0.0.1:\(port) --auth-key "\(Self.keyID),\(Self.secret)" \
            \(more) "\(data)"
            """, in: folder, log: "rclone-\(port).log")
        try process.waitUntilItListens(at: port)
    }
}
