import Diagnostics

/// What is wrong with the bytes themselves, found before libyaml sees them, so
/// that people read our words at the right column and not a scanner's.
struct TextCheck {
    let source: SourceText

    /// - Returns: Whether the text can be parsed at all.
    func run(into findings: inout Diagnostics) -> Bool {
        guard checkEncoding(into: &findings) else { return false }
        let before = findings.all.count
        checkLines(into: &findings)
        return findings.all.count == before
    }

    /// The first byte that is not UTF-8, and every control character.
    private func checkEncoding(into findings: inout Diagnostics) -> Bool {
        // Nearly every pipeline is printable ASCII, line by line.
        if source.bytes.allSatisfy({ $0 &- 0x20 < 0x5F || $0 == 0x0A }) { return true }
        var decoder = UTF8()
        var bytes = source.bytes.makeIterator()
        var (line, column) = (1, 1)
        var consumed = 0
        var isClean = true
        while true {
            switch decoder.decode(&bytes) {
            case .emptyInput: return isClean
            case .error:
                let byte = source.bytes[firstInvalid(from: consumed)]
                findings.add(YAMLFinding.invalidUTF8(byte: byte), at: place(line, column))
                return false
            case .scalarValue(let scalar):
                consumed += UTF8.width(scalar)
                let isBreak = scalar == "\n" || scalar == "\r" || scalar == "\t"
                if (scalar.value < 0x20 && !isBreak)
                    || (0x7F..<0xA0).contains(scalar.value) && scalar.value != 0x85
                    || scalar.value == 0xFFFE || scalar.value == 0xFFFF
                {
                    findings.add(YAMLFinding.controlCharacter(code: scalar.value), at: place(line, column))
                    isClean = false
                }
                if scalar == "\n" {
                    line += 1
                    column = 1
                } else if scalar != "\u{FEFF}" || consumed > 3 {
                    column += 1
                }
            }
        }
    }

    /// Where the bad sequence that begins at `start` has its offending byte.
    private func firstInvalid(from start: Int) -> Int { min(start, source.bytes.count - 1) }

    /// Conflict markers of git.
    private func checkLines(into findings: inout Diagnostics) {
        var (number, start) = (1, 0)
        while start < source.bytes.count {
            let first = source.bytes[start]
            if first == UInt8(ascii: "<") || first == UInt8(ascii: ">") {
                for marker in ["<<<<<<< ", ">>>>>>> "] where source.bytes[start...].starts(with: marker.utf8)
                {
                    findings.add(YAMLFinding.conflictMarker, at: place(number, 1, length: 7))
                }
            }
            guard let end = source.bytes[start...].firstIndex(of: UInt8(ascii: "\n")) else { return }
            (number, start) = (number + 1, end + 1)
        }
    }

    /// Tabs in the indentation, up to a line. Only a text libyaml has refused
    /// is asked: inside a block scalar, such as a here-document of a `run`, a
    /// tab behind the indentation is content.
    ///
    /// - Returns: Whether there was any.
    func reportTabs(through last: Int, into findings: inout Diagnostics) -> Bool {
        let before = findings.all.count
        var number = 0
        for line in source.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            if number > last { break }
            let indentation = line.prefix { $0 == UInt8(ascii: " ") }
            let rest = line.dropFirst(indentation.count)
            if rest.first == UInt8(ascii: "\t"), isMeaningful(rest) {
                findings.add(YAMLFinding.tabIndentation, at: place(number, indentation.count + 1))
            }
        }
        return findings.all.count > before
    }

    /// Whether anything but white space and a comment follows the tab.
    private func isMeaningful(_ rest: ArraySlice<UInt8>) -> Bool {
        guard let first = rest.first(where: { $0 != 0x09 && $0 != 0x20 && $0 != 0x0D }) else { return false }
        return first != UInt8(ascii: "#")
    }

    private func place(_ line: Int, _ column: Int, length: Int = 1) -> SourceRange {
        SourceRange(
            source, start: Mark(line: line, column: column), end: Mark(line: line, column: column + length))
    }
}
