import DataFrames
import PipelineLanguage
import TableTypes

/// Texts of files, cut into rows, on their way to a table.
struct TextRows {
    /// How a text becomes rows.
    enum Cut: Hashable {
        /// LF or CRLF ends a row; the end of the last line begins no other.
        case lines
        /// Every file is a row.
        case files
        /// A separator stands between two rows.
        case separator([UInt8])

        /// What the place of a row within its file is called; nil where a file
        /// is one row.
        var place: String? {
            switch self {
            case .lines: "line"
            case .files: nil
            case .separator: "part"
            }
        }
    }

    private let cut: Cut
    private var paths = StringStorage()
    private var places: [Int64] = []
    private var texts = StringStorage()
    /// The file of each row.
    private var files: [Int32] = []
    private var fileCount = 0

    init(_ cut: Cut) { self.cut = cut }

    /// The table's columns, which do not depend on the data.
    static func schema(_ cut: Cut) -> TableSchema {
        let required = TableSchema.Constraints(required: true)
        return TableSchema(
            [TableSchema.Field("path", constraints: required)]
                + (cut.place.map { [TableSchema.Field($0, .integer, constraints: required)] } ?? [])
                + [TableSchema.Field("text", constraints: required)])
    }

    /// Takes the text of one more file.
    ///
    /// - Parameters:
    ///   - path: What the rows call the file.
    ///   - name: What messages call it.
    /// - Throws: `StageError` for bytes that are not of the encoding, with the
    ///   line they stand in.
    /// - Complexity: O(bytes).
    mutating func append(_ text: [UInt8], path: String, name: String) throws {
        var text = text
        if case .invalid(let offset) = text.withUnsafeBytes({ UTF8Scan($0) }) {
            let line = text[..<offset].reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
            let error = CSVError.encoding(
                row: nil, offset: offset, looksLikeGB18030: text.withUnsafeBytes { isGB18030($0) })
            throw StageError("'\(name)': line \(line): \(error)")
        }
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { text.removeFirst(3) }
        defer { fileCount += 1 }
        var place: Int64 = 0
        func end(_ row: ArraySlice<UInt8>) {
            place += 1
            paths.append(path.utf8)
            places.append(place)
            texts.append(row)
            files.append(Int32(fileCount))
        }
        switch cut {
        case .files: end(text[...])
        case .lines:
            var rest = text[...]
            while !rest.isEmpty {
                let line = rest.prefix { $0 != 0x0A }
                end(line.last == 0x0D && line.endIndex < rest.endIndex ? line.dropLast() : line)
                rest = rest[line.endIndex...].dropFirst()
            }
        case .separator(let separator):
            guard !text.isEmpty else { return }
            var start = 0
            while let next = Self.next(separator, in: text, from: start) {
                end(text[start..<next])
                start = next + separator.count
            }
            // As with lines: a separator at the end ends the last row.
            if start < text.count { end(text[start...]) }
        }
    }

    private static func next(_ separator: [UInt8], in text: [UInt8], from start: Int) -> Int? {
        guard text.count >= separator.count else { return nil }
        var place = start
        while place <= text.count - separator.count {
            guard let first = text[place...].firstIndex(of: separator[0]),
                first <= text.count - separator.count
            else { return nil }
            if text[first..<first + separator.count].elementsEqual(separator) { return first }
            place = first + 1
        }
        return nil
    }

    var rows: CollectedRows {
        var columns: [SchemaReading.Source] = [.texts(TextColumn("path", paths, validity: nil))]
        if let place = cut.place { columns.append(.typed(DataColumn(place, .integer, .int64(places)))) }
        columns.append(.texts(TextColumn("text", texts, validity: nil)))
        return CollectedRows(
            columns: columns, place: { [files, places] row in (Int(files[row]), Int(places[row])) })
    }
}
