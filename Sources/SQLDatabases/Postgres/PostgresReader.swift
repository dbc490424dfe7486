import CanonicalJSON
import DataFrames
import TableTypes

/// Values of one column out of the binary form of their type.
///
/// Source: the send functions of PostgreSQL's types (src/backend/utils/adt), whose form is big-endian.
struct PostgresReader {
    private let kind: PostgresKind
    let form: Form

    /// Types that most columns have, without what would be counted at every value.
    enum Form {
        case text, int4, int8, float8, timestamp, other
    }

    init(_ kind: PostgresKind) {
        self.kind = kind
        form =
            switch kind {
            case .text: .text
            case .int4: .int4
            case .int8: .int8
            case .float8: .float8
            case .timestamp: .timestamp
            default: .other
            }
    }

    /// Appends a value of a type that has a form; one whose bytes are not those of the type is a misfit.
    @inline(__always)
    static func take(
        _ form: Form, _ bytes: UnsafeRawBufferPointer, _ column: Int, _ batch: inout RowBatch
    ) {
        switch form {
        case .text: batch.append(column, text: bytes)
        case .int4:
            guard bytes.count == 4 else { return damaged(column, &batch) }
            batch.columns[column].append(integer: Int64(bytes.bigEndian(Int32.self)))
        case .int8:
            guard bytes.count == 8 else { return damaged(column, &batch) }
            batch.columns[column].append(integer: bytes.bigEndian(Int64.self))
        case .float8:
            guard bytes.count == 8 else { return damaged(column, &batch) }
            batch.columns[column].append(number: Double(bitPattern: bytes.bigEndian(UInt64.self)))
        case .timestamp:
            guard bytes.count == 8 else { return damaged(column, &batch) }
            take(timestamp: bytes.bigEndian(Int64.self), column, &batch)
        case .other: break
        }
    }

    @inline(never)
    private static func damaged(_ column: Int, _ batch: inout RowBatch) {
        batch.misfit(column, "the server sent bytes that are no value of the type")
    }

    private static func take(timestamp: Int64, _ column: Int, _ batch: inout RowBatch) {
        if let value = PostgresTime.microseconds(timestamp) {
            return batch.columns[column].append(integer: value)
        }
        batch.misfit(column, PostgresTime.outside(isPast: timestamp < 0, isInfinite: timestamp.isEnd))
    }

    /// Appends a value of any other type.
    @inline(never)
    func takeOther(_ bytes: UnsafeRawBufferPointer, _ column: Int, _ batch: inout RowBatch) {
        switch (kind, bytes.count) {
        case (.boolean, 1): batch.columns[column].append(boolean: bytes[0] != 0)
        case (.int2, 2): batch.columns[column].append(integer: Int64(bytes.bigEndian(Int16.self)))
        case (.oid, 4): batch.columns[column].append(integer: Int64(bytes.bigEndian(UInt32.self)))
        case (.float4, 4):
            batch.columns[column].append(number: Double(Float(bitPattern: bytes.bigEndian(UInt32.self))))
        case (.numeric, _):
            guard let value = PostgresNumber(bytes)?.double else {
                let text = PostgresNumber(bytes)?.text ?? ""
                return batch.misfit(column, "'\(text.prefix(37))' is not of type number")
            }
            batch.columns[column].append(number: value)
        case (.date, 4):
            let days = bytes.bigEndian(Int32.self)
            guard let value = PostgresTime.days(days) else {
                let isInfinite = days == .max || days == .min
                return batch.misfit(column, PostgresTime.outside(isPast: days < 0, isInfinite: isInfinite))
            }
            batch.columns[column].append(days: value)
        case (.level, _): batch.append(column, level: bytes)
        case (.json, _): batch.append(column, json: bytes)
        case (.jsonb, 1...) where bytes[0] == 1:
            batch.append(column, json: UnsafeRawBufferPointer(rebasing: bytes.dropFirst()))
        case (.array(let element), _):
            guard let json = PostgresArray.json(bytes, element) else { return Self.damaged(column, &batch) }
            batch.columns[column].append(text: json.canonicalText)
        default:
            guard let text = Self.text(kind, bytes) else { return Self.damaged(column, &batch) }
            batch.columns[column].append(text: text)
        }
    }

    /// Of types that are texts in a table; nil for bytes that are not of the type.
    static func text(_ kind: PostgresKind, _ bytes: UnsafeRawBufferPointer) -> String? {
        switch (kind, bytes.count) {
        case (.text, _), (.level, _): String(validating: bytes, as: UTF8.self)
        case (.uuid, 16): uuid(bytes)
        case (.bits, 4...): bits(bytes)
        case (.time, 8): PostgresTime.clock(bytes.bigEndian(Int64.self))
        case (.timeWithZone, 12):
            PostgresTime.clock(bytes.bigEndian(Int64.self), west: bytes.bigEndian(Int32.self, at: 8))
        case (.interval, 16):
            PostgresTime.interval(
                microseconds: bytes.bigEndian(Int64.self), days: bytes.bigEndian(Int32.self, at: 8),
                months: bytes.bigEndian(Int32.self, at: 12))
        default: nil
        }
    }

    private static func uuid(_ bytes: UnsafeRawBufferPointer) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
            text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func bits(_ bytes: UnsafeRawBufferPointer) -> String? {
        let count = Int(bytes.bigEndian(Int32.self))
        guard count >= 0, (count + 7) / 8 == bytes.count - 4 else { return nil }
        return String(
            decoding: (0..<count).map { bytes[4 + $0 / 8] >> (7 - UInt8($0 % 8)) & 1 == 1 ? 0x31 : 0x30 },
            as: UTF8.self)
    }
}

extension PostgresTypes {
    func reader(_ number: UInt32, _ column: SQLColumn) -> PostgresReader { PostgresReader(kind(number)) }
}

extension UnsafeRawBufferPointer {
    /// - Precondition: So many bytes are there.
    @inline(__always)
    func bigEndian<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type, at offset: Int = 0
    ) -> Value {
        Value(bigEndian: loadUnaligned(fromByteOffset: offset, as: type))
    }
}

extension Int64 {
    fileprivate var isEnd: Bool { self == .max || self == .min }
}
