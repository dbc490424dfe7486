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

    /// What a stage's inputs and outputs are called.
    struct Ports {
        var inputs: [String]
        var outputs: [String]

        fileprivate subscript(space: String) -> (kind: String, names: [String])? {
            switch space {
            case "in": ("input", inputs)
            case "out": ("output", outputs)
            default: nil
            }
        }
    }

    public private(set) var pieces: [Piece] = []
    /// Whether a `|` joins commands.
    public private(set) var hasPipe = false

    /// - Parameters:
    ///   - ports: The names in the spaces `in` and `out`.
    ///   - scope: What everything else stands for.
    init(_ node: Node, ports: Ports, scope: Scope, into findings: inout Diagnostics) {
        self.init(node, ports: ports, into: &findings) { space, name in
            scope.look(up: space, name, at: node.range)
        }
    }

    /// - Parameter value: What stands for a name in any other space.
    init(
        _ node: Node, ports: Ports, into findings: inout Diagnostics,
        value: (_ space: String, _ name: String) -> Scope.Lookup
    ) {
        let text = TextBytes(node.text ?? "")
        var shell = ShellState()
        var places = PlaceFinder(node.range)
        var literal: [UInt8] = []
        literal.reserveCapacity(text.count)
        pieces.reserveCapacity(8)
        var index = 0
        func flush() {
            if !literal.isEmpty { pieces.append(.literal(String(decoding: literal, as: UTF8.self))) }
            literal.removeAll(keepingCapacity: true)
        }
        while index < text.count {
            let ordinary = index..<ShellState.endOfOrdinary(text, from: index)
            if !ordinary.isEmpty {
                shell.pass(ordinary: ordinary, of: text)
                literal += text.bytes[ordinary]
                index = ordinary.upperBound
            } else if ReferenceScanner.isEscape(text, at: index) {
                shell.pass(text, at: index + 1)
                shell.pass(text, at: index + 2)
                literal += "${".utf8
                index += 3
            } else if !shell.isEscaped, let (space, afterDot) = ReferenceScanner.opening(text, at: index) {
                guard let close = text.firstIndex(of: "}", from: afterDot) else {
                    places.pass(space, nil)
                    findings.add(LanguageFinding.unclosedReference, at: places.place())
                    break
                }
                let name = text.string(afterDot..<close)
                places.pass(space, name)
                switch Self.found(space, name, ports, in: shell, value) {
                case .failure(let problem): findings.add(problem, at: places.place())
                case .success(nil):
                    guard let quoting = shell.quoting else { break }
                    flush()
                    pieces.append(.value(space: space, name: name, quoting))
                case .success(.some(let value)):
                    guard let quoting = shell.quoting else { break }
                    // `>` or `<` at once behind a bare number would make of it
                    // the descriptor to redirect. Source: POSIX 2018, XCU 2.7.
                    let next = close + 1 < text.count ? text[close + 1] : " "
                    let written =
                        quoting == .double
                        ? Self.escaped(value)
                        : next == ">" || next == "<" ? Self.quoted(value) : Self.word(value)
                    literal += written.utf8
                }
                shell.passWord()
                index = close + 1
            } else {
                shell.pass(text, at: index)
                literal.append(text.bytes[index])
                index += 1
            }
        }
        flush()
        hasPipe = shell.hasPipe
    }

    private enum Found {
        case failure(LanguageFinding)
        /// The text to put in; nil for an input or output, which stays a name.
        case success(String?)
    }

    /// What stands for `${space.name}` where the shell stands.
    private static func found(
        _ space: String, _ name: String, _ ports: Ports, in shell: ShellState,
        _ value: (_ space: String, _ name: String) -> Scope.Lookup
    ) -> Found {
        var text: String?
        if let (kind, known) = ports[space] {
            if !known.contains(name) {
                return .failure(.unknownReference(kind: kind, name: name, known: known))
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
        case .unclear: return .failure(.valueBehindProcess(name: "\(space).\(name)"))
        case .hereDocument: return .failure(.valueInsideHereDocument(name: "\(space).\(name)"))
        }
    }

    /// What stands for the text in an action key: parameters, matrix and
    /// environment as the shell gets them, inputs and outputs as their names,
    /// and every other `$` doubled, so that two texts never share one.
    public var keyText: String {
        var text: [UInt8] = []
        text.reserveCapacity(128)
        for piece in pieces {
            switch piece {
            case .literal(let literal):
                for byte in literal.utf8 {
                    if byte == UInt8(ascii: "$") { text.append(byte) }
                    text.append(byte)
                }
            case .value(let space, let name, _):
                text += "${".utf8
                text += space.utf8
                text.append(UInt8(ascii: "."))
                text += name.utf8
                text.append(UInt8(ascii: "}"))
            }
        }
        return String(decoding: text, as: UTF8.self)
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
            switch $0 {
            case "a"..."z", "A"..."Z", "0"..."9", "_", "-", ".", "/", ",", ":", "@", "%", "+": true
            default: false
            }
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
