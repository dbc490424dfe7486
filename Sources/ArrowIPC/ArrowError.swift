/// Why a file is not a table we can read, or a table not a file we can write:
/// what is wrong, what was expected, what to do.
public struct ArrowError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Problem: Hashable, Sendable {
        /// The system refused; the text has operation, path and reason.
        case unreadable(String)
        /// Another format, by its first bytes; nil if none we know.
        case notArrow(looksLike: Format?)
        /// The structure contradicts itself; the place is a part of the file,
        /// such as "record batch 2".
        case damaged(place: String, what: String)
        case compressed(codec: String)
        case version(Int)
        case bigEndian
        case unknownFeature(Int64)
        case duplicateColumn(String)
        /// A type of Arrow that no column type of ours holds.
        case unsupportedType(column: String, type: String, advice: String)
        /// `sluice.type` or `sluice.role` says what cannot be.
        case fieldMetadata(column: String, key: String, value: String, expected: String)
        /// One value; rows count from 1.
        case value(column: String, row: Int, what: String, fix: String)
        /// More memory than any honest file of this size asks for.
        case unfoldsTooFar(column: String, what: String)
        /// A column whose type its storage cannot hold.
        case unwritable(column: String, type: String, storage: String)
    }

    public enum Format: String, Hashable, Sendable {
        case stream = "an Arrow IPC stream"
        case featherV1 = "Feather version 1"
        case parquet = "Parquet"
    }

    public var problem: Problem

    public init(_ problem: Problem) { self.problem = problem }

    /// What is wrong and what was expected.
    public var message: String {
        switch problem {
        case .unreadable(let reason): reason
        case .notArrow(let format?): "not an Arrow IPC file: the bytes are \(format.rawValue)"
        case .notArrow(nil): "not an Arrow IPC file: it must begin and end with 'ARROW1'"
        case .damaged(let place, let what): "the Arrow file is damaged: \(place): \(what)"
        case .compressed(let codec): "the bodies are compressed with \(codec); expected LZ4 or ZSTD"
        case .version(let number):
            "metadata version V\(number + 1) is not read; expected V4 or V5 (Arrow 0.8 and later)"
        case .bigEndian: "the file is big-endian; expected little-endian"
        case .unknownFeature(let number): "the file needs feature \(number), which is not known here"
        case .duplicateColumn(let name): "two columns are named '\(name)'"
        case .unsupportedType(let column, let type, _):
            "column '\(column)' has Arrow type \(type), which is not read"
        case .fieldMetadata(let column, let key, let value, let expected):
            "column '\(column)': the field metadata '\(key)' is '\(value)'; expected \(expected)"
        case .value(let column, let row, let what, _): "column '\(column)', row \(row): \(what)"
        case .unfoldsTooFar(let column, let what): "column '\(column)': \(what)"
        case .unwritable(let column, let type, let storage):
            "column '\(column)' is of type \(type), which \(storage) values cannot hold"
        }
    }

    /// What to do; nil where the message says it.
    public var fix: String? {
        switch problem {
        case .unreadable, .duplicateColumn: nil
        case .notArrow(.stream?):
            "write a file: pyarrow.ipc.new_file in place of new_stream, or polars write_ipc in place of write_ipc_stream"
        case .notArrow(.featherV1?):
            "write version 2: pyarrow.feather.write_feather(..., version=2, compression='uncompressed')"
        case .notArrow(.parquet?): "read it as Parquet"
        case .notArrow(nil), .damaged: "write or copy the file again"
        case .compressed:
            "write it with pyarrow or polars"
        case .version, .bigEndian, .unknownFeature:
            "write it again with a current pyarrow or polars on a little-endian machine"
        case .unsupportedType(_, _, let advice): advice
        case .fieldMetadata(_, let key, _, _): "correct '\(key)' or leave it out"
        case .value(_, _, _, let fix): fix
        case .unfoldsTooFar: "write the column as plain utf8"
        case .unwritable: "convert the column, or give it the type of its values"
        }
    }

    public var description: String { fix.map { "\(message); \($0)" } ?? message }
}
