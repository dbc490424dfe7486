import DataFrames
import TableTypes

/// Values of one column, whatever their storage class, as values of the column's type.
struct SQLiteReader {
    private let type: ColumnType
    private let library: SQLiteLibrary

    init(_ type: ColumnType, _ library: SQLiteLibrary) {
        self.type = type
        self.library = library
    }

    /// Appends the value of the row that was stepped to.
    ///
    /// - Returns: Its bytes of text.
    @inline(__always)
    func take(_ statement: SQLiteLibrary.Statement, _ column: Int, _ batch: inout RowBatch) -> Int {
        let storage = library.columnType(statement, CInt(column))
        switch (type, storage) {
        case (_, SQLiteStorage.null): batch.columns[column].appendNull()
        case (.integer, SQLiteStorage.integer):
            batch.columns[column].append(integer: library.integer(statement, CInt(column)))
        case (.number, SQLiteStorage.real), (.number, SQLiteStorage.integer):
            batch.columns[column].append(number: library.number(statement, CInt(column)))
        case (.text, SQLiteStorage.text):
            let text = text(statement, column)
            batch.append(column, text: text)
            return text.count
        default: return takeOther(statement, column, storage, &batch)
        }
        return 0
    }

    /// The value as a text; of a number, as SQLite writes it.
    private func text(_ statement: SQLiteLibrary.Statement, _ column: Int) -> UnsafeRawBufferPointer {
        let start = library.text(statement, CInt(column))
        return UnsafeRawBufferPointer(start: start, count: Int(library.length(statement, CInt(column))))
    }

    @inline(never)
    private func takeOther(
        _ statement: SQLiteLibrary.Statement, _ column: Int, _ storage: CInt, _ batch: inout RowBatch
    ) -> Int {
        if storage == SQLiteStorage.blob {
            batch.misfit(column, "a blob is not of type \(type.rawValue)")
            return 0
        }
        let integer = library.integer(statement, CInt(column))
        if type == .boolean, storage == SQLiteStorage.integer, integer == 0 || integer == 1 {
            batch.columns[column].append(boolean: integer == 1)
            return 0
        }
        // Seconds since 1970 are one of the three forms SQLite has for times.
        if type == .timestamp, storage == SQLiteStorage.integer,
            (-62_135_596_800..<253_402_300_800).contains(integer)
        {
            batch.columns[column].append(integer: integer * 1_000_000)
            return 0
        }
        let text = text(statement, column)
        let start = text.baseAddress?.assumingMemoryBound(to: UInt8.self)
        switch type {
        case .text: batch.append(column, text: text)
        case .json: batch.append(column, json: text)
        case .date:
            if storage == SQLiteStorage.text, let start, let days = FieldBytes.date(start, text.count) {
                batch.columns[column].append(days: days)
            } else {
                misfit(text, column, &batch)
            }
        case .timestamp:
            if storage == SQLiteStorage.text, let start, let time = Self.time(start, text.count) {
                batch.columns[column].append(integer: time)
            } else {
                misfit(text, column, &batch)
            }
        default: misfit(text, column, &batch)
        }
        return text.count
    }

    /// A day alone is its beginning.
    private static func time(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
        FieldBytes.timestamp(start, count)
            ?? FieldBytes.date(start, count).map { Int64($0) * 86_400_000_000 }
    }

    private func misfit(_ text: UnsafeRawBufferPointer, _ column: Int, _ batch: inout RowBatch) {
        batch.misfit(column, "'\(SQLColumn.shown(text))' is not of type \(type.rawValue)")
    }
}
