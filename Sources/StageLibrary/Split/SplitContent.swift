import ContentStore
import DataFrames
import Estimators

/// What a row's content is known by: 16 bytes of SHA-256, which no two contents have in common.
struct ContentDigest: Hashable, Comparable {
    var words: (UInt64, UInt64)

    static func == (a: ContentDigest, b: ContentDigest) -> Bool { a.words == b.words }
    static func < (a: ContentDigest, b: ContentDigest) -> Bool { a.words < b.words }
    func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

/// Tells the contents of rows, batch by batch; see `SplitMethod.contentDocumentation` for which are the same.
struct ContentDigests: ~Copyable {
    private var folded = FoldedText()
    private var bytes: [UInt8] = []

    /// Calls for every row in order.
    ///
    /// - Parameter body: Is given the row's place and its content; nil has nothing in all columns.
    /// - Complexity: O(bytes of the columns).
    mutating func eachRow(of columns: [DataColumn], _ body: (Int, ContentDigest?) throws -> Void) rethrows {
        for row in 0..<(columns.first?.count ?? 0) {
            bytes.removeAll(keepingCapacity: true)
            var isEmpty = true
            for column in columns {
                guard column.isValid(row) else {
                    bytes.append(0)
                    continue
                }
                bytes.append(1)
                let start = bytes.count
                append(column, row)
                isEmpty = isEmpty && bytes.count == start
                // Behind each value its length, so that no two rows run together to the same bytes.
                withUnsafeBytes(of: UInt64(bytes.count - start).littleEndian) { bytes += $0 }
            }
            try body(row, isEmpty ? nil : ContentDigest(words: Digest.of(bytes).half))
        }
    }

    private mutating func append(_ column: DataColumn, _ row: Int) {
        switch column.storage {
        case .utf8(let texts):
            texts.bytes.withUnsafeBufferPointer { all in
                let text = texts.offsets[row]..<texts.offsets[row + 1]
                folded.append(UnsafeBufferPointer(rebasing: all[text]), to: &bytes)
            }
        case .dictionary(let indices, let levels):
            var level = levels[Int(indices[row])]
            level.withUTF8 { folded.append($0, to: &bytes) }
        case .binary(let values): bytes += values[row]
        case .boolean, .int64, .float64, .date32, .timestamp:
            preconditionFailure("a column of type \(column.type) has no content")
        }
    }
}

/// Which rows have the same content. Memory: 28 bytes a row.
struct ContentGroups {
    private struct Mark {
        var digest: ContentDigest
        var row: UInt32
    }

    private var marks: [Mark] = []

    /// - Parameter table: Its columns are the content.
    init(_ table: inout TableReader, _ budget: MemoryBudget) throws {
        var contents = ContentDigests()
        marks.reserveCapacity(table.rows)
        try table.eachBatch { frame, first in
            contents.eachRow(of: frame.columns) { row, content in
                let number = UInt32(first + row)
                marks.append(Mark(digest: content ?? Self.own(number), row: number))
            }
            try budget.check(rows: marks.count)
        }
    }

    /// Of a row that is the same as no other; no content begins with this byte.
    private static func own(_ row: UInt32) -> ContentDigest {
        ContentDigest(words: Digest.of([2] + withUnsafeBytes(of: row.littleEndian, Array.init)).half)
    }

    /// A code for each row, the same where the content is. Numbered by the digests, so that the order of rows decides
    /// nothing.
    consuming func codes() -> [Int32] {
        marks.sort { ($0.digest, $0.row) < ($1.digest, $1.row) }
        var codes = [Int32](repeating: 0, count: marks.count)
        var code: Int32 = 0
        for (place, mark) in marks.enumerated() {
            if place > 0, marks[place - 1].digest != mark.digest { code += 1 }
            codes[Int(mark.row)] = code
        }
        return codes
    }
}
