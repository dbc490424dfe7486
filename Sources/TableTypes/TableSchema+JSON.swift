import CanonicalJSON

/// Why a JSON value is not a Table Schema: the place, such as
/// `fields[2].type`, and what is wrong there.
public struct TableSchemaError: Error, Equatable, Sendable, CustomStringConvertible {
    public var place: String
    public var message: String

    public var description: String { "table schema: \(place): \(message)" }
}

extension TableSchema {
    /// Reads a schema. Keys that have no meaning here, such as `rdfType`, are
    /// passed over; a known key with a wrong value is an error.
    ///
    /// - Throws: `TableSchemaError` at the first fault, in document order.
    public init(_ json: JSONValue) throws(TableSchemaError) {
        guard let elements = json["fields"]?.array else {
            throw TableSchemaError(place: "fields", message: "expected a list of fields")
        }
        var fields: [Field] = []
        for (index, element) in elements.enumerated() {
            let field = try Field(element, at: "fields[\(index)]")
            if fields.contains(where: { $0.name == field.name }) {
                throw TableSchemaError(
                    place: "fields[\(index)].name", message: "the name '\(field.name)' is given twice")
            }
            fields.append(field)
        }
        let top = SchemaObject(json, at: "")
        func key(_ value: JSONValue, _ place: String) throws(TableSchemaError) -> [String] {
            guard let names = value.string.map({ [$0] }) ?? value.strings else {
                throw TableSchemaError(place: place, message: "expected a field name or a list of them")
            }
            for name in names where !fields.contains(where: { $0.name == name }) {
                throw TableSchemaError(place: place, message: "no field is named '\(name)'")
            }
            return names
        }
        self.init(fields, missingValues: try top.missing("missingValues") ?? [""])
        if let value = json["primaryKey"] { primaryKey = try key(value, "primaryKey") }
        if let value = json["uniqueKeys"] {
            guard let keys = value.array else {
                throw TableSchemaError(
                    place: "uniqueKeys", message: "expected a list of lists of field names")
            }
            for (index, value) in keys.enumerated() {
                uniqueKeys.append(try key(value, "uniqueKeys[\(index)]"))
            }
        }
        // Profiles of 2.0 had it as a list of one word.
        var match = top
        if let words = json["fieldsMatch"]?.strings, words.count == 1 {
            match = SchemaObject(["fieldsMatch": .string(words[0])], at: "")
        }
        fieldsMatch =
            try match.word("fieldsMatch", of: FieldsMatch.allCases.map(\.rawValue)).flatMap(FieldsMatch.init)
            ?? .exact
        hasForeignKeys = json["foreignKeys"]?.array?.isEmpty == false
    }

    /// The schema as JSON; what has its default is left out, and what has no
    /// meaning here.
    public var json: JSONValue {
        var json: JSONValue = .object(["fields": .array(fields.map(\.json))])
        if missingValues != [""] { json["missingValues"] = .strings(missingValues) }
        if !primaryKey.isEmpty { json["primaryKey"] = .strings(primaryKey) }
        if !uniqueKeys.isEmpty { json["uniqueKeys"] = .array(uniqueKeys.map { .strings($0) }) }
        if fieldsMatch != .exact { json["fieldsMatch"] = .string(fieldsMatch.rawValue) }
        return json
    }
}
