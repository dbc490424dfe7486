import CanonicalJSON
import DataFrames
import TableTypes

/// Values into columns of known types.
struct ColumnSink: ValueSink {
    private let columns: UnsafeMutableBufferPointer<ColumnBuilder>
    private let fields: [TableSchema.FieldType]
    /// How texts are values, of fields whose type does not say all.
    private let forms: [FieldForm?]
    private let hasForms: Bool
    private let passesMore: Bool
    private let places: [String: Int]
    private(set) var rows = 0
    private(set) var misfits: [JSONTable.Misfit] = []
    /// Misfits of whole rows.
    private var kept = 0

    init(_ schema: TableSchema) {
        columns = .allocate(capacity: schema.fields.count)
        for (index, column) in schema.tableType.columns.enumerated() {
            columns.initializeElement(
                at: index, to: ColumnBuilder(column.name, column.type, levels: column.levels))
        }
        fields = schema.fields.map(\.type)
        // A schema that says what cannot be read is refused before anything is read by it.
        forms = schema.fields.map { (try? FieldForm.of($0)) ?? nil }
        hasForms = forms.contains { $0 != nil }
        passesMore = schema.fieldsMatch.allowsMoreColumns
        places = Dictionary(schema.fields.enumerated().map { ($1.name, $0) }) { first, _ in first }
    }

    func deallocate() {
        for column in columns { column.deallocate() }
        columns.deinitialize().deallocate()
    }

    /// The columns, out of the sink one by one: the table is not in memory twice.
    func takeColumns() -> [DataColumn] { columns.indices.map { columns[$0].take() } }

    func column(named name: String) -> Int? { places[name] }

    mutating func passed(_ name: String) {
        if passesMore { return }
        misfits.append(.init(row: rows, column: name, value: "", problem: .unknownKey))
    }

    @inline(__always)
    mutating func endRow(_ number: Int) {
        rows += 1
        for index in columns.indices where columns[index].count < rows { columns[index].appendNull() }
        kept = misfits.count
    }

    mutating func dropRow() {
        for index in columns.indices { columns[index].truncate(to: rows) }
        misfits.removeLast(misfits.count - kept)
    }

    @inline(__always)
    mutating func take(_ scanner: inout JSONScanner, into index: Int) throws(JSONFault) {
        let column = columns.baseAddress! + index
        guard column.pointee.count == rows else {
            throw scanner.fault(.duplicateKey(column.pointee.name))
        }
        let byte = scanner.byte
        switch column.pointee.type {
        case .integer where byte &- 0x30 < 10 || byte == UInt8(ascii: "-"):
            let number = try scanner.number()
            guard let value = number.integer else { return misfit(index, number.text) }
            column.pointee.append(integer: value)
        case .number where byte &- 0x30 < 10 || byte == UInt8(ascii: "-"):
            let number = try scanner.number()
            guard let value = number.double else { return misfit(index, number.text) }
            column.pointee.append(number: value)
        case .text where byte == 0x22:
            column.pointee.append(text: try scanner.string())
        case .category where byte == 0x22:
            let text = try scanner.string()
            if !column.pointee.append(level: text) { misfit(index, text, isText: true) }
        case .boolean where byte == UInt8(ascii: "t"):
            try scanner.word("true")
            column.pointee.append(boolean: true)
        case .boolean where byte == UInt8(ascii: "f"):
            try scanner.word("false")
            column.pointee.append(boolean: false)
        case .timestamp where byte == 0x22:
            let text = try scanner.string()
            guard let start = text.baseAddress, let value = microseconds(start, text.count, index) else {
                return misfit(index, text, isText: true)
            }
            column.pointee.append(integer: value)
        case .date where byte == 0x22:
            let text = try scanner.string()
            guard let start = text.baseAddress, let value = days(start, text.count, index) else {
                return misfit(index, text, isText: true)
            }
            column.pointee.append(days: value)
        default:
            try takeOther(&scanner, into: index)
        }
    }

    @inline(__always)
    private func microseconds(_ text: FieldBytes.Bytes, _ count: Int, _ index: Int) -> Int64? {
        hasForms && forms[index] != nil
            ? forms[index]!.timestamp(text, count) : FieldBytes.timestamp(text, count)
    }

    @inline(__always)
    private func days(_ text: FieldBytes.Bytes, _ count: Int, _ index: Int) -> Int32? {
        hasForms && forms[index] != nil ? forms[index]!.date(text, count) : FieldBytes.date(text, count)
    }

    /// Null, what is another kind of value than the column's, and what lies
    /// within: texts take numbers and booleans as they are written, and objects
    /// and arrays as canonical JSON.
    @inline(never)
    private mutating func takeOther(_ scanner: inout JSONScanner, into index: Int) throws(JSONFault) {
        let byte = scanner.byte
        if byte == UInt8(ascii: "n") {
            try scanner.word("null")
            return columns[index].appendNull()
        }
        let isText = byte == 0x22
        let isNested = byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[")
        var text: String
        if isText {
            text = String(decoding: try scanner.string(), as: UTF8.self)
        } else if isNested {
            text = try scanner.nested().canonicalText
        } else {
            let from = scanner.position
            try scanner.skipValue()
            text = scanner.text(from: from)
        }
        switch columns[index].type {
        case .text: text.withUTF8 { columns[index].append(text: $0) }
        case .category:
            let isLevel = text.withUTF8 { columns[index].append(level: $0) }
            if !isLevel { misfit(index, text, isText: isText) }
        case .json:
            let fits =
                switch fields[index] {
                case .object, .geojson: byte == UInt8(ascii: "{")
                case .array: byte == UInt8(ascii: "[")
                default: true
                }
            guard fits else { return misfit(index, text, isText: isText) }
            if !isNested {
                let value: JSONValue? = isText ? .string(text) : try? JSONValue(parsing: text)
                guard let value else { return misfit(index, text, isText: false) }
                text = value.canonicalText
            }
            text.withUTF8 { columns[index].append(text: $0) }
        default: misfit(index, text, isText: isText)
        }
    }

    @inline(never)
    private mutating func misfit(
        _ index: Int, _ text: UnsafeBufferPointer<UInt8>, isText: Bool = false
    ) {
        misfit(index, String(decoding: text, as: UTF8.self), isText: isText)
    }

    private mutating func misfit(_ index: Int, _ text: String, isText: Bool) {
        misfits.append(
            .init(
                row: rows, column: columns[index].name, value: text, problem: isText ? .text : .otherType))
        columns[index].appendNull()
    }
}
