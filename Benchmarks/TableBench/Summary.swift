import DataFrames

/// A table in few numbers, which table_peers.py makes in the same way: of each column name, kind, rows, nulls and a sum
/// over rows, each times its place from 1, so that another order gives another sum. All sums wrap at 64 bits.
enum Summary {
    static func text(_ frame: DataFrame) -> String { text(frame.columns) }

    /// - Parameter isRounded: Numbers to millionths: means depend on the order in which they are added up. Not to the
    ///   nearest: means of two or four values lie in the middle between two.
    static func text(_ columns: [DataColumn], isRounded: Bool = false) -> String {
        columns.sorted { $0.name < $1.name }.map { text($0, isRounded) }.joined(separator: "; ")
    }

    private static func text(_ column: DataColumn, _ isRounded: Bool) -> String {
        let (kind, sum) = kindAndSum(column, isRounded)
        return "\(column.name) \(kind) \(column.count) \(column.nullCount) \(sum)"
    }

    private static func kindAndSum(_ column: DataColumn, _ isRounded: Bool) -> (String, UInt64) {
        func sum<T>(_ values: [T], _ word: (T) -> UInt64) -> UInt64 {
            var total: UInt64 = 0
            for row in values.indices where column.isValid(row) {
                total &+= word(values[row]) &* UInt64(row + 1)
            }
            return total
        }
        func integer(_ value: some FixedWidthInteger) -> UInt64 { UInt64(bitPattern: Int64(value)) }
        return switch column.storage {
        case .boolean(let values): ("boolean", sum(values) { $0 ? 1 : 0 })
        case .int64(let values): ("integer", sum(values, integer))
        case .float64(let values):
            (
                "number",
                sum(values) {
                    isRounded ? integer(Int64(($0 * 1e6 + 0.9876543).rounded(.down))) : $0.bitPattern
                }
            )
        case .date32(let values): ("date", sum(values, integer))
        case .timestamp(let values): ("timestamp", sum(values, integer))
        case .binary(let values): ("files", values.bytes.reduce(0) { $0 &+ UInt64($1) })
        case .utf8, .dictionary:
            // Lengths by place, and all bytes, whichever row they are of.
            (
                "text",
                (0..<column.count).reduce(0) { total, row in
                    let text = column.string(row) ?? ""
                    let bytes = text.utf8.reduce(0) { $0 &+ UInt64($1) }
                    return total &+ UInt64(text.utf8.count) &* UInt64(row + 1) &+ bytes &<< 32
                }
            )
        }
    }
}
