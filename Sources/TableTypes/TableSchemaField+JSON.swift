import CanonicalJSON

extension TableSchema.Field {
    init(_ json: JSONValue, at place: String) throws(TableSchemaError) {
        let own = SchemaObject(json, at: place)
        guard let name = json["name"]?.string, !name.isEmpty else {
            throw own.error("name", "expected a name")
        }
        if let type = json["type"]?.string, let advice = Self.withoutColumn[type] {
            throw own.error("type", "no column holds a '\(type)'; \(advice)")
        }
        let type = try own.word("type", of: TableSchema.FieldType.allCases.map(\.rawValue))
        let role = try own.word("role", of: ColumnRole.allCases.map(\.rawValue))
        var format = try own.text("format")
        // As it was written before version 1.
        if let old = format, old.hasPrefix("fmt:") { format = String(old.dropFirst(4)) }
        self.init(
            name, type.flatMap(TableSchema.FieldType.init) ?? .string, format: format,
            role: role.flatMap(ColumnRole.init), title: try own.text("title"),
            description: try own.text("description"))
        missingValues = try own.missing("missingValues")
        spelling.decimal = try own.text("decimalChar")
        spelling.group = try own.text("groupChar")
        spelling.isBare = try own.flag("bareNumber") ?? true
        spelling.trueValues = try own.texts("trueValues")
        spelling.falseValues = try own.texts("falseValues")
        if json["constraints"] != nil { constraints = try .init(own.object("constraints")) }
        if let categories = try own.values("categories") {
            constraints.levels = constraints.levels ?? categories
        }
    }

    /// Types of the specification that no column has, and what to do instead.
    private static let withoutColumn = [
        "time": "declare a string, with a pattern such as [0-2][0-9]:[0-5][0-9]:[0-5][0-9]",
        "duration": "declare a string, or have the seconds in a number",
        "geopoint": "declare a string, or have longitude and latitude in two numbers",
        "list": "declare a string, or have a JSON array in it and declare an array",
    ]

    var json: JSONValue {
        var json: JSONValue = .object(["name": .string(name), "type": .string(type.rawValue)])
        json["format"] = format.map(JSONValue.string)
        json["role"] = role.map { .string($0.rawValue) }
        json["title"] = title.map(JSONValue.string)
        json["description"] = description.map(JSONValue.string)
        json["missingValues"] = missingValues.map { .strings($0) }
        json["decimalChar"] = spelling.decimal.map(JSONValue.string)
        json["groupChar"] = spelling.group.map(JSONValue.string)
        if !spelling.isBare { json["bareNumber"] = false }
        json["trueValues"] = spelling.trueValues.map { .strings($0) }
        json["falseValues"] = spelling.falseValues.map { .strings($0) }
        let rules = constraints.json
        if rules != .object([:]) { json["constraints"] = rules }
        return json
    }
}

extension TableSchema.Constraints {
    init(_ rules: SchemaObject) throws(TableSchemaError) {
        self.init(
            required: try rules.flag("required") ?? false, unique: try rules.flag("unique") ?? false,
            levels: try rules.values("enum"), minimum: rules["minimum"], maximum: rules["maximum"],
            pattern: try rules.text("pattern"))
        exclusiveMinimum = rules["exclusiveMinimum"]
        exclusiveMaximum = rules["exclusiveMaximum"]
        minLength = try rules.length("minLength")
        maxLength = try rules.length("maxLength")
        if rules["jsonSchema"] != nil {
            throw rules.error(
                "jsonSchema", "is not checked here; take it away, or check the values in a stage of your own")
        }
    }

    var json: JSONValue {
        var rules: JSONValue = .object([:])
        if required { rules["required"] = true }
        if unique { rules["unique"] = true }
        rules["enum"] = levels.map { .strings($0) }
        rules["minimum"] = minimum
        rules["maximum"] = maximum
        rules["exclusiveMinimum"] = exclusiveMinimum
        rules["exclusiveMaximum"] = exclusiveMaximum
        rules["minLength"] = minLength.map { .integer(Int64($0)) }
        rules["maxLength"] = maxLength.map { .integer(Int64($0)) }
        rules["pattern"] = pattern.map(JSONValue.string)
        return rules
    }
}
