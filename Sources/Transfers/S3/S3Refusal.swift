import DataFrames
import XMLTables

/// What a server that speaks S3 says instead of what it was asked for.
///
/// Source: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
public struct S3Refusal: Hashable, Sendable {
    public let code: String
    let status: Int
    private let said: String
    /// The bucket's own region, where the answer tells.
    private let itsRegion: String?
    private let bucket: String
    /// Nil where the bucket itself was asked for.
    let key: String?
    private let region: String
    private let endpoint: String
    /// Nil for nobody.
    private let origin: String?

    /// Longest answer of this kind that is read.
    private static let longestText = 200

    init(_ answer: HTTPAnswer, _ bucket: S3Bucket, key: String?) {
        let values = Self.values(answer.body)
        status = answer.head.status
        code = values["Code"] ?? Self.code(ofStatus: answer.head.status, hasKey: key != nil)
        said = S3Error.printable(String((values["Message"] ?? "").prefix(Self.longestText)))
        itsRegion = answer.head["x-amz-bucket-region"] ?? values["Region"]
        self.bucket = bucket.name
        self.key = key
        region = bucket.region
        endpoint = bucket.endpoint
        origin = bucket.credentials?.origin
    }

    /// What a status means by itself: answers to HEAD have no body.
    private static func code(ofStatus status: Int, hasKey: Bool) -> String {
        switch status {
        case 301, 307: "PermanentRedirect"
        case 401, 403: "AccessDenied"
        case 404: hasKey ? "NoSuchKey" : "NoSuchBucket"
        default: ""
        }
    }

    /// Texts of the elements of `<Error>`; none where it is not XML.
    private static func values(_ body: [UInt8]) -> [String: String] {
        let names = ["Code", "Message", "Region"]
        guard let rows = try? XMLPath.rows("/Error"),
            let table = try? body.withUnsafeBytes({ bytes in
                try XMLTable([bytes], rows: rows, columns: names.map { ($0, try .column($0)) }, limit: 1)
            }), table.count == 1
        else { return [:] }
        var values: [String: String] = [:]
        for column in table.columns where !column.range(ofRow: 0).isEmpty {
            values[column.name] = column.values[column.range(ofRow: 0).lowerBound]
        }
        return values
    }

    /// Why another attempt may go well; nil where it would not.
    var passingReason: String? {
        let isPassing =
            HTTPStatus.isPassing(status)
            || ["SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable", "Throttling"].contains(
                code)
        guard isPassing else { return nil }
        return code.isEmpty ? HTTPStatus.told(status) : "\(status) \(code)"
    }

    private var what: String {
        key.map { "object '\(S3Error.printable($0))' of bucket '\(bucket)'" } ?? "bucket '\(bucket)'"
    }

    var message: String {
        switch code {
        case "NoSuchBucket": "there is no bucket '\(bucket)' at \(endpoint)"
        case "NoSuchKey": "there is no \(what)"
        case "AccessDenied", "AllAccessDisabled", "AccountProblem", "Forbidden":
            origin.map { "\(what): the credentials of \($0) may not \(key == nil ? "list" : "read") it" }
                ?? "\(what): not everybody may \(key == nil ? "list" : "read") it"
        case "SignatureDoesNotMatch":
            "\(what): \(endpoint) says that the secret key of \(asker) is not the one of its access key"
        case "InvalidAccessKeyId": "\(what): \(endpoint) does not know the access key of \(asker)"
        case "ExpiredToken", "TokenRefreshRequired", "ExpiredTokenException":
            "\(what): the credentials of \(asker) have expired"
        case "InvalidToken", "InvalidTokenId", "InvalidSecurity", "InvalidClientTokenId":
            "\(what): the session token of \(asker) is not valid at \(endpoint)"
        case "RequestTimeTooSkewed", "RequestExpired":
            "\(what): the clock of this machine and that of \(endpoint) differ too much"
        case "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException",
            "TemporaryRedirect", "Redirect":
            "\(what): it is not in region '\(region)'\(itsRegion.map { " but in '\(S3Error.printable($0))'" } ?? "")"
        case "InvalidObjectState": "\(what) is archived and cannot be read as it is"
        case "SlowDown", "ServiceUnavailable": "\(what): \(endpoint) is asked too much"
        default:
            "\(what): \(endpoint) answers \(HTTPStatus.told(status))\(code.isEmpty ? "" : " (\(S3Error.printable(code)))")\(said.isEmpty ? "" : ": \(said)")"
        }
    }

    private var asker: String { origin ?? "nobody" }

    var fix: String? {
        switch code {
        case "NoSuchBucket": "see bucket, and endpoint or AWS_ENDPOINT_URL_S3"
        case "NoSuchKey": "see prefix and match; aws s3 ls --recursive shows what there is"
        case "AccessDenied", "AllAccessDisabled", "AccountProblem", "Forbidden":
            origin == nil
                ? "take anonymous: true away and give credentials"
                : "let them \(key == nil ? "s3:ListBucket on the bucket" : "s3:GetObject on its objects"), or name another profile"
        case "SignatureDoesNotMatch":
            "see AWS_SECRET_ACCESS_KEY, or aws_secret_access_key of the profile, for a missing or additional character"
        case "InvalidAccessKeyId":
            "see AWS_ACCESS_KEY_ID, or aws_access_key_id of the profile, and the endpoint"
        case "ExpiredToken", "TokenRefreshRequired", "ExpiredTokenException":
            "get new ones, such as by aws sso login"
        case "InvalidToken", "InvalidTokenId", "InvalidSecurity", "InvalidClientTokenId":
            "get new credentials; take AWS_SESSION_TOKEN away where they have none"
        case "RequestTimeTooSkewed", "RequestExpired": "set the clock: timedatectl set-ntp true"
        case "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException",
            "TemporaryRedirect", "Redirect":
            "write region: \(itsRegion.map(S3Error.printable) ?? "REGION")"
        case "InvalidObjectState": "restore it first: aws s3api restore-object"
        case "SlowDown", "ServiceUnavailable": "run again later"
        default: nil
        }
    }
}
