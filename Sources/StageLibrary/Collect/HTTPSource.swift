import CanonicalJSON
import PipelineLanguage
import Transfers

/// What `collect.http` is to fetch, as its parameters say.
struct HTTPSource {
    /// Of one file, the best first.
    let addresses: [String]
    /// Sorted by name.
    let headers: [Header]
    /// SHA-256 that the file must have, in lower case.
    let digest: String?

    struct Header {
        let name: String
        let value: Value

        enum Value {
            case text(String)
            /// Of the environment; with what stands in front of it.
            case variable(String, prefix: String)
        }
    }

    init(_ parameters: JSONValue) {
        let url = parameters["url"]
        addresses = url?.strings ?? url?.string.map { [$0] } ?? []
        headers = (parameters["headers"]?.object ?? [:]).sorted { $0.key < $1.key }.map { name, value in
            guard let variable = value["env"]?.string else {
                return Header(name: name, value: .text(value.string ?? ""))
            }
            return Header(name: name, value: .variable(variable, prefix: value["prefix"]?.string ?? ""))
        }
        digest = parameters["sha256"]?.string?.lowercased()
    }

    /// What nobody is to see of the headers.
    func secrets(_ environment: [String: String]) -> [String] {
        headers.compactMap { if case .variable(let name, _) = $0.value { environment[name] } else { nil } }
    }

    /// - Throws: `StageError` for a variable that is not set, `TransferError` for what is no header.
    func fields(_ environment: [String: String]) throws -> [HTTPField] {
        try headers.map { header in
            switch header.value {
            case .text(let text): return try HTTPField(header.name, text)
            case .variable(let variable, let prefix):
                guard let secret = environment[variable], !secret.isEmpty else {
                    throw StageError(
                        "the header '\(header.name)' is to be what \(variable) holds, which is not set",
                        fix: "set \(variable) where sluice runs")
                }
                return try HTTPField(header.name, prefix + secret, isSecret: true)
            }
        }
    }

    /// What can be told without asking anybody; each with its place below `with`.
    var faults: [(fault: any TransferFault, place: [String])] {
        var faults: [(any TransferFault, [String])] = []
        for (index, address) in addresses.enumerated() {
            do throws(TransferError) {
                try WebAddress.check(address)
            } catch {
                faults.append((error, addresses.count == 1 ? ["url"] : ["url", String(index)]))
            }
        }
        var seen: Set<String> = []
        for header in headers {
            if let fault = Self.fault(header, isTwice: !seen.insert(header.name.lowercased()).inserted) {
                faults.append((fault, ["headers", header.name]))
            }
        }
        if let digest, digest.utf8.count != 64 || !digest.allSatisfy(\.isHexDigit) {
            faults.append((NoDigest(text: digest), ["sha256"]))
        }
        return faults
    }

    /// Fields that are the transfer's own.
    private static let own: Set = [
        "accept-encoding", "connection", "content-length", "expect", "host", "if-match", "if-modified-since",
        "if-none-match", "if-range", "if-unmodified-since", "range", "te", "transfer-encoding", "upgrade",
    ]
    /// Fields that are there to hold what nobody is to see.
    private static let credentials: Set = [
        "authorization", "cookie", "private-token", "proxy-authorization", "x-api-key", "x-auth-token",
    ]

    private static func fault(_ header: Header, isTwice: Bool) -> (any TransferFault)? {
        let name = header.name.lowercased()
        do throws(TransferError) {
            if isTwice {
                throw .badHeader(header.name, reason: "it stands twice; capitals make no difference")
            }
            if own.contains(name) {
                throw .badHeader(header.name, reason: "it is set by the transfer itself")
            }
            switch header.value {
            case .text(let text):
                _ = try HTTPField(header.name, text)
                return credentials.contains(name) ? OpenSecret(name: header.name) : nil
            case .variable(let variable, let prefix):
                _ = try HTTPField(header.name, prefix + "x")
                guard isVariable(variable) else {
                    throw .badHeader(header.name, reason: "'\(variable)' is no name of a variable")
                }
                return nil
            }
        } catch {
            return error
        }
    }

    private static func isVariable(_ name: String) -> Bool {
        guard let first = name.utf8.first, first != UInt8(ascii: "_") || name.utf8.count > 1 else {
            return false
        }
        return !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }

    private struct NoDigest: TransferFault {
        let text: String
        var message: String { "'\(text)' is no SHA-256 digest" }
        var fix: String? { "write the 64 hexadecimal digits that sha256sum FILE prints" }
    }

    private struct OpenSecret: TransferFault {
        let name: String
        var message: String { "header '\(name)': its value would be read by all who read the pipeline" }
        var fix: String? { "write \(name): { env: NAME }, and set NAME where sluice runs" }
    }

    /// The file is another one than was declared.
    struct OtherFile: TransferFault {
        let name: String
        let digest: String
        var message: String { "'\(name)' gives another file than sha256 says: its digest is \(digest)" }
        var fix: String? { "see whether the file was replaced; if that is right, write sha256: \(digest)" }
    }
}
