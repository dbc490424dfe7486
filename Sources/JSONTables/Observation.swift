import CanonicalJSON
import DataFrames
import TableTypes

/// What the values of every key are, of rows that have no schema.
struct ObservationSink: ValueSink {
    /// A value of a row that may still turn out to be none.
    private enum Value {
        case none
        case boolean(Bool)
        case integer(Int64, String)
        case number(Double, String)
        case text([UInt8])
        case nested(isArray: Bool, String)
    }

    private struct Seen {
        let name: String
        var profile = ColumnProfile(missing: nil)
        /// Whether a whole row has the key.
        var isKey = false
        /// The row that has the key, of the last that was begun.
        var row = -1
    }

    private var columns: [Seen] = []
    private var places: [String: Int] = [:]
    /// Of the row being read.
    private var values: [(column: Int, value: Value)] = []
    /// Rows begun before this one, whole or not.
    private var row = 0

    mutating func column(named name: String) -> Int? {
        if let place = places[name] { return place }
        places[name] = columns.count
        columns.append(Seen(name: name))
        return columns.count - 1
    }

    func passed(_ name: String) {}

    mutating func take(_ scanner: inout JSONScanner, into column: Int) throws(JSONFault) {
        guard columns[column].row != row else {
            throw scanner.fault(.duplicateKey(columns[column].name))
        }
        columns[column].row = row
        values.append((column, try Self.value(&scanner)))
    }

    private static func value(_ scanner: inout JSONScanner) throws(JSONFault) -> Value {
        let from = scanner.position
        switch scanner.byte {
        case 0x22: return .text(Array(try scanner.string()))
        case UInt8(ascii: "{"): return .nested(isArray: false, try scanner.nested().canonicalText)
        case UInt8(ascii: "["): return .nested(isArray: true, try scanner.nested().canonicalText)
        case UInt8(ascii: "n"):
            try scanner.word("null")
            return .none
        case UInt8(ascii: "t"), UInt8(ascii: "f"):
            let isTrue = scanner.byte == UInt8(ascii: "t")
            try scanner.skipValue()
            return .boolean(isTrue)
        default:
            let number = try scanner.number()
            let text = scanner.text(from: from)
            if number.isWhole, let integer = number.integer { return .integer(integer, text) }
            return .number(number.double ?? .nan, text)
        }
    }

    mutating func endRow(_ number: Int) {
        for (column, value) in values {
            columns[column].isKey = true
            switch value {
            case .none: break
            case .boolean(let value): columns[column].profile.take(boolean: value, row: number)
            case .integer(let value, let text):
                columns[column].profile.take(integer: value, text, row: number)
            case .number(let value, let text):
                columns[column].profile.take(number: value, text, row: number)
            case .text(let text):
                text.withUnsafeBufferPointer { columns[column].profile.take(string: $0, row: number) }
            case .nested(let isArray, let text):
                columns[column].profile.take(nested: isArray, text, row: number)
            }
        }
        dropRow()
    }

    mutating func dropRow() {
        values.removeAll(keepingCapacity: true)
        row += 1
    }

    /// Keys of whole rows in the order they are first seen.
    var profiles: [(name: String, profile: ColumnProfile)] {
        columns.filter(\.isKey).map { ($0.name, $0.profile) }
    }

    /// The narrowest types that all values fit.
    var schema: TableSchema {
        TableSchema(profiles.map { TableSchema.Field($0.name, $0.profile.typeOfJSON) })
    }
}

extension JSONTable {
    /// The schema of JSON lines that have none, from the first rows. Lines that
    /// are no objects are passed over: reading them with the schema names them.
    public static func schema(
        ofLines bytes: UnsafeRawBufferPointer, flattens: Bool = false, rows limit: Int = 10_000
    ) -> TableSchema {
        var reader = RowReader(ObservationSink(), flattens: flattens)
        defer { reader.scanner.deallocate() }
        reader.open(bytes, endsAtLineBreak: true)
        reader.lines(rows: limit) { _, _ in }
        return reader.sink.schema
    }
}
