import DataFrames
import TableTypes

/// What the values of every key are, for the schema of rows that have none.
struct ObservationSink: ValueSink {
    private struct Kinds: OptionSet {
        let rawValue: UInt8
        static let boolean = Kinds(rawValue: 1)
        static let integer = Kinds(rawValue: 2)
        static let number = Kinds(rawValue: 4)
        static let text = Kinds(rawValue: 8)
        static let object = Kinds(rawValue: 16)
        static let array = Kinds(rawValue: 32)
    }

    private struct Seen {
        let name: String
        /// Nil until a whole row has the key.
        var kinds: Kinds?
        var texts = StringStorage()
        /// The row that has the key, of the last that was begun.
        var row = -1
    }

    private var columns: [Seen] = []
    private var places: [String: Int] = [:]
    /// Of the row being read.
    private var values: [(column: Int, kinds: Kinds, text: String?)] = []
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
        var kinds: Kinds = []
        var text: String?
        switch scanner.byte {
        case 0x22:
            text = String(decoding: try scanner.string(), as: UTF8.self)
            kinds = .text
        case UInt8(ascii: "{"):
            _ = try scanner.nested()
            kinds = .object
        case UInt8(ascii: "["):
            _ = try scanner.nested()
            kinds = .array
        case UInt8(ascii: "n"): try scanner.word("null")
        case UInt8(ascii: "t"), UInt8(ascii: "f"):
            try scanner.skipValue()
            kinds = .boolean
        default:
            let number = try scanner.number()
            kinds = number.isWhole && number.integer != nil ? .integer : .number
        }
        values.append((column, kinds, text))
    }

    mutating func endRow() {
        for (column, kinds, text) in values {
            columns[column].kinds = (columns[column].kinds ?? []).union(kinds)
            if let text { columns[column].texts.append(text.utf8) }
        }
        dropRow()
    }

    mutating func dropRow() {
        values.removeAll(keepingCapacity: true)
        row += 1
    }

    /// The narrowest types that all values fit; keys in the order they are
    /// first seen. Texts are dates, times, categories or texts by the rules of
    /// `TextColumn`; numbers in quotes stay texts.
    var schema: TableSchema {
        TableSchema(
            columns.compactMap { seen in
                seen.kinds.map { TableSchema.Field(seen.name, Self.type($0, seen.texts)) }
            })
    }

    private static func type(_ kinds: Kinds, _ texts: StringStorage) -> TableSchema.FieldType {
        switch kinds {
        case []: .string
        case .boolean: .boolean
        case .integer: .integer
        case .number, [.integer, .number]: .number
        case .object: .object
        case .array: .array
        case .text:
            switch TextColumn("", texts, validity: nil).inferredType(
                among: [.date, .timestamp], rows: .max)
            {
            case .date: .date
            case .timestamp: .datetime
            case .category: .category
            default: .string
            }
        default: kinds.isDisjoint(with: [.object, .array]) ? .string : .any
        }
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
