import CanonicalJSON

/// Why a JSON value is not a Table Schema: the place, such as
/// `fields[2].type`, and what is wrong there.
public struct TableSchemaError: Error, Equatable, Sendable, CustomStringConvertible {
    public var place: String
    public var message: String

    public var description: String { "table schema: \(place): \(message)" }
}

extension TableSchema {
    /// Reads a schema. Keys of the specification that have no meaning here,
    /// such as `foreignKeys`, are passed over; a known key with a wrong value
    /// is an error.
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
        var key: [String] = []
        if let value = json["primaryKey"] {
            guard let names = value.string.map({ [$0] }) ?? value.strings else {
                throw TableSchemaError(
                    place: "primaryKey", message: "expected a field name or a list of them")
            }
            key = names
        }
        for name in key where !fields.contains(where: { $0.name == name }) {
            throw TableSchemaError(place: "primaryKey", message: "no field is named '\(name)'")
        }
        var missing = [""]
        if let value = json["missingValues"] {
            guard let strings = value.strings else {
                throw TableSchemaError(place: "missingValues", message: "expected a list of strings")
            }
            missing = strings
        }
        self.init(fields, missingValues: missing, primaryKey: key)
    }

    /// The schema as JSON; what has its default is left out.
    public var json: JSONValue {
        var json: JSONValue = .object(["fields": .array(fields.map(\.json))])
        if missingValues != [""] { json["missingValues"] = .strings(missingValues) }
        if !primaryKey.isEmpty { json["primaryKey"] = .strings(primaryKey) }
        return json
    }
}

extension TableSchema.Field {
    init(_ json: JSONValue, at place: String) throws(TableSchemaError) {
        guard let name = json["name"]?.string, !name.isEmpty else {
            throw TableSchemaError(place: "\(place).name", message: "expected a name")
        }
        let type = try Self.word(
            json, "type", of: TableSchema.FieldType.allCases.map(\.rawValue), at: place)
        let role = try Self.word(json, "role", of: ColumnRole.allCases.map(\.rawValue), at: place)
        self.init(
            name, type.flatMap(TableSchema.FieldType.init) ?? .string,
            format: try Self.text(json, "format", at: place), role: role.flatMap(ColumnRole.init),
            title: try Self.text(json, "title", at: place),
            description: try Self.text(json, "description", at: place))
        guard let rules = json["constraints"] else { return }
        let inside = "\(place).constraints"
        guard rules.object != nil else {
            throw TableSchemaError(place: inside, message: "expected a mapping")
        }
        constraints.required = try Self.flag(rules, "required", at: inside)
        constraints.unique = try Self.flag(rules, "unique", at: inside)
        constraints.minimum = rules["minimum"]
        constraints.maximum = rules["maximum"]
        constraints.pattern = try Self.text(rules, "pattern", at: inside)
        if let levels = rules["enum"] {
            guard let strings = levels.strings else {
                throw TableSchemaError(place: "\(inside).enum", message: "expected a list of strings")
            }
            constraints.levels = strings
        }
    }

    var json: JSONValue {
        var json: JSONValue = .object(["name": .string(name), "type": .string(type.rawValue)])
        json["format"] = format.map(JSONValue.string)
        json["role"] = role.map { .string($0.rawValue) }
        json["title"] = title.map(JSONValue.string)
        json["description"] = description.map(JSONValue.string)
        var rules: JSONValue = .object([:])
        if constraints.required { rules["required"] = true }
        if constraints.unique { rules["unique"] = true }
        rules["enum"] = constraints.levels.map { .strings($0) }
        rules["minimum"] = constraints.minimum
        rules["maximum"] = constraints.maximum
        rules["pattern"] = constraints.pattern.map(JSONValue.string)
        if rules != .object([:]) { json["constraints"] = rules }
        return json
    }

    private static func text(
        _ json: JSONValue, _ key: String, at place: String
    ) throws(TableSchemaError) -> String? {
        guard let value = json[key] else { return nil }
        guard let text = value.string else {
            throw TableSchemaError(place: "\(place).\(key)", message: "expected a string")
        }
        return text
    }

    private static func flag(
        _ json: JSONValue, _ key: String, at place: String
    ) throws(TableSchemaError) -> Bool {
        guard let value = json[key] else { return false }
        guard let flag = value.bool else {
            throw TableSchemaError(place: "\(place).\(key)", message: "expected true or false")
        }
        return flag
    }

    private static func word(
        _ json: JSONValue, _ key: String, of words: [String], at place: String
    ) throws(TableSchemaError) -> String? {
        guard let word = try text(json, key, at: place) else { return nil }
        guard words.contains(word) else {
            throw TableSchemaError(
                place: "\(place).\(key)",
                message: "'\(word)' is not one of \(words.joined(separator: ", "))")
        }
        return word
    }
}
