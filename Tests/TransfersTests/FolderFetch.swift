import Platform

@testable import Transfers

/// A bucket fetched into folders of the test's own.
struct FolderFetch {
    let scratch: Scratch
    let folder: S3Folder
    var settings = quickly()

    static let credentials = AWSCredentials(
        keyID: "AKIATEST", secret: "verysecret", token: nil, origin: "the environment")

    init(
        _ endpoint: String, bucket: String = "bucket", _ selection: S3Selection = S3Selection(prefix: ""),
        credentials: AWSCredentials? = nil, region: String? = nil
    ) throws {
        scratch = try Scratch()
        folder = S3Folder(
            try S3Bucket(
                bucket, endpoint: endpoint, region: region, addressing: .auto, credentials: credentials),
            selection)
    }

    /// - Parameter previous: Name of the output of an earlier run.
    func run(_ name: String = "one", previous: String? = nil) throws -> S3Folder.Outcome {
        try folder.fetch(
            to: scratch.place(name), partial: scratch.place("partial"), previous: previous.map(scratch.place),
            width: 4,
            settings)
    }

    func failure() -> String? { TransfersTests.failure { _ = try run() } }

    /// The same where something is new.
    func summary(_ name: String = "one", previous: String? = nil) throws -> S3Folder.Summary {
        try Self.summary(run(name, previous: previous))
    }

    static func summary(_ outcome: S3Folder.Outcome) throws -> S3Folder.Summary {
        guard case .fetched(let summary) = outcome else { throw NothingNew() }
        return summary
    }

    private struct NothingNew: Error {}

    /// Texts of the files by path.
    func files(_ name: String = "one") throws -> [String: String] {
        try Self.files(below: scratch.place(name) + "/objects")
    }

    private static func files(below folder: String) throws -> [String: String] {
        var found: [String: String] = [:]
        for name in try Files.list(folder) {
            if try Files.status("\(folder)/\(name)")?.kind == .directory {
                for (path, text) in try files(below: "\(folder)/\(name)") { found["\(name)/\(path)"] = text }
            } else {
                found[name] = String(decoding: try Files.read("\(folder)/\(name)"), as: UTF8.self)
            }
        }
        return found
    }
}
