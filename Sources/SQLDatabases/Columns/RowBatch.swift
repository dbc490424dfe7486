import CanonicalJSON
import DataFrames
import TableTypes

/// How much a piece may hold before it is handed on with fewer rows.
enum RowLimits {
    static let rows = 8192
    /// About.
    static let bytes = 8 << 20
}

/// Rows as they come from a database, a batch at a time.
struct RowBatch {
    var columns: [ColumnBuffer]
    /// By row, what of it no column could take, by column.
    private var misfits: [Int: [String: String]] = [:]

    init(_ columns: [SQLColumn]) { self.columns = columns.map(ColumnBuffer.init) }

    var count: Int { columns.first?.count ?? 0 }
    /// Of the texts so far.
    var bytes: Int { columns.reduce(0) { $0 + $1.textBytes } }
    var isFull: Bool { count >= RowLimits.rows || bytes >= RowLimits.bytes }

    /// Leaves a value out that its column cannot hold.
    mutating func misfit(_ column: Int, _ reason: String) {
        misfits[columns[column].count, default: [:]][columns[column].column.name] = reason
        columns[column].appendNull()
    }

    @inline(__always)
    mutating func append(_ column: Int, text: UnsafeRawBufferPointer) {
        if !columns[column].append(text: text) {
            misfit(column, "the text is not UTF-8")
        }
    }

    /// JSON as tables keep it: canonical.
    mutating func append(_ column: Int, json text: UnsafeRawBufferPointer) {
        do throws(JSONSyntaxError) {
            let value = try JSONValue(parsingExactly: text)
            columns[column].append(text: value.canonicalText)
        } catch {
            misfit(column, "'\(SQLColumn.shown(text))' is no JSON of a table: \(error.message)")
        }
    }

    @inline(__always)
    mutating func append(_ column: Int, level: UnsafeRawBufferPointer) {
        if !columns[column].append(level: level) {
            misfit(column, "'\(SQLColumn.shown(level))' is not among the levels of the type")
        }
    }

    /// The rows so far, which are gone from here; what did not fit stands in a column of its own (`Misfits`).
    mutating func take() -> DataFrame {
        let rows = count
        var taken: [DataColumn] = []
        for index in columns.indices { taken.append(columns[index].take()) }
        taken.append(Misfits.column(misfits, rows: rows))
        misfits = [:]
        do {
            return try DataFrame(taken)
        } catch {
            preconditionFailure("the names were looked at before: \(error)")
        }
    }
}

extension SQLColumn {
    /// A value as a message quotes it: never more than a glance of the data.
    static func shown(_ bytes: UnsafeRawBufferPointer) -> String {
        let text = String(decoding: bytes.prefix(200), as: UTF8.self)
        return text.count <= 40 ? text : text.prefix(37) + "..."
    }
}

/// What of fetched rows did not fit their columns, kept beside them in a column of its own until the rows are held to
/// a schema.
public enum Misfits {
    /// No column of a query can have this name.
    public static let column = "sluice.misfits"

    static func column(_ misfits: [Int: [String: String]], rows: Int) -> DataColumn {
        var bytes: [UInt8] = []
        var ends = [Int](repeating: 0, count: rows + 1)
        var validity = ValidityBitmap()
        for row in misfits.keys.sorted() {
            for place in (validity.count + 1)..<(row + 1) { ends[place] = bytes.count }
            validity.append(repeating: false, count: row - validity.count)
            bytes += JSONValue.object(misfits[row]!.mapValues(JSONValue.string)).canonicalBytes
            ends[row + 1] = bytes.count
            validity.append(true)
        }
        for place in validity.count..<rows { ends[place + 1] = bytes.count }
        validity.append(repeating: false, count: rows - validity.count)
        let texts = StringStorage(uncheckedOffsets: Offsets(ends), bytes: bytes)
        return DataColumn(column, .json, .utf8(texts), validity: validity)
    }

    /// The columns of fetched rows, and what did not fit: row from 0, column, reason.
    public static func split(
        _ frame: DataFrame
    ) -> (columns: [DataColumn], misfits: [(row: Int, column: String, reason: String)]) {
        var found: [(row: Int, column: String, reason: String)] = []
        let told = frame[column]
        for row in 0..<frame.count {
            guard let text = told?.string(row), let json = try? JSONValue(parsing: text) else { continue }
            for (column, reason) in (json.object ?? [:]).sorted(by: { $0.key < $1.key }) {
                found.append((row, column, reason.string ?? ""))
            }
        }
        return (frame.columns.filter { $0.name != column }, found)
    }
}
