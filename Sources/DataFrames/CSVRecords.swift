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

    /// - Throws: `CSVError` at the first record that does not make a row.
    public init(parsing bytes: [UInt8], delimiter: UInt8 = UInt8(ascii: ",")) throws(CSVError) {
        self = try CSVRecords(scanning: bytes, CSVFormat(delimiter: delimiter))
        if let fault = faults.first { throw fault.error }
    }

    /// Keeps records that do not make a row apart, as faults.
    ///
    /// - Parameter limit: After so many rows the rest is not looked at, except
    ///   for its encoding.
    /// - Throws: `CSVError` for bytes that are not UTF-8, a header that names
    ///   no columns, and a quote that is never closed.
    /// - Complexity: O(bytes), in two passes: one over the encoding, one over
    ///   the fields.
    public init(scanning bytes: [UInt8], _ format: CSVFormat, rows limit: Int = .max) throws(CSVError) {
        if let offset = firstInvalidUTF8(in: bytes) {
            throw .encoding(offset: offset, looksLikeGB18030: isGB18030(bytes))
        }
        var scanner = CSVScanner(bytes: bytes, format: format)
        guard scanner.next() else { throw .empty }
        if let fault = scanner.fault { throw fault }
        let width = scanner.fieldCount
        let names = (0..<width).map { index in
            let name = format.hasHeader ? String(decoding: scanner.field(index), as: UTF8.self) : ""
            return name.isEmpty ? "column_\(index + 1)" : name
        }
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted { throw .duplicateColumn(name) }
        var columns = [StringStorage](repeating: StringStorage(), count: width)
        var rows: [Int] = []
        var faults: [Fault] = []
        scanner.keepsEmptyLines = width == 1
        var hasRecord = !format.hasHeader || scanner.next()
        while hasRecord, rows.count < limit {
            if let fault = scanner.fault ?? Self.misfit(scanner, names) {
                if case .unclosedQuote = fault { throw fault }
                faults.append(Fault(row: scanner.row, error: fault))
            } else {
                for index in 0..<width { columns[index].append(scanner.field(index)) }
                rows.append(scanner.row)
            }
            hasRecord = scanner.next()
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

    private static func misfit(_ scanner: CSVScanner, _ names: [String]) -> CSVError? {
        let found = scanner.fieldCount
        if found < names.count {
            return .tooFewFields(
                row: scanner.row, found: found, expected: names.count, firstMissing: names[found])
        }
        return found > names.count
            ? .tooManyFields(row: scanner.row, expected: names.count, firstSurplus: names.count + 1) : nil
    }
}
