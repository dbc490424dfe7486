import Diagnostics
import Glibc
import Platform

/// Where text goes: data to stdout, messages to stderr.
enum Terminal {
    /// Whether stderr shows colours: a terminal that wants them.
    /// Source: no-color.org; FORCE_COLOR and TERM=dumb as widely followed.
    static var hasColor: Bool {
        func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
        if !variable("NO_COLOR").isEmpty { return false }
        if !variable("FORCE_COLOR").isEmpty { return true }
        return isatty(STDERR_FILENO) == 1 && variable("TERM") != "dumb"
    }

    /// Whether stdout shows colours.
    static var hasDataColor: Bool { isatty(STDOUT_FILENO) == 1 && hasColor }

    static func finding(_ diagnostic: Diagnostic, color: Bool = hasColor) {
        message(DiagnosticRenderer(color: color).render(diagnostic))
    }

    static func findings(_ diagnostics: Diagnostics) {
        message(DiagnosticRenderer(color: hasColor).render(diagnostics))
    }

    /// Whether stderr can hold a live block.
    static var isLive: Bool {
        isatty(STDERR_FILENO) == 1 && getenv("TERM").map { String(cString: $0) } ?? "dumb" != "dumb"
            && getenv("CI") == nil
    }

    /// Columns of the terminal that stdout is; nil when it is none.
    static var dataWidth: Int? {
        var size = winsize()
        guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0
        else { return nil }
        return Int(size.ws_col)
    }

    /// Runs what touches files; what the system refuses is a finding.
    static func orFinding<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as SystemError {
            throw DiagnosticError(CommandFinding.system(error.description))
        }
    }

    static func message(_ text: String) { write(text, to: STDERR_FILENO) }
    static func data(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// A reader that went away is no error of ours to report.
    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            try? Files.writeAll(UnsafeRawBufferPointer(bytes), to: descriptor, path: "output")
        }
    }
}
