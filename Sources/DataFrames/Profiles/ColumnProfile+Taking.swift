/// Values as they come from files.
extension ColumnProfile {
    /// Takes one field of each row of a chunk.
    ///
    /// - Complexity: O(bytes).
    public mutating func take(_ chunk: CSVChunk, column: Int) {
        let rows = FieldRows(chunk, column)
        for row in 0..<rows.count {
            let (start, count) = rows[row]
            take(field: UnsafeBufferPointer(start: start, count: count)) { chunk.number(ofRow: row) }
        }
    }

    /// Takes a text that may be of any type.
    public mutating func take(text: String, row: Int) {
        var text = text
        text.withUTF8 { take(field: $0) { row } }
    }

    @inline(__always)
    private mutating func take(field: UnsafeBufferPointer<UInt8>, row: () -> Int) {
        guard let start = field.baseAddress else { return takeEmpty(row) }
        if let told {
            if told.contains(start, field.count) { return }
        } else if field.isEmpty {
            return
        }
        let reading = FieldBytes.reading(start, field.count)
        if case .text = reading, setApart(field, row: row()) { return }
        take(extend(reading, field), field, row: row())
    }

    private mutating func takeEmpty(_ row: () -> Int) {
        let none = UnsafePointer<UInt8>(bitPattern: 1)!
        guard let told, !told.contains(none, 0) else { return }
        let empty = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        take(extend(.text, empty), empty, row: row())
    }

    /// Takes a text that is one in its file, whatever its digits read as: of a date or a time, or just text.
    public mutating func take(string: UnsafeBufferPointer<UInt8>, row: Int) {
        let reading = string.baseAddress.map { FieldBytes.time($0, string.count) } ?? .text
        take(extend(reading, string), string, row: row)
    }

    /// Takes a value that its file has a type for.
    ///
    /// - Parameter text: As it is written.
    public mutating func take(integer value: Int64, _ text: String, row: Int) {
        takeTyped(.integer(value), text, row)
    }

    public mutating func take(number value: Double, _ text: String, row: Int) {
        takeTyped(.number(value), text, row)
    }

    public mutating func take(boolean value: Bool, row: Int) {
        takeTyped(.boolean, value ? "true" : "false", row)
    }

    public mutating func take(days value: Int32, _ text: String, row: Int) {
        takeTyped(.date(value), text, row)
    }

    public mutating func take(microseconds value: Int64, _ text: String, row: Int) {
        takeTyped(.timestamp(value), text, row)
    }

    /// Takes JSON within a value.
    public mutating func take(nested isArray: Bool, _ text: String, row: Int) {
        var text = text
        text.withUTF8 { take(isArray ? .array : .object, $0, row: row) }
    }

    private mutating func takeTyped(_ reading: FieldBytes.Reading, _ text: String, _ row: Int) {
        var text = text
        text.withUTF8 { take(extend(reading, $0), $0, row: row) }
    }
}
