import ContentStore
import DataFrames

/// Which rows of a table are equal to none before them, told as often as rows come again. Null equals null, and texts
/// are equal where their bytes are.
///
/// What is kept of a row is a digest: 16 bytes of SHA-256, which no two rows that differ have in common.
final class DistinctRows {
    private struct Mark: Hashable {
        var bytes: (UInt64, UInt64)
        static func == (a: Mark, b: Mark) -> Bool { a.bytes == b.bytes }
        func hash(into hasher: inout Hasher) { hasher.combine(bytes.0) }
    }

    private var marks: Set<Mark> = []
    /// By row, for those that have come.
    private var isFirst: [Bool] = []
    /// Whether all rows have come.
    private(set) var areKnown = false

    /// To be called when all rows have come once.
    func end() {
        areKnown = true
        marks = []
    }

    /// Places of rows that are equal to none before them.
    ///
    /// - Precondition: Rows come in order, from the first; all columns are there until all rows have come.
    /// - Complexity: O(bytes), the first time.
    func firsts(_ rows: CleanedRows) throws -> [Int] {
        guard let first = rows.numbers.first.map({ $0 - 1 }) else { return [] }
        if first >= isFirst.count {
            let cells = rows.frame.columns.map(CellText.init)
            for row in 0..<rows.frame.count {
                let number = rows.numbers[row] - 1
                isFirst.append(insert(try cells.map { try $0.text(row, number: number) }))
            }
        }
        return (0..<rows.frame.count).filter { isFirst[first + $0] }
    }

    private func insert(_ row: [String?]) -> Bool {
        var bytes: [UInt8] = []
        for text in row {
            guard let text else {
                bytes.append(0)
                continue
            }
            bytes.append(1)
            withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { bytes += $0 }
            bytes += text.utf8
        }
        return marks.insert(Mark(bytes: Digest.of(bytes).half)).inserted
    }
}
