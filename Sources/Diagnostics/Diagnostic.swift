/// What a check has to say: where, how bad, what is wrong, what was expected,
/// what to do.
public struct Diagnostic: Sendable {
    public enum Severity: String, Sendable, Comparable {
        case error, warning, note

        public static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
        private var rank: Int { self == .error ? 0 : self == .warning ? 1 : 2 }
    }

    /// A labelled line below the caret, such as `columns: a, b, c`.
    public struct Note: Sendable, Equatable {
        public var label: String
        public var text: String

        public init(_ label: String, _ text: String) {
            self.label = label
            self.text = text
        }
    }

    public var severity: Severity
    /// The stable name of the finding's case, such as `unknownKey`.
    public var code: String
    /// Nil for what has no place in a file, such as a bad flag.
    public var range: SourceRange?
    public var message: String
    public var notes: [Note]
    /// A sentence that says how to mend it, without the word "fix".
    public var fix: String?

    public init(
        _ severity: Severity = .error, code: String, at range: SourceRange?, _ message: String,
        notes: [Note] = [], fix: String? = nil
    ) {
        self.severity = severity
        self.code = code
        self.range = range
        self.message = message
        self.notes = notes
        self.fix = fix
    }
}

/// The facts of a finding. Each module has one enum of these, a case a fact;
/// the wording stands beside the cases, the layout in `DiagnosticRenderer`.
///
/// Wording: lower case, quotes round what the user wrote, no full stop.
public protocol Finding: Sendable {
    var severity: Diagnostic.Severity { get }
    var message: String { get }
    var notes: [Diagnostic.Note] { get }
    var fix: String? { get }
}

extension Finding {
    public var severity: Diagnostic.Severity { .error }
    public var notes: [Diagnostic.Note] { [] }
    public var fix: String? { nil }

    /// The name of the enum case, which tests and `--json` use as the code.
    public var code: String {
        Mirror(reflecting: self).children.first?.label ?? "\(self)"
    }

    public func at(_ range: SourceRange?) -> Diagnostic {
        Diagnostic(severity, code: code, at: range, message, notes: notes, fix: fix)
    }
}

/// Findings as they are collected; a check never stops at the first.
public struct Diagnostics: Sendable {
    public private(set) var all: [Diagnostic] = []

    public init() {}

    public var isEmpty: Bool { all.isEmpty }
    public var hasErrors: Bool { all.contains { $0.severity == .error } }

    public mutating func add(_ finding: some Finding, at range: SourceRange?) {
        all.append(finding.at(range))
    }

    public mutating func add(_ diagnostic: Diagnostic) { all.append(diagnostic) }

    public mutating func add(_ others: Diagnostics) { all += others.all }

    /// In file order: what has no place first, then by file in order of first
    /// mention, line, column, severity, message. The same finding twice counts once.
    public var sorted: [Diagnostic] {
        var files: [String: Int] = [:]
        for diagnostic in all {
            guard let path = diagnostic.range?.source.path, files[path] == nil else { continue }
            files[path] = files.count
        }
        func key(_ d: Diagnostic) -> (Int, Mark) {
            guard let range = d.range else { return (-1, Mark(line: 0, column: 0)) }
            return (files[range.source.path] ?? 0, range.start)
        }
        let ordered = all.sorted { a, b in
            let (ka, kb) = (key(a), key(b))
            if ka != kb { return ka < kb }
            return (a.severity, a.message) < (b.severity, b.message)
        }
        var result: [Diagnostic] = []
        for diagnostic in ordered {
            if let last = result.last, key(last) == key(diagnostic), last.message == diagnostic.message {
                continue
            }
            result.append(diagnostic)
        }
        return result
    }
}

/// Findings thrown as one error, for callers that cannot go on.
public struct DiagnosticError: Error, Sendable {
    public var diagnostics: Diagnostics

    public init(_ diagnostics: Diagnostics) { self.diagnostics = diagnostics }

    public init(_ finding: some Finding, at range: SourceRange? = nil) {
        diagnostics = Diagnostics()
        diagnostics.add(finding, at: range)
    }
}
