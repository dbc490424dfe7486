import DataFrames
import Platform
import TableTypes

/// What one step has done to a table, in the order it was done.
final class ChangeLog {
    private var rows: [Int64] = []
    private var columns: [String?] = []
    private var before: [String?] = []
    private var after: [String?] = []
    private var rules: [String] = []

    /// Entries that are held.
    var count: Int { rows.count }

    /// The columns without rows.
    static var empty: DataFrame { ChangeLog().take() }

    /// A value, or without a column a row that was left out.
    func append(
        _ row: Int, column: String? = nil, before old: String? = nil, after new: String? = nil, rule: String
    ) {
        rows.append(Int64(row))
        columns.append(column)
        before.append(old)
        after.append(new)
        rules.append(rule)
    }

    /// What is held, which is no longer.
    func take() -> DataFrame {
        defer { clear() }
        func texts(_ name: String, _ values: [String?]) -> DataColumn {
            DataColumn(
                name, .text, .utf8(StringStorage(values.lazy.map { $0 ?? "" })),
                validity: ValidityBitmap(values.lazy.map { $0 != nil }))
        }
        return DataFrame(
            checked: [
                DataColumn("row", .integer, .int64(rows)), texts("column", columns), texts("before", before),
                texts("after", after), texts("rule", rules),
            ])
    }

    private func clear() { (rows, columns, before, after, rules) = ([], [], [], [], []) }

    // MARK: Bytes

    /// Writes what is held, which is no longer, as `read` takes it.
    func spill(to file: inout FileReplacement) throws(SystemError) {
        defer { clear() }
        var bytes: [UInt8] = []
        for entry in rows.indices {
            bytes.removeAll(keepingCapacity: true)
            Self.append(rows[entry], to: &bytes)
            for text in [columns[entry], before[entry], after[entry], rules[entry]] {
                Self.append(Int64(text?.utf8.count ?? -1), to: &bytes)
                bytes += (text ?? "").utf8
            }
            try file.write(bytes)
        }
    }

    private static func append(_ number: Int64, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number) { bytes += $0 }
    }

    /// Appends entries that `spill` wrote, so many at most.
    ///
    /// - Returns: What stands behind them.
    func read(_ bytes: UnsafeRawBufferPointer, atMost most: Int) -> UnsafeRawBufferPointer {
        var place = 0
        func number() -> Int {
            defer { place += 8 }
            return Int(bytes.loadUnaligned(fromByteOffset: place, as: Int64.self))
        }
        func text() -> String? {
            let count = number()
            guard count >= 0 else { return nil }
            defer { place += count }
            return String(decoding: bytes[place..<place + count], as: UTF8.self)
        }
        for _ in 0..<most where place < bytes.count {
            append(number(), column: text(), before: text(), after: text(), rule: text() ?? "")
        }
        return UnsafeRawBufferPointer(rebasing: bytes[place...])
    }
}
