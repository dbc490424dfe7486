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
        /// `in` or `out`, the name behind the dot, and the quoting round it.
        case value(space: String, name: String, Quoting)
    }

    public private(set) var pieces: [Piece] = []
    /// Whether a `|` joins commands.
    public private(set) var hasPipe = false

    /// - Parameters:
    ///   - known: The names in the spaces `in` and `out`.
    ///   - scope: What everything else stands for.
    init(_ node: Node, known: [String: [String]], scope: Scope, into findings: inout Diagnostics) {
        self.init(node, known: known, into: &findings) { space, name in
            scope.look(up: space, name, at: node.range)
        }
    }

    /// - Parameter value: What stands for a space and a name that are not in `known`.
    init(
        _ node: Node, known: [String: [String]], into findings: inout Diagnostics,
        value: (_ space: String, _ name: String) -> Scope.Lookup
    ) {
        let scalars = Array((node.text ?? "").unicodeScalars)
        var shell = ShellState()
        var places = PlaceFinder(node.range)
        var literal = String.UnicodeScalarView()
        var index = 0
        while index < scalars.count {
            if ReferenceScanner.isEscape(scalars, at: index) {
                shell.pass(scalars, at: index + 1)
                shell.pass(scalars, at: index + 2)
                literal.append(contentsOf: "${".unicodeScalars)
                index += 3
            } else if !shell.isEscaped, let (space, afterDot) = ReferenceScanner.opening(scalars, at: index) {
                guard let close = scalars[afterDot...].firstIndex(of: "}") else {
                    places.pass("${\(space).")
                    findings.add(LanguageFinding.unclosedReference, at: places.place())
                    break
                }
                let name = String(String.UnicodeScalarView(scalars[afterDot..<close]))
                places.pass("${\(space).\(name)}")
                switch Self.found(space, name, known: known, in: shell, value) {
                case .failure(let problem): findings.add(problem, at: places.place())
                case .success(nil):
                    guard let quoting = shell.quoting else { break }
                    if !literal.isEmpty { pieces.append(.literal(String(literal))) }
                    literal = String.UnicodeScalarView()
                    pieces.append(.value(space: space, name: name, quoting))
                case .success(.some(let text)):
                    guard let quoting = shell.quoting else { break }
                    // `>` or `<` at once behind a bare number would make of it
                    // the descriptor to redirect. Source: POSIX 2018, XCU 2.7.
                    let next = close + 1 < scalars.count ? scalars[close + 1] : " "
                    let written =
                        quoting == .double
                        ? Self.escaped(text)
                        : next == ">" || next == "<" ? Self.quoted(text) : Self.word(text)
                    literal.append(contentsOf: written.unicodeScalars)
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

    private enum Found {
        case failure(LanguageFinding)
        /// The text to put in; nil for an input or output, which stays a name.
        case success(String?)
    }

    /// What stands for `${space.name}` where the shell stands.
    private static func found(
        _ space: String, _ name: String, known: [String: [String]], in shell: ShellState,
        _ value: (_ space: String, _ name: String) -> Scope.Lookup
    ) -> Found {
        var text: String?
        if let names = known[space] {
            let kinds = ["in": "input", "out": "output"]
            if !names.contains(name) {
                return .failure(.unknownReference(kind: kinds[space] ?? space, name: name, known: names))
            }
        } else {
            switch value(space, name) {
            case .problem(let problem): return .failure(problem)
            case .value(let node, _):
                if node.isReported { return .success("") }
                guard let short = node.shortText else {
                    return .failure(.notInText(name: "\(space).\(name)", found: node.whatItIs))
                }
                text = short
            }
        }
        switch shell.place {
        case .bare, .double, .comment: return .success(text)
        case .single: return .failure(.valueInsideSingleQuotes(name: "\(space).\(name)"))
        case .backquote: return .failure(.valueInsideBackquotes(name: "\(space).\(name)"))
        case .expansion: return .failure(.valueInsideExpansion(name: "\(space).\(name)"))
        case .hereDocument: return .failure(.valueInsideHereDocument(name: "\(space).\(name)"))
        }
    }

    /// What stands for the text in an action key: parameters, matrix and
    /// environment as the shell gets them, inputs and outputs as their names,
    /// and every other `$` doubled, so that two texts never share one.
    public var keyText: String {
        pieces.map { piece in
            switch piece {
            case .literal(let text):
                text.split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$")
            case .value(let space, let name, _): "${\(space).\(name)}"
            }
        }.joined()
    }

    /// The text for the shell, with each value written so that it arrives as it is.
    ///
    /// - Parameter value: What stands for a name in the space `in` or `out`.
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
