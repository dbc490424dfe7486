/// Why bytes are not a CSV table. Rows count from 1, the header being row 1;
/// a record that spans lines is one row.
public enum CSVError: Error, Hashable, Sendable, CustomStringConvertible {
    case empty
    case encoding(offset: Int, looksLikeGB18030: Bool)
    case duplicateColumn(String)
    case tooFewFields(row: Int, found: Int, expected: Int, firstMissing: String)
    case tooManyFields(row: Int, expected: Int, firstSurplus: Int)
    case quoteInBareField(row: Int, column: Int)
    case textAfterQuote(row: Int, column: Int)
    case unclosedQuote(row: Int, column: Int)
    case recordTooLong(row: Int)

    public var description: String {
        switch self {
        case .empty: "the file is empty; a header row is needed"
        case .encoding(let offset, true):
            "not UTF-8 at byte \(offset); the bytes read as GB18030: convert with 'iconv -f GB18030 -t UTF-8'"
        case .encoding(let offset, false): "not UTF-8 at byte \(offset)"
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
        case .recordTooLong(let row):
            "row \(row) has 2 GiB and more; is the delimiter or the quote another one?"
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
        case .empty, .encoding, .duplicateColumn, .recordTooLong: description
        }
    }
}
