import CanonicalJSON

/// A mapping of a schema with its place, read key by key; a key that is not there is nil.
struct SchemaObject {
    private let json: JSONValue
    private let place: String

    /// - Parameter place: Empty for the schema itself.
    init(_ json: JSONValue, at place: String) {
        self.json = json
        self.place = place
    }

    subscript(key: String) -> JSONValue? { json[key] }

    func error(_ key: String, _ message: String) -> TableSchemaError {
        TableSchemaError(place: place.isEmpty ? key : "\(place).\(key)", message: message)
    }

    func object(_ key: String) throws(TableSchemaError) -> SchemaObject {
        guard let value = json[key], value.object != nil else { throw error(key, "expected a mapping") }
        return SchemaObject(value, at: "\(place).\(key)")
    }

    func text(_ key: String) throws(TableSchemaError) -> String? {
        guard let value = json[key] else { return nil }
        guard let text = value.string else { throw error(key, "expected a string") }
        return text
    }

    func texts(_ key: String) throws(TableSchemaError) -> [String]? {
        guard let value = json[key] else { return nil }
        guard let texts = value.strings else { throw error(key, "expected a list of strings") }
        return texts
    }

    func flag(_ key: String) throws(TableSchemaError) -> Bool? {
        guard let value = json[key] else { return nil }
        guard let flag = value.bool else { throw error(key, "expected true or false") }
        return flag
    }

    func length(_ key: String) throws(TableSchemaError) -> Int? {
        guard let value = json[key] else { return nil }
        guard let length = value.integer, length >= 0 else { throw error(key, "expected a whole number") }
        return Int(length)
    }

    func word(_ key: String, of words: [String]) throws(TableSchemaError) -> String? {
        guard let word = try text(key) else { return nil }
        guard words.contains(word) else {
            throw error(key, "'\(word)' is not one of \(words.joined(separator: ", "))")
        }
        return word
    }

    /// Texts, or mappings with a `value` and perhaps a label.
    func missing(_ key: String) throws(TableSchemaError) -> [String]? {
        guard let value = json[key] else { return nil }
        let texts = (value.array ?? []).compactMap { $0.string ?? $0["value"]?.string }
        guard let elements = value.array, texts.count == elements.count else {
            throw error(key, "expected a list of strings")
        }
        return texts
    }

    /// Values as a file spells them: texts, numbers and booleans, or mappings with such a `value`.
    func values(_ key: String) throws(TableSchemaError) -> [String]? {
        guard let value = json[key] else { return nil }
        guard let elements = value.array, !elements.isEmpty else {
            throw error(key, "expected a list of values")
        }
        var texts: [String] = []
        for element in elements {
            switch element["value"] ?? element {
            case .string(let text): texts.append(text)
            case .null: throw error(key, "null is no value; whether there may be none, 'required' says")
            case let other: texts.append(other.canonicalText)
            }
        }
        return texts
    }
}
