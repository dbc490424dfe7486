/// How a POSIX shell reads the place a scan has come to: enough of its quoting
/// rules to say whether a value put in there arrives whole. Source: POSIX 2018,
/// XCU 2.2 (quoting), 2.3 (tokens), 2.7.4 (here-documents).
struct ShellState {
    enum Place { case bare, double, single, backquote, expansion, hereDocument, comment }

    private enum Frame { case double, substitution, arithmetic, parenthesis, expansion }

    /// Open double quotes, `$(`, plain `(` and the shell's own `${`, innermost last.
    private var frames: [Frame] = []
    private var inSingle = false
    private var inBackquote = false
    private var inComment = false
    /// Whether a backslash stands right before, so that a `$` here is plain text.
    private(set) var isEscaped = false
    private var startsWord = true
    /// Delimiters of here-documents announced on this line.
    private var announced: [(word: String, stripsTabs: Bool)] = []
    private var hereDocument: [(word: String, stripsTabs: Bool)] = []
    /// The line of a here-document so far.
    private var line = ""
    /// The scalar up to which a here-document operator has been read.
    private var skipUntil = 0
    /// Where the last `$` stood that a backslash does not take the meaning from.
    private var dollar = -2
    private(set) var hasPipe = false

    var place: Place {
        if !hereDocument.isEmpty { return .hereDocument }
        if inComment { return .comment }
        if inSingle { return .single }
        if inBackquote { return .backquote }
        // How quotes nest in there differs from shell to shell.
        if frames.contains(.expansion) { return .expansion }
        return frames.last == .double ? .double : .bare
    }

    /// How a value is written here; nil where it cannot stand, or need not.
    var quoting: CommandText.Quoting? {
        switch place {
        case .bare: .bare
        case .double: .double
        case .single, .backquote, .expansion, .hereDocument, .comment: nil
        }
    }

    /// A value stood here: the word goes on.
    mutating func passWord() {
        startsWord = false
        isEscaped = false
        line += "\u{0}"
    }

    mutating func pass(_ text: [Unicode.Scalar], at index: Int) {
        let scalar = text[index]
        if index < skipUntil { return }
        if !hereDocument.isEmpty { return passHereDocument(scalar) }
        if scalar == "\n" {
            inComment = false
            if !isEscaped, !inSingle { (hereDocument, announced, line) = (announced, [], "") }
        }
        if inComment { return }
        if inSingle {
            if scalar == "'" { inSingle = false }
            return
        }
        if isEscaped {
            isEscaped = false
            startsWord = false
            return
        }
        if scalar == "$" { dollar = index }
        if scalar == "\\" {
            isEscaped = true
        } else if scalar == "`" {
            inBackquote.toggle()
        } else if frames.last == .double {
            passDouble(text, at: index)
        } else {
            passBare(text, at: index)
        }
    }

    private mutating func passDouble(_ text: [Unicode.Scalar], at index: Int) {
        if text[index] == "\"" {
            frames.removeLast()
        } else if text[index] == "(", index > 0, text[index - 1] == "$" {
            frames.append(.substitution)
            startsWord = true
        } else if text[index] == "{", dollar == index - 1 {
            frames.append(.expansion)
        }
    }

    private mutating func passBare(_ text: [Unicode.Scalar], at index: Int) {
        let scalar = text[index]
        let beforeStartsWord = startsWord
        // Not braces: `${#x}` counts, and `{#` is a word.
        startsWord = " \t\n;&|()".unicodeScalars.contains(scalar)
        if frames.last == .expansion, passExpansion(text, at: index) { return }
        switch scalar {
        case "'": inSingle = true
        case "\"": frames.append(.double)
        case "#" where beforeStartsWord: inComment = true
        case "(":
            let isSubstitution = index > 0 && text[index - 1] == "$"
            let isArithmetic = index > 1 && text[index - 1] == "(" && text[index - 2] == "$"
            frames.append(isSubstitution ? .substitution : isArithmetic ? .arithmetic : .parenthesis)
        case "{" where dollar == index - 1: frames.append(.expansion)
        case ")": if !frames.isEmpty { frames.removeLast() }
        case "|":
            let next = index + 1 < text.count ? text[index + 1] : " "
            let previous = index > 0 ? text[index - 1] : " "
            if next != "|", previous != "|", previous != ">" { hasPipe = true }
        case "<" where index + 1 < text.count && text[index + 1] == "<" && !frames.contains(.arithmetic):
            announceHereDocument(text, at: index)
        default: break
        }
    }

    /// What means something else inside `${...}` than outside.
    ///
    /// - Returns: Whether that is all; quotes and openings go on as anywhere.
    private mutating func passExpansion(_ text: [Unicode.Scalar], at index: Int) -> Bool {
        switch text[index] {
        case "}":
            frames.removeLast()
            return true
        case "'": return frames.last { $0 != .expansion } == .double
        case "\"", "{": return false
        case "(": return dollar != index - 1
        default: return true
        }
    }

    private mutating func announceHereDocument(_ text: [Unicode.Scalar], at index: Int) {
        var position = index + 2
        if position < text.count, text[position] == "<" {
            skipUntil = position + 1  // bash's here-string: a word follows, as anywhere
            return
        }
        let stripsTabs = position < text.count && text[position] == "-"
        if stripsTabs { position += 1 }
        while position < text.count, text[position] == " " || text[position] == "\t" { position += 1 }
        var word = ""
        while position < text.count, !" \t\n;&|()<>".unicodeScalars.contains(text[position]) {
            if !"'\"\\".unicodeScalars.contains(text[position]) { word.unicodeScalars.append(text[position]) }
            position += 1
        }
        skipUntil = position
        if !word.isEmpty { announced.append((word, stripsTabs)) }
    }

    private mutating func passHereDocument(_ scalar: Unicode.Scalar) {
        guard scalar == "\n" else {
            line.unicodeScalars.append(scalar)
            return
        }
        let content = hereDocument[0].stripsTabs ? String(line.drop { $0 == "\t" }) : line
        if content == hereDocument[0].word { hereDocument.removeFirst() }
        line = ""
    }
}
