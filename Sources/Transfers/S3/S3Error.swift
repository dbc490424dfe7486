/// Why objects cannot be had. Nothing secret stands in it: no key, no token, no signature.
public enum S3Error: TransferFault, Hashable {
    case badBucket(String)
    case badRegion(String)
    case badKey(String, ObjectPath.Problem)
    case refused(S3Refusal)
    /// An answer that is no list of objects.
    case badListing(bucket: String, reason: String)
    case nothing(bucket: String, prefix: String, isFiltered: Bool)
    case tooMany(bucket: String, limit: Int)
    /// Objects were written while they were fetched, again and again.
    case changing(bucket: String, key: String, others: Int, rounds: Int)

    public var message: String {
        switch self {
        case .badBucket(let name): "'\(name)' is no name of a bucket"
        case .badRegion(let name): "'\(name)' is no name of a region"
        case .badKey(let key, let problem):
            "the object '\(Self.printable(key))' cannot be a file here: \(problem)"
        case .refused(let refusal): refusal.message
        case .badListing(let bucket, let reason): "the list of bucket '\(bucket)' cannot be read: \(reason)"
        case .nothing(let bucket, let prefix, let isFiltered):
            "bucket '\(bucket)' has no object "
                + (prefix.isEmpty ? "" : "below '\(Self.printable(prefix))'\(isFiltered ? " " : "")")
                + (isFiltered ? "that 'match' matches" : prefix.isEmpty ? "at all" : "")
        case .tooMany(let bucket, let limit): "bucket '\(bucket)': more than \(limit) objects are asked for"
        case .changing(let bucket, let key, let others, let rounds):
            "bucket '\(bucket)': '\(Self.printable(key))'\(others > 0 ? " and \(others) more" : "") changed while it was fetched, \(rounds) times"
        }
    }

    public var fix: String? {
        switch self {
        case .badBucket: "write its name alone, such as my-logs: 3 letters or more, digits, - and ."
        case .badRegion: "write a region such as eu-central-1"
        case .badKey: "leave it out by match, or rename it in the bucket"
        case .refused(let refusal): refusal.fix
        case .badListing: "see whether the endpoint is that of an S3 server"
        case .nothing(_, _, let isFiltered):
            "see \(isFiltered ? "prefix and match" : "prefix"); aws s3 ls --recursive shows what there is"
        case .tooMany: "narrow it by prefix and match"
        case .changing: "run when nobody writes to it, or collect a prefix that is complete"
        }
    }

    /// What others wrote, with control characters as `\u{7}`.
    static func printable(_ text: String) -> String {
        text.unicodeScalars.map {
            $0.value < 0x20 || $0.value == 0x7F ? $0.escaped(asASCII: true) : String($0)
        }
        .joined()
    }
}
