import Platform

/// What keeps something from being brought here, in words for the person who asked for it. Nothing secret stands in it:
/// no header, no query of an address, no user in one.
public protocol TransferFault: Error, Sendable, CustomStringConvertible {
    var message: String { get }
    /// What to do.
    var fix: String? { get }
}

extension TransferFault {
    public var description: String { fix.map { "\(message); \($0)" } ?? message }
}

/// Why a file could not be fetched. Names are addresses as `WebAddress.shown` gives them, or objects.
public enum TransferError: TransferFault, Hashable {
    case library(DynamicLibraryError)
    /// On this side: what was tried, where, and why not.
    case file(String)
    case badAddress(String, reason: String)
    /// Every attempt failed; why, in order.
    case failed(name: String, reasons: [String])
    /// The server asks for a longer wait than is waited here.
    case mustWait(name: String, reason: String, seconds: Int)
    case refused(name: String, status: Int)
    case certificate(name: String, reason: String)
    case redirect(name: String, to: String, problem: RedirectProblem)
    /// An answer to keep in memory, or a head, is larger than any that is meant.
    case tooLarge(name: String, what: String, limit: Int)
    case badHeader(String, reason: String)
    /// What is secret came back as the name of a state, which would be kept.
    case echo(name: String)

    public enum RedirectProblem: Hashable, Sendable {
        case unencrypted, tooMany, notWeb, nowhere
    }

    public var message: String {
        switch self {
        case .library(let error): "\(error)"
        case .file(let reason): reason
        case .badAddress(let address, let reason): "'\(address)' is no address to fetch: \(reason)"
        case .failed(let name, let reasons):
            reasons.count == 1
                ? "'\(name)' could not be fetched: \(reasons[0])"
                : "'\(name)' could not be fetched in \(reasons.count) attempts: \(Self.told(reasons))"
        case .mustWait(let name, let reason, let seconds):
            "'\(name)' could not be fetched: \(reason), and the server asks to wait \(seconds) s"
        case .refused(let name, let status): "'\(name)' answers \(HTTPStatus.told(status))"
        case .certificate(let name, let reason):
            "'\(name)': the server's certificate is not trusted: \(reason)"
        case .redirect(let name, let target, .unencrypted):
            "'\(name)' leads on to '\(target)', which is not encrypted, and is not followed"
        case .redirect(let name, let target, .tooMany): "'\(name)' leads on and on, in the end to '\(target)'"
        case .redirect(let name, let target, .notWeb):
            "'\(name)' leads on to '\(target)'; only http and https are followed"
        case .redirect(let name, _, .nowhere): "'\(name)' leads on, but does not say where to"
        case .tooLarge(let name, let what, let limit): "'\(name)': \(what) has more than \(limit) bytes"
        case .echo(let name):
            "'\(name)' sends a credential back where it says which state its data has, and that would be kept"
        case .badHeader(let name, let reason): "header '\(name)': \(reason)"
        }
    }

    public var fix: String? {
        switch self {
        case .library, .file, .failed, .tooLarge, .badHeader: nil
        case .badAddress: "write http://HOST/PATH or https://HOST/PATH"
        case .echo: "tell who runs the server; nothing of the answer was kept"
        case .mustWait: "run again later"
        case .refused(_, 401):
            "give what the server asks for, such as headers: { Authorization: { env: NAME } }"
        case .refused(_, 403): "see whether what is given in headers may read this address"
        case .refused(_, 404), .refused(_, 410): "see whether the address is right"
        case .refused: nil
        case .certificate:
            "install the authorities that most servers use: apt install ca-certificates; for an authority of your own set SSL_CERT_FILE to its certificate"
        case .redirect(_, let target, .unencrypted): "write \(target) itself if it is to be fetched so"
        case .redirect: "write the address that it leads to in the end"
        }
    }

    /// Whether it has nothing to do with who was asked.
    public var isOfThisSide: Bool {
        switch self {
        case .library, .file: true
        default: false
        }
    }

    /// Reasons with how often each came: a run of equal ones once.
    private static func told(_ reasons: [String]) -> String {
        var runs: [(reason: String, count: Int)] = []
        for reason in reasons {
            if runs.last?.reason == reason {
                runs[runs.count - 1].count += 1
            } else {
                runs.append((reason, 1))
            }
        }
        return runs.map { $0.count == 1 ? $0.reason : "\($0.reason) (\($0.count) times)" }
            .joined(separator: ", then ")
    }
}
