import CanonicalJSON
import DataFrames

/// Writes a table some rows at a time, as a form of text has it. Values are made a column at a time, which is soonest,
/// and then put between what stands before them and what ends a row.
struct RowWriter {
    /// Appends a row's value of one column.
    typealias Cell = (_ row: Int, _ text: inout TextBytes) throws -> Void

    /// Rows whose values stay in the second level of the cache.
    private static let rows = 512
    /// Bytes of texts and of files whose values are made at once, unless a single row has more.
    private static let bytes = 1 << 22

    /// How many rows the table has.
    private let count: Int
    /// Of each column of texts or files, where its values begin.
    private let offsets: [Offsets]
    private let header: [UInt8]
    private let cells: [Cell]
    private let seams: TextSeams

    /// RFC 4180 with LF, and a line of names.
    ///
    /// - Parameter first: The number of the frame's first row in the table, for errors.
    init(csv frame: DataFrame, first: Int = 0) {
        (count, offsets) = (frame.count, Self.offsets(frame))
        let comma = [UInt8(ascii: ",")]
        let names = frame.names.map { CSVCells.escaped($0) }
        header = names.isEmpty ? [] : Array(names.joined(separator: comma)) + [0x0A]
        cells = frame.columns.map { CSVCells.cell($0, first: first) }
        seams = TextSeams(before: cells.indices.map { $0 == 0 ? [] : comma }, end: [0x0A])
    }

    /// Canonical JSON, an object a line: keys in the order of their names' bytes.
    init(jsonLines frame: DataFrame, first: Int = 0) {
        (count, offsets) = (frame.count, Self.offsets(frame))
        let columns = frame.columns.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        header = []
        cells = columns.map { JSONCells.cell($0, first: first) }
        let before = columns.enumerated().map { index, column in
            var key = JSONWriter()
            key.key(column.name)
            return Array((index == 0 ? "{" : ",").utf8) + key.bytes
        }
        seams = TextSeams(before: before, end: Array((columns.isEmpty ? "{}\n" : "}\n").utf8))
    }

    private static func offsets(_ frame: DataFrame) -> [Offsets] {
        frame.columns.compactMap { column in
            switch column.storage {
            case .utf8(let texts): texts.offsets
            case .binary(let files): files.offsets
            default: nil
            }
        }
    }

    /// The rows to append next: one at least, and no more than fit into little memory.
    ///
    /// - Precondition: There is a row at the start.
    func piece(from start: Int) -> Range<Int> {
        var end = min(start + Self.rows, count)
        while end - start > 1, offsets.reduce(0, { $0 + $1[end] - $1[start] }) > Self.bytes {
            end = start + (end - start) / 2
        }
        return start..<end
    }

    /// What stands before the first row.
    func begin(_ text: inout TextBytes) { text.append(header) }

    /// - Throws: `StageError` for a value that no text of the form can hold.
    func append(_ rows: Range<Int>, to text: inout TextBytes) throws {
        var values = TextBytes()
        var ends: [Int] = []
        ends.reserveCapacity(rows.count * cells.count)
        for cell in cells {
            for row in rows {
                try cell(row, &values)
                ends.append(values.count)
            }
        }
        text.append(rows: rows.count, &values, ends: ends, seams)
    }

    /// A cell that is another where the column's row is null.
    static func cell(_ column: DataColumn, null: [UInt8], _ value: @escaping Cell) -> Cell {
        guard let validity = column.validity else { return value }
        return { row, text in
            guard validity[row] else { return text.append(null) }
            try value(row, &text)
        }
    }
}
