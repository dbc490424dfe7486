import CanonicalJSON
import PipelineLanguage
import Platform
import Transfers

/// `collect.s3`: objects of a bucket as a folder.
enum CollectS3 {
    static let kind = StageKind(
        "collect.s3",
        versions: [.init(1, "first")],
        summary: "Fetches objects of an S3 bucket as a folder.",
        documentation: """
            All objects whose keys begin with `prefix` (and match `match`) become files: a key is the path below the folder that the prefix ends in. Kinds that read
            files take the folder by `in:`, each file of it in the order of their paths' bytes. What the server says of each object (size, entity tag) is kept beside
            it: only new and changed objects are fetched, and a fetch that broke off goes on with those that are missing. An object that changes while it is
            fetched is fetched again.

            Credentials come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or from the profile (`profile`, else AWS_PROFILE, else default) in
            ~/.aws/credentials and ~/.aws/config, never from the pipeline. The endpoint is `endpoint`, else AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, the
            profile's, else AWS itself. Requests are signed (SigV4); passing failures such as SlowDown are tried again.

            A key that would be no file below the folder (`../x`, an empty part, a name of more than 255 bytes, the folder of another key) is an error that names it.
            """,
        example: """
            click_logs:
              uses: collect.s3
              with:
                bucket: clicks
                prefix: web/2026/
                match: "**/*.jsonl.gz"
                refresh: 1h
            """,
        inputs: [],
        outputs: [OutputPort("folder", .folder, "A file for each object.")],
        parameters: [
            Parameter("bucket", .text, .required, isFetched: true, "The bucket's name."),
            Parameter("prefix", .text, .defaulted(""), isFetched: true, "What the keys begin with."),
            Parameter(
                "match", .text, .optional, isFetched: true,
                "A glob that paths below the prefix's folder match: * within a name, ** across folders."),
            Parameter(
                "endpoint", .text, .optional, isFetched: true, "Address of a server that is not AWS's."),
            Parameter(
                "region", .text, .optional, isFetched: true, "In place of AWS_REGION and the profile's."),
            Parameter("profile", .text, .optional, isFetched: true, "In place of AWS_PROFILE."),
            Parameter(
                "addressing",
                .choice([
                    .init("auto", "In the host at AWS, in the path elsewhere."),
                    .init("path", "ENDPOINT/BUCKET/KEY."), .init("virtual", "BUCKET.ENDPOINT/KEY."),
                ]), .optional, isFetched: true, "Where the bucket's name stands."),
            Parameter(
                "anonymous", .boolean, .defaulted(false), isFetched: true,
                "Whether the bucket is asked without credentials."),
        ],
        fetch: Fetch(
            snapshot: .folder,
            secrets: { _ in ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID"] }, run: fetch),
        run: give)

    /// Objects at a time.
    private static let width = 16

    private static func fetch(_ run: FetchRun) throws -> FetchResult {
        let parameters = run.parameters
        return try run.asking {
            let settings = try AWSConfiguration(
                environment: run.environment, profile: parameters["profile"]?.string,
                isAnonymous: parameters["anonymous"]?.bool ?? false)
            let addressing = parameters["addressing"]?.string ?? settings.addressing ?? ""
            let bucket = try S3Bucket(
                parameters["bucket"]?.string ?? "",
                endpoint: parameters["endpoint"]?.string ?? settings.endpoint,
                region: parameters["region"]?.string ?? settings.region,
                addressing: S3Bucket.Addressing(rawValue: addressing) ?? .auto,
                credentials: settings.credentials)
            var transfer = TransferSettings(environment: run.environment, authorities: ["SSL_CERT_FILE"])
            if let authorities = settings.authorities { transfer.authorities = authorities }
            let outcome = try S3Folder(bucket, selection(parameters)).fetch(
                to: run.output, partial: run.partial, previous: run.previous?.path, width: width, transfer
            ) { progress in
                switch progress {
                case .listing(let objects): run.tell(.progress(0, "\(objects) objects listed"))
                case .fetching(let objects, let of, let bytes, let ofBytes):
                    run.tell(bytes: bytes, of: ofBytes, "object \(objects) of \(of), ")
                }
            }
            switch outcome {
            case .unchanged: return .unchanged
            case .fetched(let objects, let bytes, _):
                return .fetched(
                    validator: ["bytes": .integer(bytes), "objects": .integer(Int64(objects))])
            }
        }
    }

    private static func selection(_ parameters: JSONValue) -> S3Selection {
        let prefix = parameters["prefix"]?.string ?? ""
        guard let pattern = parameters["match"]?.string else { return S3Selection(prefix: prefix) }
        guard Glob.isGlob(pattern) else {
            return S3Selection(prefix: prefix, starts: [], paths: [pattern]) { $0 == pattern }
        }
        let fixed = Glob.fixedFolder(pattern)
        return S3Selection(prefix: prefix, starts: [fixed == "." ? "" : fixed + "/"], paths: []) {
            Glob.matchesPath(pattern, $0)
        }
    }

    /// Gives the objects on, each by one more name of its blob.
    private static func give(_ run: StageRun) throws {
        guard let snapshot = run.input(Fetch.port) else { preconditionFailure("nothing was fetched") }
        let objects = "\(snapshot.path)/\(S3Folder.objects)"
        do throws(TransferError) {
            try FilePlacement.placeFolder(objects, at: run.output("folder"))
        } catch {
            throw StageError(fault: error)
        }
    }
}
