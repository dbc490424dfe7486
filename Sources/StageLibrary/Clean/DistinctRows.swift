import ContentStore
import DataFrames

/// Which rows of a table are kept of those that are equal or have one key, told as often as rows come again. Null equals
/// null, and texts are equal where their bytes are.
///
/// What is kept of a row is a digest: 16 bytes of SHA-256, which no two rows that differ have in common.
final class DistinctRows {
    private struct Mark: Hashable {
        var bytes: (UInt64, UInt64)
        static func == (a: Mark, b: Mark) -> Bool { a.bytes == b.bytes }
        func hash(into hasher: inout Hasher) { hasher.combine(bytes.0) }
    }

    /// The columns that are compared; nil is all.
    private let key: [String]?
    /// Of each row that is kept its place.
    private var marks: [Mark: Int] = [:]
    /// By row, for those that have come.
    private var isKept: [Bool] = []
    /// Whether all rows have come.
    private(set) var areKnown = false

    init(key: [String]?) { self.key = key }

    /// To be called when all rows have come once.
    func end() {
        areKnown = true
        marks = [:]
    }

    /// Places of rows that are kept, without `take` before: the first of each.
    ///
    /// - Precondition: Rows come in order, from the first; all columns that are compared are there until all rows have come.
    /// - Complexity: O(bytes), the first time.
    func kept(_ rows: CleanedRows) throws -> [Int] {
        guard let first = rows.numbers.first.map({ $0 - 1 }) else { return [] }
        if first >= isKept.count { try take(rows, keepsLast: false) }
        return (0..<rows.frame.count).filter { isKept[first + $0] }
    }

    /// Rows that come for the first time.
    func take(_ rows: CleanedRows, keepsLast: Bool) throws {
        let columns = try key.map { key in try key.map { try rows.column($0) } } ?? rows.frame.columns
        let cells = columns.map(CellText.init)
        for row in 0..<rows.frame.count {
            let number = rows.numbers[row] - 1
            let mark = Self.mark(try cells.map { try $0.text(row, number: number) })
            if let other = marks[mark] {
                isKept.append(keepsLast)
                guard keepsLast else { continue }
                isKept[other] = false
            } else {
                isKept.append(true)
            }
            marks[mark] = isKept.count - 1
        }
    }

    private static func mark(_ row: [String?]) -> Mark {
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
        return Mark(bytes: Digest.of(bytes).half)
    }
}
