import DataFrames
import TableTypes

/// Reads the Schema table (Schema.fbs of apache/arrow, format 1.5).
enum SchemaReading {
    static func fields(_ schema: FlatTable) throws(ArrowError) -> [ArrowField] {
        guard try schema.scalar(0, default: Int16(0)) == 0 else { throw ArrowError(.bigEndian) }
        if let features = try schema.vector(3, stride: 8) {
            for index in 0..<features.count {
                let feature = try features.scalar(index, as: Int64.self)
                guard (0...2).contains(feature) else { throw ArrowError(.unknownFeature(feature)) }
            }
        }
        guard let list = try schema.vector(1, stride: 4) else { return [] }
        var fields: [ArrowField] = []
        var names: Set<String> = []
        for index in 0..<list.count {
            let field = try field(try list.table(index))
            guard names.insert(field.name).inserted else { throw ArrowError(.duplicateColumn(field.name)) }
            fields.append(field)
        }
        return fields
    }

    /// The fields whose types we have.
    static func knownFields(_ schema: FlatTable) throws(ArrowError) -> [ArrowField] {
        guard let list = try schema.vector(1, stride: 4) else { return [] }
        var fields: [ArrowField] = []
        for index in 0..<list.count {
            do throws(ArrowError) {
                fields.append(try field(try list.table(index)))
            } catch {
                if case .unsupportedType = error.problem { continue }
                throw error
            }
        }
        return fields
    }

    static func checkVersion(_ version: Int16) throws(ArrowError) {
        guard version == 3 || version == 4 else { throw ArrowError(.version(Int(version))) }
    }

    /// Lists in lists in lists and so on are read this deep.
    private static let deepest = 64

    /// - Parameter parent: Names of the columns it lies within, for messages.
    private static func field(
        _ table: FlatTable, within parent: [String] = []
    ) throws(ArrowError) -> ArrowField {
        let name = try table.string(0) ?? ""
        let path = parent + [name]
        var type = try TypeReading.type(
            tag: try table.scalar(2, default: UInt8(0)), try table.table(3),
            column: path.joined(separator: "."))
        var dictionary: ArrowField.Dictionary?
        if let encoding = try table.table(4) {
            guard !type.isNested, !type.isBinary else {
                throw ArrowError(
                    .unsupportedType(
                        column: path.joined(separator: "."),
                        type: "dictionary of \(TypeReading.name(type)) values",
                        advice: "write it as plain values, or as a dictionary of text"))
            }
            if type == .null { type = .utf8 }
            let index =
                if let table = try encoding.table(1) { try TypeReading.integer(table, column: name) } else {
                    ArrowType.integer(bits: 32, isSigned: true)
                }
            dictionary = .init(id: try encoding.scalar(0, default: Int64(0)), index: index)
        }
        var field = ArrowField(
            name: name, type: type, dictionary: dictionary,
            columnType: dictionary != nil && type.isText ? .category : type.columnType)
        if type.isNested { field.children = try children(table, type, path) }
        let isTold = try metadata(table, &field)
        guard !type.isBinary || isTold && parent.isEmpty else {
            throw ArrowError(
                .unsupportedType(
                    column: path.joined(separator: "."), type: TypeReading.name(type),
                    advice: parent.isEmpty
                        ? "write it as text, or say what the bytes are: sluice.type 'image' or 'audio' in the "
                            + "metadata of the field"
                        : "store the bytes as files and name them in a column, or write them as text"))
        }
        return field
    }

    private static func children(
        _ table: FlatTable, _ type: ArrowType, _ path: [String]
    ) throws(ArrowError) -> [ArrowField] {
        func damaged(_ what: String) -> ArrowError {
            ArrowError(.damaged(place: "schema", what: "column '\(path.joined(separator: "."))' \(what)"))
        }
        guard path.count <= deepest else { throw damaged("is nested more than \(deepest) deep") }
        var children: [ArrowField] = []
        if let list = try table.vector(5, stride: 4) {
            for index in 0..<list.count { children.append(try field(try list.table(index), within: path)) }
        }
        switch type {
        case .structure:
            guard Set(children.map(\.name)).count == children.count else {
                throw damaged("has two fields of one name")
            }
        case .map:
            guard children.count == 1, children[0].type == .structure, children[0].children.count == 2 else {
                throw damaged("is a map without keys and values")
            }
        default: guard children.count == 1 else { throw damaged("is a list without a type of values") }
        }
        return children
    }

    /// - Returns: Whether the metadata says what the column means.
    private static func metadata(_ table: FlatTable, _ field: inout ArrowField) throws(ArrowError) -> Bool {
        var isTold = false
        guard let entries = try table.vector(6, stride: 4) else { return isTold }
        for index in 0..<entries.count {
            let entry = try entries.table(index)
            let key = try entry.string(0) ?? ""
            guard key == FieldKey.type || key == FieldKey.role else { continue }
            let value = try entry.string(1) ?? ""
            if key == FieldKey.type {
                let allowed = field.allowedTypes
                guard let type = ColumnType(rawValue: value), allowed.contains(type) else {
                    throw wrong(field.name, key, value, allowed.map(\.rawValue))
                }
                field.columnType = type
                isTold = true
            } else {
                guard let role = ColumnRole(rawValue: value) else {
                    throw wrong(field.name, key, value, ColumnRole.allCases.map(\.rawValue))
                }
                field.role = role
            }
        }
        return isTold
    }

