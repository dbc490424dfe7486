/// How a POSIX shell reads the place a scan has come to: enough of its quoting
/// rules to say whether a value put in there arrives whole. Source: POSIX 2018,
/// XCU 2.2 (quoting), 2.3 (tokens), 2.7.4 (here-documents).
struct ShellState {
    enum Place { case bare, double, single, backquote, expansion, unclear, hereDocument, comment }

    private enum Frame {
        case double, substitution, arithmetic, parenthesis, expansion
        /// Between `case` and `esac`, where a `)` ends a pattern.
        case patterns
    }

    /// What ends a here-document.
    private struct Delimiter {
        var word: [UInt8] = []
        var stripsTabs: Bool
    }

    /// Open double quotes, `$(`, plain `(` and the shell's own `${`, innermost last.
    private var frames: [Frame] = []
    private var inSingle = false
    /// Whether the open single quote is bash's `$'...'`, where a backslash
    /// takes the meaning from a quote. Source: Bash manual, 3.1.2.4.
    private var isAnsi = false
    /// The bare word so far, to know `case` and `esac`.
    private var word: [UInt8] = []
    /// Whether a command may begin with this word.
    private var startsCommand = true
    private var inBackquote = false
    private var inComment = false
    /// Whether a backslash stands right before, so that a `$` here is plain text.
    private(set) var isEscaped = false
    private var startsWord = true
    /// Delimiters of here-documents announced on this line.
    private var announced: [Delimiter] = []
    private var hereDocument: [Delimiter] = []
    /// The line of a here-document so far.
    private var line: [UInt8] = []
    /// The scalar up to which a here-document operator has been read.
    private var skipUntil = 0
    /// Where the last `$` stood that means something to what follows it: not one
    /// behind a backslash.
    private var dollar = -2
    /// Where the last `$$` ended.
    private var process = -2
    /// Whether shells differ in how they read on from here.
    private var isUnclear = false
    private(set) var hasPipe = false

    var place: Place {
        if !hereDocument.isEmpty { return .hereDocument }
        if inComment { return .comment }
        if inSingle { return .single }
        if inBackquote { return .backquote }
        if isUnclear { return .unclear }
        // How quotes nest in there differs from shell to shell.
        if frames.contains(.expansion) { return .expansion }
        return frames.last == .double ? .double : .bare
    }

    /// How a value is written here; nil where it cannot stand, or need not.
    var quoting: CommandText.Quoting? {
        switch place {
        case .bare: .bare
        case .double: .double
        case .single, .backquote, .expansion, .unclear, .hereDocument, .comment: nil
        }
    }

    /// A value stood here: the word goes on.
    mutating func passWord() {
        startsWord = false
        isEscaped = false
        word.append(0)
        line.append(0)
    }

    /// Where the ordinary bytes that begin at a place end: what most of a text is
    /// made of, nothing but parts of a word wherever they stand.
    static func endOfOrdinary(_ text: TextBytes, from start: Int) -> Int {
        text.bytes[start...].firstIndex { byte in
            switch Unicode.Scalar(byte) {
            case "a"..."z", "A"..."Z", "0"..."9", "_", "-", ".", "/": false
            default: true
            }
        } ?? text.count
    }

    /// The same as to pass them one by one.
    mutating func pass(ordinary range: Range<Int>, of text: TextBytes) {
        if isEscaped || range.lowerBound < skipUntil || !hereDocument.isEmpty {
            for index in range { pass(text, at: index) }
        } else if !inComment, !inSingle, frames.last != .double {
            word += text.bytes[range]
            startsWord = false
        }
    }

