/// A piece of HTML or SVG that is well-formed by construction: text is escaped
/// when it goes in, elements close themselves.
public struct Markup: Sendable, Hashable {
    public let html: String

    private init(html: String) { self.html = html }

    /// Text as it stands, whatever characters it has.
    public static func text(_ text: String) -> Markup { Markup(html: escaped(text)) }

    /// Attributes are written in the order given; one whose value is nil is
    /// left out.
    public static func element(
        _ name: String, _ attributes: KeyValuePairs<String, String?> = [:], _ children: [Markup] = []
    ) -> Markup {
        var html = "<" + name
        for (key, value) in attributes {
            guard let value else { continue }
            html += " \(key)=\"\(escaped(value))\""
        }
        html += ">"
        if void.contains(name) { return Markup(html: html) }
        for child in children { html += child.html }
        return Markup(html: html + "</\(name)>")
    }

    public static func element(
        _ name: String, _ attributes: KeyValuePairs<String, String?> = [:], _ text: String
    ) -> Markup {
        element(name, attributes, [.text(text)])
    }

    /// Pieces one after the other.
    public static func group(_ pieces: [Markup]) -> Markup {
        Markup(html: pieces.map(\.html).joined())
    }

    /// A style sheet: its text is ours, and is not escaped.
    static func style(_ css: String) -> Markup { Markup(html: "<style>\n\(css)</style>") }

    /// Elements of HTML that have no content and no end.
    private static let void: Set<String> = ["meta", "br", "hr", "col"]

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\t", "\n": result.unicodeScalars.append(scalar)
            // A page must not hold control characters, not even escaped.
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