    private static func wrong(
        _ column: String, _ key: String, _ value: String, _ words: [String]
    ) -> ArrowError {
        let expected = words.count == 1 ? "'\(words[0])'" : "one of \(words.joined(separator: ", "))"
        return ArrowError(.fieldMetadata(column: column, key: key, value: value, expected: expected))
    }
}

/// Reads the Type union of Schema.fbs.
enum TypeReading {
    /// The union's members by tag, as users know them.
    private static let names = [
        "none", "null", "int", "float", "binary", "utf8", "bool", "decimal", "date", "time", "timestamp",
        "interval", "list", "struct", "union", "fixed_size_binary", "fixed_size_list", "map", "duration",
        "large_binary", "large_utf8", "large_list", "run_end_encoded", "binary_view", "utf8_view",
        "list_view", "large_list_view",
    ]

    static func type(tag: UInt8, _ table: FlatTable?, column: String) throws(ArrowError) -> ArrowType {
        switch tag {
        case 1: return .null
        case 4: return .binary
        case 5: return .utf8
        case 6: return .boolean
        case 19: return .largeBinary
        case 20: return .largeUtf8
        case 23: return .binaryView
        case 24: return .utf8View
        case 12: return .list(isLarge: false)
        case 13: return .structure
        case 17: return .map
        case 21: return .list(isLarge: true)
        case 2, 3, 7, 8, 10, 16:
            guard let table else {
                throw ArrowError(.damaged(place: "schema", what: "column '\(column)' has no type"))
            }
            return try parametric(tag, table, column: column)
        default:
            let name = Int(tag) < names.count ? names[Int(tag)] : "number \(tag)"
            throw ArrowError(.unsupportedType(column: column, type: name, advice: advice(tag)))
        }
    }

    static func integer(_ table: FlatTable, column: String) throws(ArrowError) -> ArrowType {
        let bits = Int(try table.scalar(0, default: Int32(0)))
        guard [8, 16, 32, 64].contains(bits) else {
            throw ArrowError(
                .damaged(place: "schema", what: "column '\(column)' has integers of \(bits) bits"))
        }
        return .integer(bits: bits, isSigned: try table.flag(1))
    }

    static func name(_ type: ArrowType) -> String {
        switch type {
        case .null: "null"
        case .boolean: "bool"
        case .utf8: "utf8"
        case .largeUtf8: "large_utf8"
        case .utf8View: "utf8_view"
        case .binary: "binary"
        case .largeBinary: "large_binary"
        case .binaryView: "binary_view"
        case .integer(let bits, let isSigned): "\(isSigned ? "" : "u")int\(bits)"
        case .float(let bits): "float\(bits)"
        case .days: "date32"
        case .dayMilliseconds: "date64"
        case .timestamp: "timestamp"
        case .decimal(let bits, _): "decimal\(bits)"
        case .list(let isLarge): isLarge ? "large_list" : "list"
        case .fixedList: "fixed_size_list"
        case .structure: "struct"
        case .map: "map"
        }
    }

    private static func parametric(
        _ tag: UInt8, _ table: FlatTable, column: String
    ) throws(ArrowError) -> ArrowType {
        if tag == 2 { return try integer(table, column: column) }
        if tag == 7 { return try decimal(table, column: column) }
        if tag == 16 {
            let count = Int(try table.scalar(0, default: Int32(0)))
            guard count >= 0 else {
                throw ArrowError(
                    .damaged(place: "schema", what: "column '\(column)' has lists of \(count) values"))
            }
            return .fixedList(count)
        }
        // The default of a date's unit is milliseconds, of the others 0.
        let unit = Int(try table.scalar(0, default: Int16(tag == 8 ? 1 : 0)))
        switch tag {
        case 3 where (0...2).contains(unit): return .float(bits: [16, 32, 64][unit])
        case 8 where (0...1).contains(unit): return [.days, .dayMilliseconds][unit]
        case 10 where (0...3).contains(unit):
            // The values of a timestamp with a zone are UTC whatever the zone.
            return .timestamp(perSecond: [1, 1000, 1_000_000, 1_000_000_000][unit])
        default:
            throw ArrowError(
                .damaged(place: "schema", what: "column '\(column)' has a \(names[Int(tag)]) of unit \(unit)")
            )
        }
    }

    private static func decimal(_ table: FlatTable, column: String) throws(ArrowError) -> ArrowType {
        let precision = Int(try table.scalar(0, default: Int32(0)))
        let scale = Int(try table.scalar(1, default: Int32(0)))
        let bits = Int(try table.scalar(2, default: Int32(128)))
        guard [32, 64, 128, 256].contains(bits) else {
            throw ArrowError(
                .damaged(place: "schema", what: "column '\(column)' has decimals of \(bits) bits"))
        }
        guard (1...DecimalNumber.digits).contains(precision), (0...precision).contains(scale) else {
            throw ArrowError(
                .unsupportedType(
                    column: column, type: "decimal(\(precision), \(scale))",
                    advice: "cast it to float64, or to a decimal of at most \(DecimalNumber.digits) digits"))
        }
        return .decimal(bits: bits, scale: scale)
    }

    private static func advice(_ tag: UInt8) -> String {
        switch tag {
        case 15: "store the bytes as files and name them in a column, or write them as text"
        case 9, 11, 18: "cast it to int64"
        default: "write one column an element, or the value as JSON text"
        }
    }
}
