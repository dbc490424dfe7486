/// One way in which fields read as values; nil for a field that does not.
protocol FieldReader {
    associatedtype Value
    /// What stands where there is no value.
    static var none: Value { get }
    mutating func read(_ field: FieldBytes.Bytes, _ count: Int) -> Value?
}

struct BooleanReader: FieldReader {
    static var none: Bool { false }

    @inline(__always)
    func read(_ field: FieldBytes.Bytes, _ count: Int) -> Bool? { PaddedField.boolean(field, count) }
}

struct IntegerReader: FieldReader {
    static var none: Int64 { 0 }

    @inline(__always)
    func read(_ field: FieldBytes.Bytes, _ count: Int) -> Int64? { PaddedField.integer(field, count) }
}

struct NumberReader: FieldReader {
    static var none: Double { 0 }
    let powers: UnsafePointer<Double>

    @inline(__always)
    func read(_ field: FieldBytes.Bytes, _ count: Int) -> Double? { PaddedField.number(field, count, powers) }
}

struct DateReader: FieldReader {
    static var none: Int32 { 0 }

    @inline(__always)
    func read(_ field: FieldBytes.Bytes, _ count: Int) -> Int32? { PaddedField.date(field, count) }
}

struct TimestampReader: FieldReader {
    static var none: Int64 { 0 }

    @inline(__always)
    func read(_ field: FieldBytes.Bytes, _ count: Int) -> Int64? { PaddedField.timestamp(field, count) }
}

/// Texts to their numbers, new ones as they come.
struct LevelReader: FieldReader {
    static var none: Int32 { 0 }
    var levels: TextInterner

    @inline(__always)
    mutating func read(_ field: FieldBytes.Bytes, _ count: Int) -> Int32? { levels.insert(field, count) }
}

/// Texts to their numbers, of those that there are.
struct ToldLevelReader: FieldReader {
    static var none: Int32 { 0 }
    let levels: TextInterner

    @inline(__always)
    func read(_ field: FieldBytes.Bytes, _ count: Int) -> Int32? { levels.find(field, count) }
}
