import CanonicalJSON
import TableTypes

/// How the texts of one field are values, where a schema says more than the type: a pattern of dates, words for true,
/// another decimal point. Slower than what `FieldBytes` reads; a field that needs none has none.
public struct FieldForm: Sendable {
    private let kind: Kind

    private enum Kind {
        case booleans(true: Set<String>, false: Set<String>)
        case numbers(NumberForm)
        /// Of four digits.
        case year
        case time(TimePattern)
        case anyTime(AnyTime)
        case json(TableSchema.FieldType)
    }

    /// Why a field says something that cannot be read.
    public enum Problem: Error, Hashable, Sendable {
        case pattern(TimePattern.Problem)
        /// A format that the type does not have.
        case format(known: [String])
        /// What a property may not be: the property, and what was expected.
        case property(String, expected: String)
    }

    /// Nil where the type says all.
    ///
    /// - Throws: `Problem`.
    public static func of(_ field: TableSchema.Field) throws(Problem) -> FieldForm? {
        let format = field.format.flatMap { $0 == "default" ? nil : $0 }
        switch field.type {
        case .date, .datetime:
            guard let format else { return nil }
            if format == "any" {
                return FieldForm(kind: .anyTime(field.type == .datetime ? .ofTimes : .ofDates))
            }
            do throws(TimePattern.Problem) {
                return FieldForm(kind: .time(try TimePattern(format)))
            } catch {
                throw .pattern(error)
            }
        case .string:
            let known = TextFormat.allCases.map(\.rawValue)
            if let format, !known.contains(format) { throw .format(known: ["default"] + known) }
            return nil
        case .yearmonth:
            try noFormat(format)
            guard let pattern = try? TimePattern("%Y-%m", needsDay: false) else { return nil }
            return FieldForm(kind: .time(pattern))
        case .year:
            try noFormat(format)
            return FieldForm(kind: .year)
        case .integer, .number:
            try noFormat(format)
            return try NumberForm(field.spelling, isWhole: field.type == .integer).map {
                FieldForm(kind: .numbers($0))
            }
        case .boolean:
            try noFormat(format)
            let spelling = field.spelling
            if spelling.trueValues == nil, spelling.falseValues == nil { return nil }
            let words = [
                Set(spelling.trueValues ?? ["true", "True", "TRUE", "1"]),
                Set(spelling.falseValues ?? ["false", "False", "FALSE", "0"]),
            ]
            if let both = words[0].intersection(words[1]).min() {
                throw .property("falseValues", expected: "other texts than in trueValues, not '\(both)'")
            }
            return FieldForm(kind: .booleans(true: words[0], false: words[1]))
        case .object, .array, .geojson, .any:
            if field.type != .geojson {
                try noFormat(format)
            } else if format != nil {
                throw .format(known: ["default"])
            }
            return FieldForm(kind: .json(field.type))
        case .category:
            try noFormat(format)
            return nil
        }
    }

    private static func noFormat(_ format: String?) throws(Problem) {
        if format != nil { throw .format(known: ["default"]) }
    }

    // MARK: Reading

    func boolean(_ field: FieldBytes.Bytes, _ count: Int) -> Bool? {
        guard case .booleans(let yes, let no) = kind else { return nil }
        let text = Self.text(field, count)
        return yes.contains(text) ? true : no.contains(text) ? false : nil
    }

    func integer(_ field: FieldBytes.Bytes, _ count: Int) -> Int64? {
        switch kind {
        case .numbers(let form): form.integer(field, count)
        case .year: count == 4 && field[0] &- 0x30 <= 9 ? FieldBytes.integer(field, count) : nil
        default: nil
        }
    }

    func number(_ field: FieldBytes.Bytes, _ count: Int) -> Double? {
        guard case .numbers(let form) = kind else { return nil }
        return form.number(field, count)
    }

    public func date(_ field: FieldBytes.Bytes, _ count: Int) -> Int32? {
        switch kind {
        case .time(let pattern): pattern.date(field, count)
        case .anyTime(let any): any.first(field, count) { $0.date(field, count) }
        default: nil
        }
    }

    public func timestamp(_ field: FieldBytes.Bytes, _ count: Int) -> Int64? {
        switch kind {
        case .time(let pattern): pattern.timestamp(field, count)
        case .anyTime(let any): any.first(field, count) { $0.timestamp(field, count) }
        default: nil
        }
    }

    public func date(_ text: String) -> Int32? { reading(date)(text) }
    public func timestamp(_ text: String) -> Int64? { reading(timestamp)(text) }

    /// JSON in its canonical form; of a field of any type the text itself as JSON.
    func json(_ field: FieldBytes.Bytes, _ count: Int) -> [UInt8]? {
        guard case .json(let type) = kind else { return nil }
        let text = Self.text(field, count)
        if type == .any { return JSONValue.string(text).canonicalBytes }
        guard let value = try? JSONValue(parsing: text),
            type == .array ? value.array != nil : value.object != nil
        else { return nil }
        if type == .geojson, value["type"]?.string == nil { return nil }
        return value.canonicalBytes
    }

    /// Reads a text that lies anywhere.
    func reading<Value>(_ read: @escaping (FieldBytes.Bytes, Int) -> Value?) -> (String) -> Value? {
        { text in
            var text = text
            return text.withUTF8 { bytes in bytes.baseAddress.flatMap { read($0, bytes.count) } }
        }
    }

    static func text(_ field: FieldBytes.Bytes, _ count: Int) -> String {
        String(decoding: UnsafeBufferPointer(start: field, count: count), as: UTF8.self)
    }
}
