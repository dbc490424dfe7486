/// The fields of a CSV file as text, by column (RFC 4180): fields may be
/// quoted, a quote within is doubled, lines end in LF or CRLF, empty lines are
/// skipped unless the table has one column, and a byte order mark is dropped.
/// A column without a name is called `column_N`.
public struct CSVRecords: Sendable {
    public let names: [String]
    /// One storage a column, without the header.
    public let columns: [StringStorage]
    /// Rows without the header.
    public let count: Int
    /// Records that do not make a row, and why; they are not in the columns.
    public let faults: [Fault]
    /// Of each row its number in the file; nil while they simply count up.
    private let rowNumbers: [Int]?
    private let firstRow: Int

    public struct Fault: Hashable, Sendable {
        /// From 1, the header being row 1.
        public var row: Int
        public var error: CSVError
    }

    /// Keeps records that do not make a row apart, as faults.
    ///
    /// - Throws: `CSVError` for bytes that are not UTF-8, a header that names
    ///   no columns, and a quote that is never closed.
    public init(scanning bytes: [UInt8], _ format: CSVFormat, rows limit: Int = .max) throws(CSVError) {
        do {
            self = try bytes.withUnsafeBytes { try CSVRecords(CSVFeed($0, format), format, rows: limit) }
        } catch let error as CSVError {
            throw error
        } catch {
            preconditionFailure("bytes in memory have no error of their own: \(error)")
        }
    }

    /// The same of bytes that come block by block.
    ///
    /// - Parameter limit: After so many rows the rest is not looked at.
    /// - Throws: As above, and what the feed throws.
    /// - Complexity: O(bytes), in three passes over each chunk: one that cuts it, one over the encoding, one that
    ///   copies the fields.
    public init(_ feed: CSVFeed, _ format: CSVFormat, rows limit: Int = .max) throws {
        let chunk = CSVChunk()
        let names = try CSVHeader.read(feed, format, chunk)
        var columns = [StringStorage](repeating: StringStorage(), count: names.count)
        var rows: [Int] = []
        var faults: [Fault] = []
        while !feed.isAtEnd, rows.count < limit {
            try feed.cut(into: chunk, records: min(1024, limit - rows.count))
            for index in names.indices { columns[index].append(chunk, column: index) }
            for row in 0..<chunk.rows { rows.append(chunk.number(ofRow: row)) }
            faults += chunk.faults
        }
        self.names = names
        self.columns = columns
        self.faults = faults
        count = rows.count
        firstRow = format.hasHeader ? 2 : 1
        rowNumbers = faults.isEmpty ? nil : rows
    }

    /// The number of a row in the file, from 1, the header being row 1.
    public func number(ofRow row: Int) -> Int { rowNumbers?[row] ?? row + firstRow }

    /// A column with the fields that stand for no value.
    public func column(_ index: Int, missing: Set<String> = defaultMissing) -> TextColumn {
        TextColumn(
            names[index], columns[index],
            validity: ValidityBitmap((0..<count).lazy.map { !missing.contains(columns[index][$0]) }))
    }
}
