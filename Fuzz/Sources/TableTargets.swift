import CanonicalJSON
import DataFrames
import JSONTables
import TableTypes
import XMLTables

extension FuzzTarget {
    /// JSON lines, and the same bytes as a document. The tree reader says which
    /// lines are rows.
    static let jsonl = FuzzTarget(name: "jsonl") { bytes in
        for flattens in [false, true] {
            bytes.withUnsafeBytes { bytes in
                let schema = JSONTable.schema(ofLines: bytes, flattens: flattens)
                let table = JSONTable(lines: [bytes], schema, flattens: flattens)
                check(table)
                if !flattens { compare(table, bytes) }
                do {
                    let schema = try JSONTable.schema(ofDocument: bytes, rows: [], flattens: flattens)
                    check(try JSONTable(documents: [bytes], rows: [], schema, flattens: flattens))
                } catch {
                    precondition(!"\(error)".isEmpty, "an error says nothing")
                }
            }
        }
    }

    private static func check(_ table: JSONTable) {
        precondition(table.columns.allSatisfy { $0.count == table.count }, "columns of other lengths")
        for fault in table.faults { precondition(!fault.fault.description.isEmpty, "a fault says nothing") }
        for row in 0..<table.count { precondition(table.place(ofRow: row).number > 0, "a row is nowhere") }
    }

    private static func compare(_ table: JSONTable, _ bytes: UnsafeRawBufferPointer) {
        let faults = Set(table.faults.map(\.number))
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        for (index, line) in text.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            let isFault = faults.contains(index + 1)
            do throws(JSONSyntaxError) {
                let isObject = try JSONValue(parsing: Array(line)).object != nil
                precondition(isObject != isFault, "line \(index + 1): the readers differ")
            } catch {
                // A number out of range does not fit its column, and where the
                // outermost braces count for depth is not the same.
                precondition(
                    isFault || error.message.contains("out of range") || error.message.contains("nested"),
                    "line \(index + 1): \(error)")
            }
        }
    }

    /// XML: an error that says something, or a table in which every value
    /// belongs to a row.
    static let xml = FuzzTarget(name: "xml") { bytes in
        do {
            let table = try bytes.withUnsafeBytes { bytes in
                try XMLTable(
                    [bytes], rows: .rows("//r"),
                    columns: [
                        ("a", .column("a")), ("b", .column("*/b")), ("c", .column("@c")), ("d", .column(".")),
                    ])
            }
            for column in table.columns {
                let last = table.count == 0 ? 0 : column.range(ofRow: table.count - 1).upperBound
                precondition(last == column.values.count, "values that belong to no row")
            }
        } catch let fault as XMLFault {
            precondition(!fault.error.description.isEmpty, "an error says nothing")
        } catch {
            preconditionFailure("\(error)")
        }
    }
}
