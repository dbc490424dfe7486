import Diagnostics

/// Finds pieces of a scalar's text again in the file, in order.
///
/// A scalar's text is not its spelling: quotes, escapes, folding and the
/// indentation of a block lie between. But a `${...}` is spelt in the file as
/// it reads, so looking for each in turn finds its line and column.
struct PlaceFinder {
    private let whole: SourceRange
    private enum Piece {
        case text(String)
        case reference(space: String, name: String?)
    }
    /// The pieces so far, in order: each is looked for behind the one before.
    private var pieces: [Piece] = []

    init(_ range: SourceRange) { whole = range }

    /// Takes note of a piece; `place` of an earlier one still works.
    mutating func pass(_ text: String) { pieces.append(.text(text)) }

    /// The same for a reference, which is spelt out only when it is looked for.
    ///
    /// - Parameter name: Nil for one that is never closed.
    mutating func pass(_ space: String, _ name: String?) {
        pieces.append(.reference(space: space, name: name))
    }

    /// Where the piece passed last stands; the whole scalar when it is spelt
    /// in another way, such as with an escape.
    ///
    /// - Complexity: O(size of the scalar), so it is called only for findings.
    func place() -> SourceRange {
        var (line, column) = (Int(whole.start.line), Int(whole.start.column))
        var found = whole
        for piece in pieces {
            let text =
                switch piece {
                case .text(let text): text
                case .reference(let space, let name?): "${\(space).\(name)}"
                case .reference(let space, nil): "${\(space)."
                }
            guard let next = search(text, line: line, column: column) else { return whole }
            found = next
            (line, column) = (Int(next.end.line), Int(next.end.column))
        }
        return found
    }

    private func search(_ text: String, line: Int, column: Int) -> SourceRange? {
        let wanted = Array(text.unicodeScalars)
        var (line, column) = (line, column)
        while line <= Int(whole.end.line) {
            let scalars = Array(whole.source.line(line).unicodeScalars)
            var start = column - 1
            while start + wanted.count <= scalars.count {
                if scalars[start..<(start + wanted.count)].elementsEqual(wanted) {
                    return SourceRange(
                        whole.source, start: Mark(line: line, column: start + 1),
                        end: Mark(line: line, column: start + wanted.count + 1))
                }
                start += 1
            }
            line += 1
            column = 1
        }
        return nil
    }
}
