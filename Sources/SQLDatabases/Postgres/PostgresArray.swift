import CanonicalJSON
import DataFrames

/// Arrays, whose elements lie end to end behind the sizes of their dimensions.
///
/// Source: array_send (src/backend/utils/adt/arrayfuncs.c): dimensions, whether nulls occur, the elements' type, size and
/// first index of each dimension, then a length (-1 for a null) and the bytes of each element.
enum PostgresArray {
    /// Nested as the dimensions are; nil for bytes that are no such array.
    static func json(_ bytes: UnsafeRawBufferPointer, _ element: PostgresKind) -> JSONValue? {
        guard let (sizes, elements) = parts(bytes) else { return nil }
        var values: [JSONValue] = []
        for part in elements {
            guard let part else {
                values.append(.null)
                continue
            }
            guard let value = json(part, of: element) else { return nil }
            values.append(value)
        }
        for size in sizes.dropFirst().reversed() {
            values = stride(from: 0, to: values.count, by: size).map {
                .array(Array(values[$0..<($0 + size)]))
            }
        }
        return .array(values)
    }

    /// Of texts; a null is an empty one.
    static func texts(_ bytes: UnsafeRawBufferPointer) -> [String] {
        (parts(bytes)?.elements ?? []).map { $0.map { String(decoding: $0, as: UTF8.self) } ?? "" }
    }

    private static func parts(
        _ bytes: UnsafeRawBufferPointer
    ) -> (sizes: [Int], elements: [UnsafeRawBufferPointer?])? {
        guard bytes.count >= 12 else { return nil }
        let dimensions = Int(bytes.bigEndian(Int32.self))
        // The server has six at most.
        guard (0...6).contains(dimensions), bytes.count >= 12 + 8 * dimensions else { return nil }
        var sizes: [Int] = []
        var count = dimensions == 0 ? 0 : 1
        for dimension in 0..<dimensions {
            let size = Int(bytes.bigEndian(Int32.self, at: 12 + 8 * dimension))
            // Every element has four bytes for its length.
            guard size > 0, size <= bytes.count / 4 / count else { return nil }
            sizes.append(size)
            count *= size
        }
        var place = 12 + 8 * dimensions
        var elements: [UnsafeRawBufferPointer?] = []
        for _ in 0..<count {
            guard bytes.count - place >= 4 else { return nil }
            let length = Int(bytes.bigEndian(Int32.self, at: place))
            place += 4
            if length < 0 {
                elements.append(nil)
                continue
            }
            guard bytes.count - place >= length else { return nil }
            elements.append(UnsafeRawBufferPointer(rebasing: bytes[place..<(place + length)]))
            place += length
        }
        return place == bytes.count ? (sizes, elements) : nil
    }

    /// What stands for no end of time; nil for a time outside the years 1 to 9999.
    private static func infinity<Time: FixedWidthInteger>(_ time: Time) -> JSONValue? {
        time == .max ? .string("infinity") : time == .min ? .string("-infinity") : nil
    }

    /// Numbers that JSON cannot say are texts, as the server's own to_json has them.
    private static func json(_ bytes: UnsafeRawBufferPointer, of kind: PostgresKind) -> JSONValue? {
        func number(_ value: Double) -> JSONValue {
            value.isFinite
                ? .number(value) : .string(value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
        }
        switch (kind, bytes.count) {
        case (.boolean, 1): return .boolean(bytes[0] != 0)
        case (.int2, 2): return .integer(Int64(bytes.bigEndian(Int16.self)))
        case (.int4, 4): return .integer(Int64(bytes.bigEndian(Int32.self)))
        case (.int8, 8): return .integer(bytes.bigEndian(Int64.self))
        case (.oid, 4): return .integer(Int64(bytes.bigEndian(UInt32.self)))
        case (.float4, 4): return number(Double(Float(bitPattern: bytes.bigEndian(UInt32.self))))
        case (.float8, 8): return number(Double(bitPattern: bytes.bigEndian(UInt64.self)))
        case (.numeric, _):
            let value = PostgresNumber(bytes)
            return value?.double.map(number) ?? value.map { .string($0.text) }
        case (.date, 4):
            let days = bytes.bigEndian(Int32.self)
            guard let text = PostgresTime.days(days).flatMap(FieldText.text(days:)) else {
                return infinity(days)
            }
            return .string(text)
        case (.timestamp, 8):
            let time = bytes.bigEndian(Int64.self)
            guard let text = PostgresTime.microseconds(time).flatMap(FieldText.text(microseconds:)) else {
                return infinity(time)
            }
            return .string(text)
        case (.json, _): return try? JSONValue(parsingExactly: bytes)
        case (.jsonb, 1...) where bytes[0] == 1:
            return try? JSONValue(parsingExactly: bytes.dropFirst())
        default: return PostgresReader.text(kind, bytes).map(JSONValue.string)
        }
    }
}
