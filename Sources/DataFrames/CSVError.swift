/// Why bytes are not a CSV table. Rows count from 1, the header being row 1;
/// a record that spans lines is one row.
public enum CSVError: Error, Hashable, Sendable, CustomStringConvertible {
    case empty
    /// The offset counts bytes of the file from 0; the row is nil where there are none.
    case encoding(row: Int?, offset: Int, looksLikeGB18030: Bool)
    case duplicateColumn(String)
    case tooFewFields(row: Int, found: Int, expected: Int, firstMissing: String)
    case tooManyFields(row: Int, expected: Int, firstSurplus: Int)
    case quoteInBareField(row: Int, column: Int)
    case textAfterQuote(row: Int, column: Int)
    case unclosedQuote(row: Int, column: Int)
    case nulCharacter(row: Int, column: Int)
    /// Of more bytes than the limit.
    case recordTooLong(row: Int, limit: Int)

    public var description: String {
        switch self {
        case .empty: "the file is empty; a header row is needed"
        case .encoding(let row, let offset, let looksLikeGB18030):
            (row.map { "row \($0): " } ?? "") + "not UTF-8 at byte \(offset)"
                + (looksLikeGB18030 ? "; the bytes read as GB18030: write encoding: gb18030" : "")
        case .duplicateColumn(let name): "two columns are named '\(name)'"
        case .tooFewFields(let row, let found, let expected, let missing):
            "row \(row) has \(found) fields, the header has \(expected); column '\(missing)' is missing"
        case .tooManyFields(let row, let expected, let surplus):
            "row \(row), column \(surplus): a field more than the \(expected) of the header"
        case .quoteInBareField(let row, let column):
            "row \(row), column \(column): a quote inside a field that does not start with one"
        case .textAfterQuote(let row, let column):
            "row \(row), column \(column): text after the closing quote"
        case .unclosedQuote(let row, let column): "row \(row), column \(column): the quote is never closed"
        case .nulCharacter(let row, let column):
            "row \(row), column \(column): a NUL character; is the encoding another one?"
        case .recordTooLong(let row, let limit):
            "row \(row) has more than \(limit) bytes; is the delimiter or the quote another one?"
        }
    }
}

extension CSVError {
    /// What is wrong, for where the row is told beside it.
    public var reason: String {
        switch self {
        case .tooFewFields(_, let found, let expected, let missing):
            "it has \(found) fields, the header has \(expected); column '\(missing)' is missing"
        case .tooManyFields(_, let expected, _): "it has more fields than the \(expected) of the header"
        case .quoteInBareField(_, let column):
            "field \(column): a quote inside a field that does not start with one"
        case .textAfterQuote(_, let column): "field \(column): text after the closing quote"
        case .unclosedQuote(_, let column): "field \(column): the quote is never closed"
        case .nulCharacter(_, let column): "field \(column): a NUL character; is the encoding another one?"
        case .empty, .encoding, .duplicateColumn, .recordTooLong: description
        }
    }

    /// The error of bytes that stand further on in the file.
    func moved(by bytes: Int) -> CSVError {
        guard case .encoding(let row, let offset, let looksLikeGB18030) = self else { return self }
        return .encoding(row: row, offset: bytes + offset, looksLikeGB18030: looksLikeGB18030)
    }
}
