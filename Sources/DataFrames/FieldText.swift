import TableTypes

/// How one text reads as a value, and how a value is written as text: the same
/// forms in CSV and in the strings of JSON lines.
public enum FieldText {
    /// - Parameter isTold: Whether a schema says the type, so that 1 is a boolean and INF a number.
    static func fits(_ field: String, _ type: ColumnType, isTold: Bool = false) -> Bool {
        switch type {
        case .boolean: isTold ? toldBoolean(field) != nil : boolean(field) != nil
        case .integer: integer(field) != nil
        case .number: isTold ? toldNumber(field) != nil : number(field) != nil
        case .date: date(field) != nil
        case .timestamp: timestamp(field) != nil
        default: true
        }
    }

    private static func read<T>(_ field: String, _ parse: (UnsafePointer<UInt8>, Int) -> T?) -> T? {
        var field = field
        return field.withUTF8 { bytes in
            bytes.baseAddress.flatMap { parse($0, bytes.count) }
        }
    }

    static func boolean(_ field: String) -> Bool? { read(field, FieldBytes.boolean) }
    static func toldBoolean(_ field: String) -> Bool? { read(field, FieldBytes.toldBoolean) }
    public static func integer(_ field: String) -> Int64? { read(field, FieldBytes.integer) }
    /// Decimal only: `nan`, `inf` and hexadecimal would be read by accident.
    static func number(_ field: String) -> Double? { read(field, FieldBytes.number) }
    /// Infinities are numbers only where a schema says so (Frictionless).
    public static func toldNumber(_ field: String) -> Double? { read(field, FieldBytes.toldNumber) }
    /// Days since 1970-01-01 of `YYYY-MM-DD`, in the Gregorian calendar.
    public static func date(_ field: String) -> Int32? { read(field, FieldBytes.date) }
    /// Microseconds since 1970-01-01T00:00:00Z, as `FieldBytes.timestamp`.
    public static func timestamp(_ field: String) -> Int64? { read(field, FieldBytes.timestamp) }

    /// `YYYY-MM-DD`; nil outside the years 1 to 9999, which the form cannot
    /// hold.
    public static func text(days: Int32) -> String? { text { ValueBytes.date(days, to: $0) } }

    /// `YYYY-MM-DDThh:mm:ss[.ffffff]Z`, without the fraction when it is none;
    /// nil outside the years 1 to 9999.
    public static func text(microseconds: Int64) -> String? {
        text { ValueBytes.timestamp(microseconds, to: $0) }
    }

    private static func text(_ write: (ValueBytes.Place) -> Int) -> String? {
        let text = String(unsafeUninitializedCapacity: ValueBytes.most) { write($0.baseAddress!) }
        return text.isEmpty ? nil : text
    }
}
