/// Lays findings out as text: `file:line:col: error: message`, the source
/// line, a caret under the stretch, labelled notes, the fix.
///
/// Columns count Unicode scalars. The caret line repeats the prefix of the
/// source line with wide characters as two spaces, zero-width ones as none and
/// tabs kept, so the caret stands under its character in a terminal.
public struct DiagnosticRenderer: Sendable {
    public var color: Bool
    /// A source line longer than this is cut to a window round the caret.
    static let lineWindow = 160

    public init(color: Bool = false) { self.color = color }

    public func render(_ diagnostics: Diagnostics) -> String {
        diagnostics.sorted.map(render).joined()
    }

    public func render(_ diagnostic: Diagnostic) -> String {
        var text = ""
        if let range = diagnostic.range { text += paint(Self.printable("\(range): "), .bold) }
        text += paint("\(diagnostic.severity.rawValue): ", diagnostic.severity == .error ? .red : .yellow)
        text += paint(Self.printable(diagnostic.message), .bold) + "\n"
        if let range = diagnostic.range { text += excerpt(range) }
        for note in diagnostic.notes where !note.text.isEmpty {
            // Further lines stand under the first.
            let indent = "\n" + String(repeating: " ", count: note.label.count + 4)
            let lines = note.text.split(separator: "\n", omittingEmptySubsequences: false)
            text += "  \(note.label): \(lines.map { Self.printable(String($0)) }.joined(separator: indent))\n"
        }
        if let fix = diagnostic.fix, !fix.isEmpty { text += "  fix: \(Self.printable(fix))\n" }
        return text
    }

    private func excerpt(_ range: SourceRange) -> String {
        let lead = Array((range.start.line == 1 ? range.source.lead ?? "" : "").unicodeScalars)
        var line = lead + Array(range.source.line(Int(range.start.line)).unicodeScalars)
        if line.isEmpty { return "" }
        var start = min(max(Int(range.start.column) - 1, 0) + lead.count, line.count)
        let sameLine = range.end.line == range.start.line
        var end = sameLine ? min(Int(range.end.column) - 1 + lead.count, line.count) : line.count
        while !sameLine, end > start + 1, line[end - 1] == " " { end -= 1 }
        if line.count > Self.lineWindow {
            let first = max(0, min(start - Self.lineWindow / 2, line.count - Self.lineWindow))
            line = Array(line[first..<min(line.count, first + Self.lineWindow)])
            start -= first
            end = min(end - first, line.count)
        }
        var caret = ""
        for scalar in line[..<start] { caret += Self.blank(for: scalar) }
        let width = end > start ? line[start..<end].reduce(0) { $0 + Self.width(of: $1) } : 0
        caret += paint("^" + String(repeating: "~", count: max(0, width - 1)), .red)
        var shown = String.UnicodeScalarView()
        shown.append(contentsOf: line.map { Self.isControl($0) ? "\u{FFFD}" : $0 })
        return "\(String(shown))\n\(caret)\n"
    }

    /// Text of a user with control characters made visible, so that a finding
    /// never moves the cursor or recolours the terminal.
    static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { isControl($0) && $0 != "\n" }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isControl(scalar), scalar != "\n" {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar != "\t" && (scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value))
    }

    private static func blank(for scalar: Unicode.Scalar) -> String {
        scalar == "\t" ? "\t" : String(repeating: " ", count: width(of: scalar))
    }

    /// Terminal columns of a scalar: 2 for East Asian wide and emoji, 0 for
    /// combining marks, else 1. Source: Unicode Standard Annex 11, the blocks
    /// whose East_Asian_Width is W or F.
    public static func width(of scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0..<0x300: return 1
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
            0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
            0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return 2
        default:
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark, .format: return 0
            default: return 1
            }
        }
    }

    private enum Paint: String {
        case bold = "1"
        case red = "31;1"
        case yellow = "33;1"
    }

    private func paint(_ text: String, _ paint: Paint) -> String {
        color ? "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m" : text
    }
}
