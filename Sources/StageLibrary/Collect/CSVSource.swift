import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform
import TableTypes

/// A CSV file as the parameters of `collect.csv` say to read it.
struct CSVSource {
    /// What messages call the file; nil leaves it to the caller.
    let name: String?
    private let text: TextSource
    /// Texts that stand for no value, if the parameters say so.
    let missing: [String]?
    let format: CSVFormat

    /// How much of a file is looked at for its delimiter at most.
    private static let mostOfHead = 1 << 24

    /// - Throws: `StageError`.
    init(path: String, name: String?, _ parameters: JSONValue) throws {
        self.name = name
        missing = parameters["missing"]?.strings
        let quote = (parameters["quote"]?.string ?? "\"").utf8.first
        let written = parameters["delimiter"]?.string ?? "auto"
        do {
            text = try TextSource(path, encoding: parameters["encoding"]?.string ?? "auto")
            let delimiter =
                written == "auto"
                ? try Self.delimiter(of: text, quote)
                : written == "tab" ? UInt8(ascii: "\t") : written.utf8.first ?? UInt8(ascii: ",")
            format = CSVFormat(
                delimiter: delimiter, quote: quote, hasHeader: parameters["header"]?.bool ?? true,
                trims: parameters["trim"]?.bool ?? false)
        } catch {
            throw Self.error(error, name, row: nil)
        }
    }

    private static func delimiter(of text: TextSource, _ quote: UInt8?) throws -> UInt8 {
        let feed = TextFeed(try text.open())
        var head = [UInt8](repeating: 0, count: 1 << 16)
        var count = 0
        while true {
            let (added, isLast) = try head.withUnsafeMutableBytes {
                try feed.fill(UnsafeMutableRawBufferPointer(rebasing: $0[count...]))
            }
            count += added
            // What is wrong further on is said by whoever reads it.
            let isWhole = isLast || count < head.count || count >= Self.mostOfHead
            let found = head.withUnsafeBytes {
                CSVFormat.delimiter(
                    of: UnsafeRawBufferPointer(rebasing: $0[..<count]), quote: quote, isWhole: isWhole)
            }
            if let found { return found }
            head += [UInt8](repeating: 0, count: head.count)
        }
    }

    /// - Parameter row: That was being read.
    private static func error(_ error: any Error, _ name: String?, row: Int?) -> StageError {
        if let error = error as? StageError { return error }
        // The system's own errors have the path.
        if error is SystemError { return StageError("\(error)") }
        let place = error is CSVError ? nil : row.map { "row \($0): " }
        return StageError((name.map { "'\($0)': " } ?? "") + (place ?? "") + "\(error)")
    }

    /// Reads from the start.
    ///
    /// - Parameters:
    ///   - mostBytes: Of a record.
    ///   - opened: Is given the file, where it is one.
    /// - Throws: `StageError` for what is wrong with the bytes.
    func read<T>(
        mostBytes: Int = FieldSpans.longest, opened: (FileStream) -> Void = { _ in },
        _ body: (CSVFeed) throws -> T
    ) throws -> T {
        var feed: CSVFeed?
        do {
            let bytes = TextFeed(try text.open(opened))
            let made = CSVFeed(format, mostBytes: mostBytes, fill: bytes.fill)
            feed = made
            return try body(made)
        } catch CSVError.encoding(let row, let offset, _) {
            let isGB18030 = text.looksLikeGB18030()
            throw Self.error(
                CSVError.encoding(row: row, offset: offset, looksLikeGB18030: isGB18030), name, row: nil)
        } catch {
            throw Self.error(error, name, row: feed?.row)
        }
    }

    /// Reads all rows into a table.
    ///
    /// - Parameters:
    ///   - memory: Bytes that the stage may take; nil is as many as there are.
    ///   - isOneOfSeveral: Whether messages have to say which file it is.
    /// - Throws: `StageError`.
    func read(into reading: CSVReading, memory: Int64?, isOneOfSeveral: Bool = false) throws {
        let most = memory.map { Int(clamping: max(1 << 16, $0 / 8)) } ?? FieldSpans.longest
        try read(mostBytes: min(most, FieldSpans.longest)) {
            try reading.read($0, format, name: isOneOfSeveral ? name : nil)
        }
    }

    /// - Parameter rows: How many are looked at.
    /// - Throws: `StageError`.
    func inferredSchema(rows: Int = SchemaInference.rows) throws -> TableSchema {
        let records = try read { try CSVRecords($0, format, rows: rows) }
        let missing = missing ?? SchemaInference.missing(of: records, rows: rows)
        return SchemaInference.schema(
            of: records.columns.indices.map { records.column($0, missing: Set(missing)) }, missing: missing,
            rows: rows)
    }
}
