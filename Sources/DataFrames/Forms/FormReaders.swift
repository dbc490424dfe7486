/// Fields as a form reads them, for `FieldColumnBuilder`.
struct BooleanFormReader: FieldReader {
    static var none: Bool { false }
    let form: FieldForm
    func read(_ field: FieldBytes.Bytes, _ count: Int) -> Bool? { form.boolean(field, count) }
}

struct IntegerFormReader: FieldReader {
    static var none: Int64 { 0 }
    let form: FieldForm
    func read(_ field: FieldBytes.Bytes, _ count: Int) -> Int64? { form.integer(field, count) }
}

struct NumberFormReader: FieldReader {
    static var none: Double { 0 }
    let form: FieldForm
    func read(_ field: FieldBytes.Bytes, _ count: Int) -> Double? { form.number(field, count) }
}

struct DateFormReader: FieldReader {
    static var none: Int32 { 0 }
    let form: FieldForm
    func read(_ field: FieldBytes.Bytes, _ count: Int) -> Int32? { form.date(field, count) }
}

struct TimestampFormReader: FieldReader {
    static var none: Int64 { 0 }
    let form: FieldForm
    func read(_ field: FieldBytes.Bytes, _ count: Int) -> Int64? { form.timestamp(field, count) }
}
