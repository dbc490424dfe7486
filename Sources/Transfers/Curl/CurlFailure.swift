/// Why libcurl could not complete an exchange, in words.
///
/// Source: curl.se/libcurl/c/libcurl-errors.html.
struct CurlFailure {
    enum Kind {
        /// Nobody could be asked.
        case unanswered
        /// The connection was there and is not any more, or says nothing.
        case dropped
        case certificate
        /// Another attempt ends the same.
        case lasting
    }

    let kind: Kind
    let reason: String

    /// - Parameters:
    ///   - detail: What libcurl says besides; may be empty.
    ///   - progress: How far the body came.
    init(code: CInt, detail: String, explained: String, progress: String?, settings: TransferSettings) {
        let said = detail.isEmpty ? explained : detail
        let far = progress ?? "before an answer came"
        switch code {
        case 5, 6: (kind, reason) = (.unanswered, Self.lowercased(said))
        case 7: (kind, reason) = (.unanswered, Self.lowercased(said))
        case 35: (kind, reason) = (.unanswered, "no TLS connection: \(said)")
        case 28 where detail.contains("too slow"):
            (kind, reason) = (.dropped, "nothing came for \(settings.stallSeconds) s, \(far)")
        case 28:
            (kind, reason) = (
                .unanswered, "nobody answered within \(Self.seconds(settings.connectSeconds)) s"
            )
        case 18, 52, 55, 56: (kind, reason) = (.dropped, "the connection was dropped \(far)")
        case 8, 16, 92: (kind, reason) = (.dropped, "the server broke the protocol \(far): \(said)")
        case 60, 77, 83: (kind, reason) = (.certificate, said)
        default: (kind, reason) = (.lasting, "\(said) (libcurl \(code))")
        }
    }

    /// As it stands in the middle of a sentence.
    private static func lowercased(_ text: String) -> String {
        text.prefix(1).lowercased() + text.dropFirst()
    }

    private static func seconds(_ value: Double) -> String {
        value == value.rounded() ? "\(Int(value))" : "\(value)"
    }
}
