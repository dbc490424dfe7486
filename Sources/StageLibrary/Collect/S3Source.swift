import CanonicalJSON
import PipelineLanguage
import Platform
import Transfers

/// What `collect.s3` is to fetch, as its parameters say.
struct S3Source {
    private let parameters: JSONValue

    init(_ parameters: JSONValue) { self.parameters = parameters }

    private func text(_ name: String) -> String? { parameters[name]?.string }

    private var prefix: String { text("prefix") ?? "" }
    /// Paths and globs below the folder that the prefix ends in; nil for all.
    private var patterns: [String]? { parameters["match"]?.strings ?? text("match").map { [$0] } }

    private func settings(
        _ environment: [String: String], isAnonymous: Bool? = nil
    ) throws(AWSConfigurationError) -> AWSConfiguration {
        try AWSConfiguration(
            environment: environment, profile: text("profile"),
            isAnonymous: isAnonymous ?? parameters["anonymous"]?.bool ?? false)
    }

    /// What nobody is to see: the keys of the environment, and those of the profile whose they are.
    func secrets(_ environment: [String: String]) -> [String] {
        let variables = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
        let found = (try? settings(environment))?.credentials
        return variables.compactMap { environment[$0] }
            + [found?.keyID, found?.secret, found?.token].compactMap { $0 }
    }

    /// As `requires` calls it.
    static let serverName = "s3"

    /// Where the bucket's server is; AWS itself is not looked after.
    ///
    /// - Throws: `StageError` for settings that cannot be read.
    func server(_ environment: [String: String]) throws -> RequiredServer {
        do throws(AWSConfigurationError) {
            var endpoint = text("endpoint")
            if endpoint == nil { endpoint = try settings(environment, isAnonymous: true).endpoint }
            return RequiredServer(name: Self.serverName, address: endpoint.flatMap { ServerAddress(url: $0) })
        } catch {
            throw StageError(fault: error)
        }
    }

    /// The bucket, and how it is asked.
    ///
    /// - Throws: A `TransferFault`.
    func bucket(_ environment: [String: String]) throws -> (S3Bucket, TransferSettings) {
        let settings = try settings(environment)
        let addressing = (text("addressing") ?? settings.addressing).flatMap {
            S3Bucket.Addressing(rawValue: $0)
        }
        let bucket = try S3Bucket(
            text("bucket") ?? "", endpoint: text("endpoint") ?? settings.endpoint,
            region: text("region") ?? settings.region, addressing: addressing ?? .auto,
            credentials: settings.credentials)
        var transfer = TransferSettings(environment: environment, authorities: ["SSL_CERT_FILE"])
        transfer.authorities = settings.authorities ?? transfer.authorities
        transfer.secrets = [settings.credentials?.secret, settings.credentials?.token].compactMap { $0 }
        return (bucket, transfer)
    }

    var selection: S3Selection {
        guard let patterns else { return S3Selection(prefix: prefix) }
        let globs = patterns.filter { Glob.isGlob($0) }
        return S3Selection(
            prefix: prefix, starts: globs.map { String($0.prefix { !"*?".contains($0) }) },
            paths: patterns.filter { !Glob.isGlob($0) }
        ) { path in
            globs.contains { Glob.matchesPath($0, path) }
        }
    }

    /// What can be told without asking anybody; each with its place below `with`.
    var faults: [(fault: any TransferFault, place: [String])] {
        var faults: [(any TransferFault, [String])] = []
        func check(_ place: String, name: String = "bucket", region: String? = nil, endpoint: String? = nil) {
            do {
                try S3Bucket.check(name: name, region: region, endpoint: endpoint)
            } catch let fault as any TransferFault {
                faults.append((fault, [place]))
            } catch {
                preconditionFailure("\(error)")
            }
        }
        check("bucket", name: text("bucket") ?? "")
        check("region", region: text("region"))
        check("endpoint", endpoint: text("endpoint"))
        if parameters["anonymous"]?.bool == true, let profile = text("profile") {
            faults.append((Problem.anonymousProfile(profile), ["profile"]))
        }
        if let patterns {
            if patterns.isEmpty { faults.append((Problem.noPattern, ["match"])) }
            for (index, pattern) in patterns.enumerated() where !canMatch(pattern) {
                let place = patterns.count == 1 ? ["match"] : ["match", String(index)]
                faults.append((Problem.outside(pattern, prefix: prefix), place))
            }
        }
        return faults
    }

    /// Whether what begins with the prefix can match.
    private func canMatch(_ pattern: String) -> Bool {
        let isGlob = Glob.isGlob(pattern)
        let selection = S3Selection(
            prefix: prefix, starts: isGlob ? [String(pattern.prefix { !"*?".contains($0) })] : [],
            paths: isGlob ? [] : [pattern]
        ) { _ in true }
        return !pattern.hasPrefix("/") && !pattern.isEmpty && !selection.isEmpty
    }

    private enum Problem: TransferFault {
        case anonymousProfile(String)
        case noPattern
        case outside(String, prefix: String)

        var message: String {
            switch self {
            case .anonymousProfile(let name):
                "the bucket is asked without credentials, but profile '\(name)' is named"
            case .noPattern: "'match' matches nothing: it has no pattern"
            case .outside(let pattern, let prefix):
                "no key that begins with '\(prefix)' can match '\(pattern)'"
            }
        }

        var fix: String? {
            switch self {
            case .anonymousProfile: "take profile or anonymous away"
            case .noPattern: "write a glob such as **/*.csv, or leave match out"
            case .outside:
                "write paths below the folder that the prefix ends in: with prefix: logs/ the key logs/a.csv is a.csv"
            }
        }
    }
}
