import CanonicalJSON
import ContentStore
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
            All objects whose keys begin with `prefix`, and match `match` where it is given, become files of a folder. A file's path is its key below the folder that
            the prefix ends in: with prefix `logs/2026-` the object `logs/2026-01/a.csv` is `2026-01/a.csv`. The kinds that read files take the folder by `in:`, all files
            of it in the order of their paths' bytes. Objects without bytes whose keys end in `/` are marks of folders, and no files.

            What the server says of each object (size and entity tag, or the time of its last change) is kept with the snapshot: only new and changed objects are
            fetched, sixteen at a time, those that are gone go, and a fetch that broke off goes on, also in the next run, with what is missing, a large object in its middle.
            An object that is written while it is fetched is never a mixture: the bucket is looked at again, up to three times. No object at all is an error.

            Credentials come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, else from the profile (`profile`, AWS_PROFILE or default) in
            ~/.aws/credentials and ~/.aws/config (AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE), never from the pipeline; a profile named here goes before keys in the
            environment. Profiles of SSO, roles and processes: put their keys into the environment, by aws configure export-credentials. The server is `endpoint`, else
            AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or the profile's endpoint_url, else AWS itself; the region likewise by AWS_REGION, AWS_DEFAULT_REGION and the profile, else
            us-east-1. AWS_CA_BUNDLE or SSL_CERT_FILE names certificates of an authority of your own; proxies are those of collect.http.

            Requests are signed (SigV4). What passes, such as SlowDown, is tried again as collect.http does. The credentials need s3:ListBucket and s3:GetObject, and only the
            second where `match` has no * and no ?: such objects are looked at one by one.

            A key that cannot be the path of a file below the folder is an error that names it, before anything is fetched: `..` or an empty part in it, a NUL, a part of more than
            255 bytes, another object as its folder.
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
                "match", .either([.text, .list(.text)]), .optional, isFetched: true,
                "What the files' paths match: a path, or a glob with * within a name and ** across folders; or several."
            ),
            Parameter(
                "endpoint", .text, .optional, isFetched: true,
                "Address of a server that is not AWS's, in place of AWS_ENDPOINT_URL_S3 and the profile's."),
            Parameter(
                "region", .text, .optional, isFetched: true,
                "Where the bucket is, in place of AWS_REGION and the profile's."),
            Parameter(
                "profile", .text, .optional, isFetched: true,
                "Whose credentials and settings hold, in place of AWS_PROFILE."),
            Parameter(
                "addressing",
                .choice([
                    .init("auto", "In the host at AWS, in the path elsewhere."),
                    .init("path", "ENDPOINT/BUCKET/KEY."), .init("virtual", "BUCKET.ENDPOINT/KEY."),
                ]), .optional, isFetched: true,
                "Where the bucket's name stands, in place of the profile's addressing_style, else auto."),
            Parameter(
                "anonymous", .boolean, .defaulted(false), isFetched: true,
                "Whether it is asked without credentials, as a bucket that anybody may read."),
        ],
        fetch: Fetch(
            snapshot: .folder, secrets: { S3Source($0).secrets($1) },
            serverName: { _ in S3Source.serverName },
            server: { try S3Source($0).server($1) }, run: fetch),
        check: { check in
            for (fault, place) in S3Source(check.parameters).faults {
                check.report(CollectFinding(fault: fault), at: place)
            }
        },
        run: give)

    /// Objects at a time.
    private static let width = 16

    private static func fetch(_ run: FetchRun) throws -> FetchResult {
        let source = S3Source(run.parameters)
        return try run.asking {
            let (bucket, settings) = try source.bucket(run.environment)
            let outcome = try S3Folder(bucket, source.selection).fetch(
                to: run.output, partial: run.partial, previous: run.previous?.path, width: width, settings
            ) { progress in
                switch progress {
                case .listing(let objects): run.tell(.progress(0, "\(objects) objects listed"))
                case .fetching(let objects, let of, let bytes, let ofBytes):
                    run.tell(bytes: bytes, of: ofBytes, "object \(objects) of \(of), ")
                }
            }
            guard case .fetched(let summary) = outcome else {
                run.tell(.log("bucket '\(bucket.name)': unchanged"))
                return .unchanged
            }
            run.tell(
                .log(
                    "bucket '\(bucket.name)': \(summary.objects) objects of \(summary.bytes) bytes, \(summary.new) of them fetched"
                ))
            return .fetched(
                validator: [
                    "bytes": .integer(summary.bytes), "index": .string(Digest.of(summary.index).hex),
                    "objects": .integer(Int64(summary.objects)),
                ])
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
