/// The first record of a CSV file, which names its columns or at least counts them.
public enum CSVHeader {
    /// The names of the columns, with which the feed goes on before the first row. A column without a name is called
    /// `column_N`, or `column_N_2` and so on where another one has that name.
    ///
    /// - Throws: `CSVError` for a file without a record, one whose first record is none, and names that come twice;
    ///   what the feed throws.
    public static func read(_ feed: CSVFeed, _ format: CSVFormat, _ chunk: CSVChunk) throws -> [String] {
        // Empty lines before the first record are none, of however many fields the others are.
        repeat {
            try feed.cut(into: chunk, records: 1)
        } while chunk.rows == 0 && chunk.faults.isEmpty && !feed.isAtEnd
        if let fault = chunk.faults.first { throw fault.error }
        guard chunk.rows == 1 else { throw CSVError.empty }
        var names = (0..<chunk.width).map { format.hasHeader ? chunk.text(row: 0, column: $0) : "" }
        var seen: Set<String> = []
        for name in names where !name.isEmpty && !seen.insert(name).inserted {
            throw CSVError.duplicateColumn(name)
        }
        for index in names.indices where names[index].isEmpty {
            names[index] = Self.free("column_\(index + 1)", &seen)
        }
        if !format.hasHeader { feed.goBack(to: chunk) }
        feed.names = names
        return names
    }

    private static func free(_ name: String, _ taken: inout Set<String>) -> String {
        var made = name
        var number = 2
        while !taken.insert(made).inserted {
            made = "\(name)_\(number)"
            number += 1
        }
        return made
    }
}

extension CSVCutter {
    /// Cuts a chunk and sees that it is UTF-8 without NUL characters.
    ///
    /// - Throws: `CSVError.encoding`, and what `cut` throws.
    public mutating func cutUTF8(into chunk: CSVChunk, records: Int) throws(CSVError) {
        let before = self
        do {
            try cutWithoutNUL(into: chunk, records: records)
        } catch {
            // Of two things that are wrong the encoding is said, for what follows may be nonsense because of it.
            try before.checkUTF8(to: nil)
            throw error
        }
        if !chunk.isASCII { try before.checkUTF8(to: position) }
        if trims { chunk.trim(quote: quotes) }
    }

    /// Looks at what comes next, up to a place or the end.
    ///
    /// - Throws: `CSVError.encoding` at the first byte that is not UTF-8.
    private func checkUTF8(to end: Int?) throws(CSVError) {
        let part = UnsafeRawBufferPointer(rebasing: rest.prefix(end.map { $0 - position } ?? .max))
        guard case .invalid(let offset) = UTF8Scan(part) else { return }
        throw .encoding(
            row: row(at: position + offset), offset: position + offset,
            looksLikeGB18030: isGB18030(all))
    }

    /// Of the record that a byte behind the position belongs to.
    private func row(at place: Int) -> Int {
        var cutter = self
        let chunk = CSVChunk()
        while true {
            let before = cutter
            do {
                try cutter.cut(into: chunk, records: 1)
            } catch {
                return before.row
            }
            if cutter.position > place || cutter.position == before.position { return before.row }
        }
    }
}

extension CSVCutter {
    /// How many fields each of the first records has, 0 for one that cannot be cut.
    ///
    /// - Parameter isWhole: Whether the file ends where the bytes do.
    /// - Returns: Nil where there is more to be looked at.
    static func fieldCounts(
        _ bytes: UnsafeRawBufferPointer, _ format: CSVFormat, records: Int, isWhole: Bool
    ) -> [Int]? {
        var cutter = CSVCutter(bytes, format, isWhole: isWhole)
        let chunk = CSVChunk()
        var counts: [Int] = []
        while counts.count < records, !cutter.isAtEnd {
            let start = cutter.position
            do {
                try cutter.cut(into: chunk, records: 1)
            } catch {
                return counts + [0]
            }
            counts += chunk.faults.map { _ in 0 }
            if chunk.rows > 0 { counts.append(chunk.width) }
            if cutter.position == start { break }
        }
        return isWhole || counts.count >= records ? Array(counts.prefix(records)) : nil
    }
}
