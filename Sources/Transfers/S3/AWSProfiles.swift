import Platform

/// The two files of profiles: `credentials` with keys, `config` with everything, in which all sections but `default` are
/// called `profile NAME`.
struct AWSProfiles {
    private let keys: (path: String, sections: [String: [String: String]])
    private let config: (path: String, sections: [String: [String: String]])

    /// Far more than anybody writes.
    private static let longestFile = 1 << 20

    init(environment: [String: String]) throws(AWSConfigurationError) {
        let home = environment["HOME"] ?? ""
        func path(_ variable: String, _ usual: String) -> String {
            guard let given = environment[variable], !given.isEmpty else { return "\(home)/.aws/\(usual)" }
            return given.hasPrefix("~/") ? home + given.dropFirst() : given
        }
        let (keysPath, configPath) = (
            path("AWS_SHARED_CREDENTIALS_FILE", "credentials"), path("AWS_CONFIG_FILE", "config")
        )
        keys = (keysPath, try Self.read(keysPath))
        config = (configPath, try Self.read(configPath))
    }

    private static func read(_ path: String) throws(AWSConfigurationError) -> [String: [String: String]] {
        let bytes: [UInt8]
        do {
            guard let status = try Files.status(path) else { return [:] }
            guard status.kind == .file, status.size <= longestFile else {
                throw AWSConfigurationError.unreadable("'\(path)' is no file of profiles")
            }
            bytes = try Files.read(path)
        } catch let error as AWSConfigurationError {
            throw error
        } catch {
            throw .unreadable("\(error)")
        }
        do throws(ProfileFile.Problem) {
            return try ProfileFile(parsing: String(decoding: bytes, as: UTF8.self)).sections
        } catch {
            throw .syntax(file: path, line: error.line)
        }
    }

    /// What `config` says of a profile.
    ///
    /// - Parameter named: Nil for the one that nobody named, which need not be there.
    func settings(of named: String?) throws(AWSConfigurationError) -> [String: String] {
        let name = named ?? "default"
        let found = config.sections["profile \(name)"] ?? (name == "default" ? config.sections[name] : nil)
        if let named, found == nil, keys.sections[named] == nil {
            throw .noProfile(named, known: known, files: [keys.path, config.path])
        }
        return found ?? [:]
    }

    func endpoint(_ settings: [String: String]) -> String? {
        if let services = settings["services"], let block = config.sections["services \(services)"],
            let endpoint = block["s3.endpoint_url"]
        {
            return endpoint
        }
        return settings["endpoint_url"]
    }

    func credentials(of named: String?) throws(AWSConfigurationError) -> AWSCredentials {
        let name = named ?? "default"
        let settings = try settings(of: named)
        for (path, values) in [(keys.path, keys.sections[name] ?? [:]), (config.path, settings)] {
            guard let keyID = values["aws_access_key_id"] else { continue }
            guard let secret = values["aws_secret_access_key"] else {
                throw .half(
                    given: "aws_access_key_id of profile '\(name)' in '\(path)'",
                    missing: "aws_secret_access_key")
            }
            return AWSCredentials(
                keyID: keyID, secret: secret, token: values["aws_session_token"], origin: "profile '\(name)'")
        }
        let others = [
            "sso_session", "sso_start_url", "role_arn", "credential_process", "web_identity_token_file",
            "login_session",
        ]
        for setting in others where settings[setting] != nil || keys.sections[name]?[setting] != nil {
            throw .elsewhere(profile: name, setting: setting)
        }
        throw .none(profile: name, files: [keys.path, config.path])
    }

    private var known: [String] {
        let named = config.sections.keys.compactMap { section in
            section.hasPrefix("profile ")
                ? String(section.dropFirst(8)) : section == "default" ? section : nil
        }
        return Set(named + keys.sections.keys).sorted()
    }
}
