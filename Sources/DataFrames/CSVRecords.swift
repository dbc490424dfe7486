/// The fields of a CSV file as text, by column (RFC 4180): fields may be
/// quoted, a quote within is doubled, lines end in LF or CRLF, empty lines are
/// skipped unless the table has one column, and a byte order mark is dropped.
public struct CSVRecords: Sendable {
    public let names: [String]
    /// One storage a column, without the header.
    public let columns: [StringStorage]
    /// Rows without the header.
    public let count: Int

    /// - Complexity: O(bytes), in two passes: one over the encoding, one over
    ///   the fields.
    public init(parsing bytes: [UInt8], delimiter: UInt8 = UInt8(ascii: ",")) throws(CSVError) {
        if let offset = firstInvalidUTF8(in: bytes) {
            throw .encoding(offset: offset, looksLikeGB18030: isGB18030(bytes))
        }
        var scanner = CSVScanner(bytes: bytes, delimiter: delimiter)
        guard let header = try scanner.record() else { throw .empty }
        let names = header.map { String(decoding: $0, as: UTF8.self) }
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted { throw .duplicateColumn(name) }
        var columns = [StringStorage](repeating: StringStorage(), count: names.count)
        var count = 0
        scanner.keepsEmptyLines = names.count == 1
        while let fields = try scanner.record() {
            let row = count + 2
            guard fields.count >= names.count else {
                throw .tooFewFields(
                    row: row, found: fields.count, expected: names.count, firstMissing: names[fields.count])
            }
            guard fields.count == names.count else {
                throw .tooManyFields(row: row, expected: names.count, firstSurplus: names.count + 1)
            }
            for (column, field) in fields.enumerated() { columns[column].append(field) }
            count += 1
        }
        self.names = names
        self.columns = columns
        self.count = count
    }
}

/// Cuts bytes into records.
private struct CSVScanner {
    let bytes: [UInt8]
    let delimiter: UInt8
    var keepsEmptyLines = false
    private var position = 0
    private var row = 0

    init(bytes: [UInt8], delimiter: UInt8) {
        self.bytes = bytes
        self.delimiter = delimiter
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    private static let quote = UInt8(ascii: "\"")

    /// The fields up to the end of the line; nil at the end of the file.
    mutating func record() throws(CSVError) -> [[UInt8]]? {
        if !keepsEmptyLines {
            while let length = lineEnd() { position += length }
        }
        guard position < bytes.count else { return nil }
        row += 1
        var fields: [[UInt8]] = []
        while true {
            fields.append(try field(column: fields.count + 1))
            if position < bytes.count, bytes[position] == delimiter {
                position += 1
                continue
            }
            position += lineEnd() ?? 0
            return fields
        }
    }

    /// Bytes of the line end that starts here; nil if none does.
    private func lineEnd() -> Int? {
        guard position < bytes.count else { return nil }
        if bytes[position] == 0x0A { return 1 }
        return bytes[position] == 0x0D && position + 1 < bytes.count && bytes[position + 1] == 0x0A ? 2 : nil
    }

    private mutating func field(column: Int) throws(CSVError) -> [UInt8] {
        guard position < bytes.count, bytes[position] == Self.quote else {
            return try bareField(column: column)
        }
        position += 1
        var content: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte != Self.quote {
                content.append(byte)
            } else if position < bytes.count, bytes[position] == Self.quote {
                content.append(byte)
                position += 1
            } else {
                guard position == bytes.count || bytes[position] == delimiter || lineEnd() != nil else {
                    throw .textAfterQuote(row: row, column: column)
                }
                return content
            }
        }
        throw .unclosedQuote(row: row, column: column)
    }

    private mutating func bareField(column: Int) throws(CSVError) -> [UInt8] {
        let start = position
        while position < bytes.count, bytes[position] != delimiter, lineEnd() == nil {
            guard bytes[position] != Self.quote else { throw .quoteInBareField(row: row, column: column) }
            position += 1
        }
        return Array(bytes[start..<position])
    }
}
