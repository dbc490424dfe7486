import Diagnostics
import YAMLSyntax

/// The text of a command, cut at its `${...}`, each with how the shell will
/// read the place it stands in.
///
/// Ours is `${IDENT.` only: an identifier directly followed by a dot. All other
/// `${` are the shell's; `$${` is a literal `${`.
public struct CommandText: Sendable {
    /// How the shell reads a place: decides how a value is written there.
    public enum Quoting: Sendable, Hashable {
        /// A value becomes one word, in single quotes where it needs them.
        case bare
        /// A value is escaped.
        case double
    }

    public enum Piece: Sendable, Hashable {
        case literal(String)
        /// `params`, `matrix`, `env`, `in` or `out`, the name behind the dot,
        /// and the quoting round it.
        case value(space: String, name: String, Quoting)
    }

    public private(set) var pieces: [Piece] = []
    /// Whether a `|` joins commands.
    public private(set) var hasPipe = false

    static let spaces = ["params", "matrix", "env", "in", "out"]

    /// - Parameter known: The names in each space; a space that is absent here
    ///   is checked later, when what it holds is known.
    public init(_ node: Node, known: [String: [String]], into findings: inout Diagnostics) {
        let scalars = Array((node.text ?? "").unicodeScalars)
        var shell = ShellState()
        var places = PlaceFinder(node.range)
        var literal = String.UnicodeScalarView()
        var index = 0
        while index < scalars.count {
            if scalars[index...].starts(with: "$${".unicodeScalars) {
                literal.append(contentsOf: "${".unicodeScalars)
                index += 3
            } else if !shell.isEscaped, let (space, afterDot) = Self.opening(scalars, at: index) {
                guard let close = scalars[afterDot...].firstIndex(of: "}") else {
                    places.pass("${\(space).")
                    findings.add(LanguageFinding.unclosedReference, at: places.place())
                    break
                }
                let name = String(String.UnicodeScalarView(scalars[afterDot..<close]))
                places.pass("${\(space).\(name)}")
                let problem = Self.problem(space, name, known: known, in: shell)
                if let problem { findings.add(problem, at: places.place()) }
                if problem == nil, let quoting = shell.quoting {
                    if !literal.isEmpty { pieces.append(.literal(String(literal))) }
                    literal = String.UnicodeScalarView()
                    pieces.append(.value(space: space, name: name, quoting))
                }
                shell.passWord()
                index = close + 1
            } else {
                shell.pass(scalars, at: index)
                literal.append(scalars[index])
                index += 1
            }
        }
        if !literal.isEmpty { pieces.append(.literal(String(literal))) }
        hasPipe = shell.hasPipe
    }

    /// The space and where the name begins, if `${IDENT.` stands here.
    private static func opening(_ scalars: [Unicode.Scalar], at index: Int) -> (String, Int)? {
        guard scalars[index...].starts(with: "${".unicodeScalars) else { return nil }
        let word = scalars[(index + 2)...].prefix { $0.isASCII && ($0.properties.isAlphabetic || $0 == "_") }
        let dot = index + 2 + word.count
        guard !word.isEmpty, dot < scalars.count, scalars[dot] == "." else { return nil }
        return (String(String.UnicodeScalarView(word)), dot + 1)
    }

    /// What is wrong with `${space.name}` where the shell stands.
    private static func problem(
        _ space: String, _ name: String, known: [String: [String]], in shell: ShellState
    ) -> LanguageFinding? {
        guard spaces.contains(space) else { return .unknownNamespace(space) }
        if let names = known[space] {
            let first = String(name.prefix { $0 != "." && $0 != "[" })
            let kinds = ["params": "parameter", "matrix": "matrix axis", "in": "input", "out": "output"]
            if !names.contains(first) {
                return .unknownReference(kind: kinds[space] ?? space, name: first, known: names)
            }
        }
        switch shell.place {
        case .bare, .double, .comment: return nil
        case .single: return .valueInsideSingleQuotes(name: "\(space).\(name)")
        case .backquote: return .valueInsideBackquotes(name: "\(space).\(name)")
        case .expansion: return .valueInsideExpansion(name: "\(space).\(name)")
        case .hereDocument: return .valueInsideHereDocument(name: "\(space).\(name)")
        }
    }

    /// The text for the shell, with each value written so that it arrives as it is.
    ///
    /// - Parameter value: What stands for a space and a name.
    public func rendered(_ value: (_ space: String, _ name: String) -> String) -> String {
        pieces.indices.map { index in
            switch pieces[index] {
            case .literal(let text): text
            case .value(let space, let name, .bare):
                isBeforeRedirection(index) ? Self.quoted(value(space, name)) : Self.word(value(space, name))
            case .value(let space, let name, .double): Self.escaped(value(space, name))
            }
        }.joined()
    }

    /// One shell word: as it is when harmless, else in single quotes with each
    /// single quote written as `'\''`. Source: POSIX 2018, XCU 2.2.2.
    public static func word(_ text: String) -> String {
        let harmless = text.unicodeScalars.allSatisfy {
            $0.isASCII
                && ($0.properties.isAlphabetic || ("0"..."9").contains($0)
                    || "_-./,:@%+".unicodeScalars.contains($0))
        }
        return harmless && !text.isEmpty ? text : quoted(text)
    }

    /// Whether `>` or `<` follows at once, which would make of a number the
    /// descriptor to redirect. Source: POSIX 2018, XCU 2.7.
    private func isBeforeRedirection(_ index: Int) -> Bool {
        guard index + 1 < pieces.count, case .literal(let text) = pieces[index + 1] else { return false }
        return text.hasPrefix(">") || text.hasPrefix("<")
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "'"
        for scalar in text.unicodeScalars {
            if scalar == "'" { quoted += "'\\''" } else { quoted.unicodeScalars.append(scalar) }
        }
        return quoted + "'"
    }

    /// Inside double quotes only `$`, `` ` ``, `"` and `\` mean something.
    /// Source: POSIX 2018, XCU 2.2.3.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if "$`\"\\".unicodeScalars.contains(scalar) { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
        return result
    }
}
