/// Why a file is not a table we can read, or a table not a file we can write:
/// what is wrong, what was expected, what to do.
public struct ParquetError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Problem: Hashable, Sendable {
        /// The system refused; the text has operation, path and reason.
        case unreadable(String)
        /// A shared library is not there; the text names it and its package.
        case library(String)
        /// Another format, by its first bytes; nil if none we know.
        case notParquet(looksLike: Format?)
        case encrypted
        /// The structure contradicts itself; the place is a part of the file,
        /// such as "row group 2, column 'a'".
        case damaged(place: String, what: String)
        case codec(String)
        case encoding(column: String, name: String)
        case duplicateColumn(String)
        case unknownColumn(String, columns: [String])
        /// A type of Parquet that no column type of ours holds.
        case unsupportedType(column: String, type: String, advice: String)
        /// The Arrow schema that writers leave in the file says what cannot be.
        case arrowSchema(message: String, fix: String?)
        /// One value; rows count from 1.
        case value(column: String, row: Int, what: String, fix: String)
        /// More memory than any honest file of this size asks for.
        case unfoldsTooFar(place: String, limit: Int)
        /// A column whose type its storage cannot hold.
        case unwritable(column: String, type: String)
        /// Of an image or a sound: its bytes are not written.
        case bytes(column: String, type: String)
        /// What is written after the first row group is not like it.
        case otherColumns(expected: [String], found: [String])
        /// A text, or a column's levels, of more bytes than a page may have.
        case tooLong(column: String, what: String)
    }

    public enum Format: String, Hashable, Sendable {
        case arrow = "an Arrow IPC file"
        case gzip = "gzip"
        case zstd = "zstd"
    }

    public var problem: Problem

    public init(_ problem: Problem) { self.problem = problem }

    /// The same of rows that come behind so many others.
    func moved(rows: Int) -> ParquetError {
        guard case .value(let column, let row, let what, let fix) = problem else { return self }
        return ParquetError(.value(column: column, row: rows + row, what: what, fix: fix))
    }

    /// What is wrong and what was expected.
    public var message: String {
        switch problem {
        case .unreadable(let reason), .library(let reason): reason
        case .notParquet(let format?): "not a Parquet file: the bytes are \(format.rawValue)"
        case .notParquet(nil): "not a Parquet file: it must begin and end with 'PAR1'"
        case .encrypted: "the Parquet file is encrypted, which is not read"
        case .damaged(let place, let what): "the Parquet file is damaged: \(place): \(what)"
        case .codec(let name):
            "the pages are compressed with \(name); expected none, snappy, gzip or zstd"
        case .encoding(let column, let name): "column '\(column)' is encoded as \(name), which is not read"
        case .duplicateColumn(let name): "two columns are named '\(name)'"
        case .unknownColumn(let name, let columns):
            "no column is named '\(name)'; expected one of \(columns.joined(separator: ", "))"
        case .unsupportedType(let column, let type, _):
            "column '\(column)' has Parquet type \(type), which is not read"
        case .arrowSchema(let message, _): "the Arrow schema in the Parquet file: \(message)"
        case .value(let column, let row, let what, _): "column '\(column)', row \(row): \(what)"
        case .unfoldsTooFar(let place, let limit):
            "\(place): it unfolds to more than \(limit) bytes, far more than a file of this size should"
        case .unwritable(let column, let type):
            "column '\(column)' is of type \(type), which its values cannot hold"
        case .bytes(let column, let type):
            "column '\(column)' is of type \(type), which is not written to Parquet"
        case .otherColumns(let expected, let found):
            "the columns are \(found.joined(separator: ", ")); expected those of the rows before: \(expected.joined(separator: ", "))"
        case .tooLong(let column, let what): "column '\(column)': \(what)"
        }
    }

    /// What to do; nil where the message says it.
    public var fix: String? {
        switch problem {
        case .unreadable, .library, .duplicateColumn, .unknownColumn, .otherColumns: nil
        case .notParquet(.arrow?): "read it as Arrow"
        case .notParquet(.gzip?), .notParquet(.zstd?): "unpack it: Parquet files are compressed inside"
        case .notParquet(nil), .damaged: "write or copy the file again"
        case .encrypted: "write it without encryption"
        case .codec, .encoding:
            "write it again: pyarrow.parquet.write_table(..., compression='zstd'), polars write_parquet"
        case .unsupportedType(_, _, let advice): advice
        case .arrowSchema(_, let fix): fix
        case .value(_, _, _, let fix): fix
        case .unfoldsTooFar: "write it again with smaller row groups"
        case .bytes: "write the table as Arrow, or leave the column out: table.select"
        case .unwritable: "convert the column, or give it the type of its values"
        case .tooLong: "keep such values in files of their own and name them in the column"
        }
    }

    public var description: String { fix.map { "\(message); \($0)" } ?? message }
}
