/// The first record of a CSV file, which names its columns or at least counts them.
public enum CSVHeader {
    /// The names of the columns, and a cutter that stands before the first row. A column without a name is called
    /// `column_N`.
    ///
    /// - Throws: `CSVError` for a file without a record, one whose first record is none, and names that come twice.
    public static func read(
        _ bytes: UnsafeRawBufferPointer, _ format: CSVFormat, _ chunk: CSVChunk
    ) throws(CSVError) -> (names: [String], rows: CSVCutter) {
        var cutter = CSVCutter(bytes, format)
        var start = cutter
        // Empty lines before the first record are none, of however many fields the others are.
        repeat {
            start = cutter
            try cutter.cutUTF8(into: chunk, records: 1)
        } while chunk.rows == 0 && chunk.faults.isEmpty && !cutter.isAtEnd
        if let fault = chunk.faults.first { throw fault.error }
        guard chunk.rows == 1 else { throw .empty }
        start.skipEmptyLines()
        let names = (0..<chunk.width).map { index in
            let name = format.hasHeader ? chunk.text(row: 0, column: index) : ""
            return name.isEmpty ? "column_\(index + 1)" : name
        }
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted { throw .duplicateColumn(name) }
        var rows = format.hasHeader ? cutter : start
        rows.names = names
        rows.keepsEmptyLines = names.count == 1
        return (names, rows)
    }
}

extension CSVCutter {
    /// Cuts a chunk and sees that it is UTF-8.
    ///
    /// - Throws: `CSVError.encoding`, and what `cut` throws.
    public mutating func cutUTF8(into chunk: CSVChunk, records: Int) throws(CSVError) {
        let start = position
        do {
            try cut(into: chunk, records: records)
        } catch {
            // Of two things that are wrong the encoding is said, for what follows may be nonsense because of it.
            try checkUTF8(from: start, to: nil)
            throw error
        }
        if !chunk.isASCII { try checkUTF8(from: start, to: position) }
        if trims { chunk.trim(quote: quotes) }
    }
}

extension CSVCutter {
    /// How many fields each of the first records has, 0 for one that cannot be cut.
    static func fieldCounts(
        _ bytes: UnsafeRawBufferPointer, _ format: CSVFormat, records: Int
    ) -> [Int] {
        var cutter = CSVCutter(bytes, format)
        let chunk = CSVChunk()
        var counts: [Int] = []
        while counts.count < records, !cutter.isAtEnd {
            do {
                try cutter.cut(into: chunk, records: 1)
            } catch {
                return counts + [0]
            }
            counts += chunk.faults.map { _ in 0 }
            if chunk.rows > 0 { counts.append(chunk.width) }
        }
        return Array(counts.prefix(records))
    }
}
