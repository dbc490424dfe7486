/// Numbers that servers answer with.
///
/// Source: RFC 9110, section 15; RFC 6585 (429).
enum HTTPStatus {
    /// `503 Service Unavailable`: in the standard's words, whatever the server's are.
    static func told(_ status: Int) -> String {
        let words: [Int: String] = [
            400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
            405: "Method Not Allowed", 406: "Not Acceptable", 407: "Proxy Authentication Required",
            408: "Request Timeout", 410: "Gone", 412: "Precondition Failed", 416: "Range Not Satisfiable",
            429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented",
            502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
        ]
        return words[status].map { "\(status) \($0)" } ?? "status \(status)"
    }

    /// Whether the same request may be answered otherwise a little later.
    static func isPassing(_ status: Int) -> Bool { [408, 429, 500, 502, 503, 504].contains(status) }

    /// Whether the answer is to ask elsewhere.
    static func leadsOn(_ status: Int) -> Bool { [301, 302, 303, 307, 308].contains(status) }
}
