/// What the specification calls a format of strings.
public enum TextFormat: String, CaseIterable, Sendable {
    case email, uri, binary, uuid

    /// Whether a text has it.
    public func fits(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return switch self {
        case .email: Self.isEmail(bytes)
        case .uri: Self.isURI(bytes)
        case .binary: Self.isBase64(bytes)
        case .uuid: Self.isUUID(bytes)
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 < 26
    }

    /// A local part without quotes, and a domain of two labels or more. Source: RFC 5321, section 4.1.2, dot-string.
    private static func isEmail(_ bytes: [UInt8]) -> Bool {
        guard let at = bytes.firstIndex(of: 0x40), at >= 1, at <= 64, bytes.count <= 254 else { return false }
        let local = bytes[..<at].split(separator: 0x2E, omittingEmptySubsequences: false)
        let labels = bytes[(at + 1)...].split(separator: 0x2E, omittingEmptySubsequences: false)
        let others = Set("!#$%&'*+-/=?^_`{|}~".utf8)
        return local.allSatisfy { !$0.isEmpty && $0.allSatisfy { isAlphanumeric($0) || others.contains($0) } }
            && labels.count >= 2
            && labels.allSatisfy { label in
                !label.isEmpty && label.count <= 63 && label.first != 0x2D && label.last != 0x2D
                    && label.allSatisfy { isAlphanumeric($0) || $0 == 0x2D || $0 >= 0x80 }
            }
    }

    /// A scheme, and only characters that may stand in what follows; a scheme with // has an authority. Source: RFC 3986.
    private static func isURI(_ bytes: [UInt8]) -> Bool {
        guard let colon = bytes.firstIndex(of: 0x3A), colon > 0, (bytes[0] | 0x20) &- 0x61 < 26 else {
            return false
        }
        let scheme = bytes[..<colon]
        guard scheme.allSatisfy({ isAlphanumeric($0) || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E }) else {
            return false
        }
        let rest = bytes[(colon + 1)...]
        let allowed = Set("-._~:/?#[]@!$&'()*+,;=%".utf8)
        guard rest.allSatisfy({ isAlphanumeric($0) || allowed.contains($0) }) else { return false }
        for place in rest.indices where rest[place] == 0x25 {
            guard place + 2 < rest.endIndex, hexadecimal(rest[place + 1]), hexadecimal(rest[place + 2]) else {
                return false
            }
        }
        guard rest.starts(with: [0x2F, 0x2F]) else { return !rest.isEmpty }
        return rest.dropFirst(2).first.map { $0 != 0x2F && $0 != 0x3F && $0 != 0x23 } ?? false
    }

    private static func hexadecimal(_ byte: UInt8) -> Bool { byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 < 6 }

    /// Source: RFC 4648, section 4.
    private static func isBase64(_ bytes: [UInt8]) -> Bool {
        let digits = bytes.prefix { isAlphanumeric($0) || $0 == 0x2B || $0 == 0x2F }
        let padding = bytes.count - digits.count
        return bytes.count % 4 == 0 && padding <= 2 && bytes[digits.count...].allSatisfy { $0 == 0x3D }
    }

    /// 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12. Source: RFC 9562, section 4.
    private static func isUUID(_ bytes: [UInt8]) -> Bool {
        bytes.count == 36
            && bytes.indices.allSatisfy { place in
                [8, 13, 18, 23].contains(place) ? bytes[place] == 0x2D : hexadecimal(bytes[place])
            }
    }
}
