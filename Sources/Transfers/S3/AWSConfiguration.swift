import Platform

/// Who asks S3 for objects.
public struct AWSCredentials: Sendable {
    public var keyID: String
    public var secret: String
    /// Of keys that expire.
    public var token: String?
    /// Where they come from, for messages.
    public var origin: String
}

/// What the environment and the files of AWS's tools say of S3.
///
/// Source: docs.aws.amazon.com/sdkref/latest/guide, "Settings reference".
public struct AWSConfiguration: Sendable {
    /// Nil for a bucket that anybody may read.
    public var credentials: AWSCredentials?
    public var region: String?
    public var endpoint: String?
    /// `path`, `virtual` or `auto`.
    public var addressing: String?
    /// A file of certificates.
    public var authorities: String?

    /// - Parameters:
    ///   - profile: Goes before keys in the environment; without it AWS_PROFILE, else `default`, come after them.
    ///   - isAnonymous: No credentials are looked for.
    /// - Throws: `AWSConfigurationError`.
    public init(
        environment: [String: String], profile: String?, isAnonymous: Bool
    ) throws(AWSConfigurationError) {
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let named = profile ?? variable("AWS_PROFILE")
        let files = try AWSProfiles(environment: environment)
        let settings = try files.settings(of: named)
        region = variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION") ?? settings["region"]
        if variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")?.lowercased() != "true" {
            endpoint =
                variable("AWS_ENDPOINT_URL_S3") ?? variable("AWS_ENDPOINT_URL") ?? files.endpoint(settings)
        }
        addressing = settings["s3.addressing_style"]
        authorities = variable("AWS_CA_BUNDLE") ?? settings["ca_bundle"]
        if isAnonymous { return }
        if profile == nil, let keyID = variable("AWS_ACCESS_KEY_ID") {
            guard let secret = variable("AWS_SECRET_ACCESS_KEY") else {
                throw .half(given: "AWS_ACCESS_KEY_ID", missing: "AWS_SECRET_ACCESS_KEY")
            }
            credentials = AWSCredentials(
                keyID: keyID, secret: secret, token: variable("AWS_SESSION_TOKEN"), origin: "the environment")
            return
        }
        credentials = try files.credentials(of: named)
    }
}

/// Why nobody can be said to ask.
public enum AWSConfigurationError: TransferFault, Hashable {
    case none(profile: String, files: [String])
    case half(given: String, missing: String)
    case noProfile(String, known: [String], files: [String])
    /// The profile gets its keys in a way that is not known here.
    case elsewhere(profile: String, setting: String)
    case syntax(file: String, line: Int)
    case unreadable(String)

    public var message: String {
        switch self {
        case .none(let profile, let files):
            "there are no credentials for S3: AWS_ACCESS_KEY_ID is not set, and profile '\(profile)' has none in \(Self.listed(files))"
        case .half(let given, let missing): "there is \(given), but no \(missing)"
        case .noProfile(let name, _, let files): "there is no profile '\(name)' in \(Self.listed(files))"
        case .elsewhere(let profile, let setting):
            "profile '\(profile)' gets its credentials by \(setting), which is not done here"
        case .syntax(let file, let line): "'\(file)': line \(line): NAME = VALUE or [NAME] is expected"
        case .unreadable(let reason): reason
        }
    }

    public var fix: String? {
        switch self {
        case .none:
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile, or write anonymous: true for a public bucket"
        case .half(_, let missing): "set \(missing)"
        case .noProfile(_, let known, _):
            known.isEmpty ? "make one: aws configure" : "the profiles are \(known.joined(separator: ", "))"
        case .elsewhere(let profile, _):
            "put them into the environment: eval \"$(aws configure export-credentials --profile \(profile) --format env)\""
        case .syntax, .unreadable: nil
        }
    }

    private static func listed(_ files: [String]) -> String {
        files.map { "'\($0)'" }.joined(separator: " or ")
    }
}