    mutating func pass(_ text: TextBytes, at index: Int) {
        let scalar = text[index]
        if index < skipUntil { return }
        if !hereDocument.isEmpty { return passHereDocument(text.bytes[index]) }
        if scalar == "\n" {
            inComment = false
            if !isEscaped, !inSingle { (hereDocument, announced, line) = (announced, [], []) }
        }
        if inComment { return }
        if inSingle {
            if isAnsi, isEscaped {
                isEscaped = false
            } else if isAnsi, scalar == "\\" {
                isEscaped = true
            } else if scalar == "'" {
                inSingle = false
            }
            return
        }
        if isEscaped {
            isEscaped = false
            word.append(0)
            startsWord = false
            return
        }
        if scalar == "$" {
            // Of `$$`, the process, neither begins what follows.
            if dollar == index - 1 { (dollar, process) = (-2, index) } else { dollar = index }
        }
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

    private mutating func passDouble(_ text: TextBytes, at index: Int) {
        if text[index] == "\"" {
            frames.removeLast()
        } else if text[index] == "(", process == index - 1 {
            // Text to POSIX; bash looks for the end of a substitution all the same.
            isUnclear = true
        } else if text[index] == "(", dollar == index - 1 {
            frames.append(.substitution)
            startsWord = true
            startsCommand = true
            word.removeAll(keepingCapacity: true)
        } else if text[index] == "{", dollar == index - 1 {
            frames.append(.expansion)
        }
    }

    private mutating func passBare(_ text: TextBytes, at index: Int) {
        let scalar = text[index]
        let beforeStartsWord = startsWord
        followWords(text.bytes[index])
        // Not braces: `${#x}` counts, and `{#` is a word.
        startsWord = Self.endsWord(scalar)
        if frames.last == .expansion, passExpansion(text, at: index) { return }
        switch scalar {
        case "'":
            inSingle = true
            isAnsi = dollar == index - 1
        case "\"": frames.append(.double)
        case "#" where beforeStartsWord: inComment = true
        case "(":
            let isArithmetic = dollar == index - 2 && index > 0 && text[index - 1] == "("
            frames.append(
                dollar == index - 1 ? .substitution : isArithmetic ? .arithmetic : .parenthesis)
        case "{" where dollar == index - 1: frames.append(.expansion)
        case ")": if frames.last != .patterns, !frames.isEmpty { frames.removeLast() }
        case "|":
            let next = index + 1 < text.count ? text[index + 1] : " "
            let previous = index > 0 ? text[index - 1] : " "
            if next != "|", previous != "|", previous != ">" { hasPipe = true }
        case "<" where index + 1 < text.count && text[index + 1] == "<" && !frames.contains(.arithmetic):
            announceHereDocument(text, at: index)
        default: break
        }
    }

    private static let openers: Set<String> = [
        "if", "then", "else", "elif", "do", "while", "until", "{", "!", "time",
    ]

    private static func endsWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case " ", "\t", "\n", ";", "&", "|", "(", ")": true
        default: false
        }
    }

    /// Knows `case ... esac`, whose patterns end with a `)` that closes nothing.
    /// Both words count only where a command may begin. Source: POSIX 2018,
    /// XCU 2.4 (reserved words), 2.9.4.3.
    private mutating func followWords(_ byte: UInt8) {
        let scalar = Unicode.Scalar(byte)
        guard Self.endsWord(scalar) else {
            word.append(byte)
            return
        }
        if startsCommand {
            if word.elementsEqual("case".utf8) { frames.append(.patterns) }
            if word.elementsEqual("esac".utf8), frames.last == .patterns { frames.removeLast() }
        }
        // Behind these words a command begins like behind a `;`.
        if scalar == " " || scalar == "\t" {
            if !word.isEmpty, startsCommand {
                startsCommand = Self.openers.contains(String(decoding: word, as: UTF8.self))
            }
        } else {
            startsCommand = true
        }
        // The word that is looked at stands before `in`, and then come patterns.
        if frames.last == .patterns, word.elementsEqual("in".utf8) { startsCommand = true }
        word.removeAll(keepingCapacity: true)
    }

    /// What means something else inside `${...}` than outside.
    ///
    /// - Returns: Whether that is all; quotes and openings go on as anywhere.
    private mutating func passExpansion(_ text: TextBytes, at index: Int) -> Bool {
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

    private mutating func announceHereDocument(_ text: TextBytes, at index: Int) {
        var position = index + 2
        if position < text.count, text[position] == "<" {
            skipUntil = position + 1  // bash's here-string: a word follows, as anywhere
            return
        }
        var delimiter = Delimiter(stripsTabs: position < text.count && text[position] == "-")
        if delimiter.stripsTabs { position += 1 }
        while position < text.count, text[position] == " " || text[position] == "\t" { position += 1 }
        while position < text.count, !" \t\n;&|()<>".unicodeScalars.contains(text[position]) {
            if !"'\"\\".unicodeScalars.contains(text[position]) {
                delimiter.word.append(text.bytes[position])
            }
            position += 1
        }
        skipUntil = position
        if !delimiter.word.isEmpty { announced.append(delimiter) }
    }

    private mutating func passHereDocument(_ byte: UInt8) {
        guard byte == UInt8(ascii: "\n") else {
            line.append(byte)
            return
        }
        let tabs = hereDocument[0].stripsTabs ? line.prefix { $0 == UInt8(ascii: "\t") }.count : 0
        if line.dropFirst(tabs).elementsEqual(hereDocument[0].word) { hereDocument.removeFirst() }
        line = []
    }
}
