import Platform
import Testing

@testable import Transfers

@Suite struct AWSConfigurationTests {
    private let scratch: Scratch
    init() throws { scratch = try Scratch() }

    /// - Parameters:
    ///   - keys: The file `credentials`.
    private func read(
        _ environment: [String: String] = [:], keys: String? = nil, config: String? = nil,
        profile: String? = nil,
        isAnonymous: Bool = false
    ) throws -> AWSConfiguration {
        try Files.makeDirectories(scratch.place(".aws"))
        for (name, text) in [("credentials", keys), ("config", config)] {
            if let text { try Files.write(Array(text.utf8), to: scratch.place(".aws/\(name)")) }
        }
        return try AWSConfiguration(
            environment: ["HOME": scratch.path].merging(environment) { $1 }, profile: profile,
            isAnonymous: isAnonymous)
    }

    private func failure(
        _ environment: [String: String] = [:], keys: String? = nil, config: String? = nil,
        profile: String? = nil
    ) -> String? {
        TransfersTests.failure { _ = try read(environment, keys: keys, config: config, profile: profile) }?
            .replacing(scratch.path, with: "~")
    }

    private static let keys = """
        # of all of us
        [default]
        aws_access_key_id = AKIADEFAULT
        aws_secret_access_key = se#cr;et/+=

        [dev]   ; another
        aws_access_key_id=AKIADEV
        aws_secret_access_key=devsecret # ours
        aws_session_token =\tdevtoken
        """
    private static let config = """
        [default]
        region = eu-west-1
        [profile dev]
        region=eu-central-1
        services = lab
        ca_bundle = /etc/lab.pem
        s3 =
          addressing_style = path
          max_concurrent_requests = 4
        endpoint_url = http://everything
        [profile sso]
        sso_session = ours
        sso_account_id = 1
        [profile role]
        role_arn = arn:aws:iam::1:role/x
        source_profile = dev
        [services lab]
        ec2 =
          endpoint_url = http://ec2
        s3 =
          endpoint_url = http://lab:9000
        """

    @Test func `keys come from the environment`() throws {
        let found = try read(
            [
                "AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t",
                "AWS_REGION": "r-1",
                "AWS_DEFAULT_REGION": "r-2", "AWS_ENDPOINT_URL": "http://all",
                "AWS_ENDPOINT_URL_S3": "http://s3",
                "AWS_CA_BUNDLE": "/ca.pem",
            ], keys: Self.keys, config: Self.config)
        #expect(found.credentials?.keyID == "AKIAENV")
        #expect(found.credentials?.secret == "s")
        #expect(found.credentials?.token == "t")
        #expect(found.credentials?.origin == "the environment")
        #expect(found.region == "r-1")
        #expect(found.endpoint == "http://s3")
        #expect(found.authorities == "/ca.pem")
        let ignoring = try read(
            [
                "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s", "AWS_ENDPOINT_URL": "http://all",
                "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_SESSION_TOKEN": "",
            ])
        #expect(ignoring.endpoint == nil)
        #expect(ignoring.credentials?.token == nil)
    }

    @Test func `or from the files of profiles`() throws {
        let found = try read(keys: Self.keys, config: Self.config)
        #expect(found.credentials?.keyID == "AKIADEFAULT")
        #expect(found.credentials?.secret == "se#cr;et/+=")
        #expect(found.credentials?.token == nil)
        #expect(found.credentials?.origin == "profile 'default'")
        #expect(found.region == "eu-west-1")
        #expect(found.endpoint == nil)
        for dev in [try read(["AWS_PROFILE": "dev"]), try read(profile: "dev")] {
            #expect(dev.credentials?.keyID == "AKIADEV")
            #expect(dev.credentials?.secret == "devsecret")
            #expect(dev.credentials?.token == "devtoken")
            #expect(dev.region == "eu-central-1")
            #expect(dev.endpoint == "http://lab:9000")
            #expect(dev.addressing == "path")
            #expect(dev.authorities == "/etc/lab.pem")
        }
        // Named in the pipeline a profile goes before keys in the environment, named there it comes after.
        let both = ["AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "s", "AWS_PROFILE": "dev"]
        #expect(try read(both, profile: "dev").credentials?.keyID == "AKIADEV")
        let environment = try read(both)
        #expect(environment.credentials?.keyID == "AKIAENV")
        #expect(environment.region == "eu-central-1")
    }

    @Test func `files may lie elsewhere, and have Windows' line ends`() throws {
        try Files.write(Array(Self.keys.replacing("\n", with: "\r\n").utf8), to: scratch.place("mine"))
        let found = try read(
            ["AWS_SHARED_CREDENTIALS_FILE": "~/mine", "AWS_CONFIG_FILE": "/nowhere"], profile: "dev")
        #expect(found.credentials?.token == "devtoken")
        #expect(found.region == nil)
    }

    @Test func `nobody need be said to ask for what anybody may read`() throws {
        #expect(try read(isAnonymous: true).credentials == nil)
        #expect(
            try read(["AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s"], isAnonymous: true).credentials
                == nil)
    }

    @Test func `what is missing is said, with where it was looked for`() {
        #expect(
            failure() == """
                there are no credentials for S3: AWS_ACCESS_KEY_ID is not set, and profile 'default' has none in '~/.aws/credentials' or '~/.aws/config'
                fix: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile, or write anonymous: true for a public bucket
                """)
        #expect(
            failure(["AWS_ACCESS_KEY_ID": "AKIA"]) == """
                there is AWS_ACCESS_KEY_ID, but no AWS_SECRET_ACCESS_KEY
                fix: set AWS_SECRET_ACCESS_KEY
                """)
        #expect(
            failure(keys: "[default]\naws_access_key_id = x\n") == """
                there is aws_access_key_id of profile 'default' in '~/.aws/credentials', but no aws_secret_access_key
                fix: set aws_secret_access_key
                """)
        #expect(
            failure(keys: Self.keys, config: Self.config, profile: "prod") == """
                there is no profile 'prod' in '~/.aws/credentials' or '~/.aws/config'
                fix: the profiles are default, dev, role, sso
                """)
        #expect(
            failure(["AWS_PROFILE": "sso"]) == """
                profile 'sso' gets its credentials by sso_session, which is not done here
                fix: put them into the environment: eval "$(aws configure export-credentials --profile sso --format env)"
                """)
        #expect(failure(profile: "role")?.contains("by role_arn") == true)
    }

    @Test func `a line that is none is said, and not shown`() {
        for (text, line) in [
            ("[default]\nsecretsecret", 2), ("x = 1", 1), ("[default\n", 1), ("[]", 1),
            ("[default]\n\n= x", 3),
        ] {
            #expect(
                failure(keys: text)
                    == "'~/.aws/credentials': line \(line): NAME = VALUE or [NAME] is expected")
        }
        #expect(failure(["AWS_CONFIG_FILE": scratch.path], keys: "") == "'~' is no file of profiles")
    }

    /// Every beginning of the two files, and every byte of them another.
    @Test func `damaged files end in settings or in a line`() {
        for text in [Self.keys, Self.config] {
            let bytes = Array(text.utf8)
            for count in bytes.indices {
                _ = try? ProfileFile(parsing: String(decoding: bytes[..<count], as: UTF8.self))
                for flip in [UInt8(0x08), 0x80] {
                    var damaged = bytes
                    damaged[count] ^= flip
                    do throws(ProfileFile.Problem) {
                        _ = try ProfileFile(parsing: String(decoding: damaged, as: UTF8.self))
                    } catch {
                        #expect((1...40).contains(error.line))
                    }
                }
            }
        }
    }
}
