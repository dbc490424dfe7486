import TableTypes

/// A field that does not read as its column's type.
public struct CSVValueError: Error, Hashable, Sendable, CustomStringConvertible {
    /// From 1, the header being row 1.
    public var row: Int
    public var column: String
    public var value: String
    public var type: ColumnType

    public var description: String {
        "row \(row), column '\(column)': '\(value)' is not of type \(type.rawValue)"
    }
}

extension CSVRecords {
    /// Fields that stand for no value, where none are named: only the empty
    /// one, as in Frictionless.
    public static let defaultMissing: Set<String> = [""]

    /// The narrowest type the first 10,000 values of a column fit: boolean,
    /// integer, number, date, else category if its values come four times or
    /// more on average and are at most 100, else text. A column without any
    /// value is text.
    public func inferredType(ofColumn index: Int, missing: Set<String> = defaultMissing) -> ColumnType {
        var candidates: [ColumnType] = [.boolean, .integer, .number, .date]
        var levels: Set<String> = []
        var values = 0
        for row in 0..<min(count, 10_000) {
            let field = columns[index][row]
            if missing.contains(field) { continue }
            values += 1
            candidates.removeAll { !CSVField.fits(field, $0) }
            if levels.count <= 100 { levels.insert(field) }
        }
        if values == 0 { return .text }
        return candidates.first ?? (levels.count <= 100 && levels.count * 4 <= values ? .category : .text)
    }

    /// The typed table. Columns in `types` are read as told, others inferred.
    /// Levels of a category that are not told are sorted by their bytes.
    /// - Throws: `CSVValueError` at the first field that does not fit, among
    ///   them a value outside told levels.
    public func dataFrame(
        types: TableType = .unknown, missing: Set<String> = defaultMissing
    ) throws -> DataFrame {
        try DataFrame(
            names.indices.map { index in
                let told = types[names[index]]
                return try column(
                    index, told?.type ?? inferredType(ofColumn: index, missing: missing),
                    levels: told?.levels,
                    missing: missing)
            })
    }

    private func column(
        _ index: Int, _ type: ColumnType, levels: [String]?, missing: Set<String>
    ) throws(CSVValueError) -> DataColumn {
        let fields = (0..<count).map { columns[index][$0] }
        let validity = ValidityBitmap(fields.lazy.map { !missing.contains($0) })
        func read<T>(_ none: T, _ parse: (String) -> T?) throws(CSVValueError) -> [T] {
            var values: [T] = []
            values.reserveCapacity(count)
            for (row, field) in fields.enumerated() {
                guard validity[row] else {
                    values.append(none)
                    continue
                }
                guard let value = parse(field) else {
                    throw CSVValueError(row: row + 2, column: names[index], value: field, type: type)
                }
                values.append(value)
            }
            return values
        }
        let storage: ColumnStorage
        switch type {
        case .boolean: storage = .boolean(try read(false, CSVField.boolean))
        case .integer: storage = .int64(try read(0, CSVField.integer))
        case .number: storage = .float64(try read(0, CSVField.number))
        case .date: storage = .date32(try read(0, CSVField.date))
        case .category:
            let present = Set(fields.indices.lazy.filter { validity[$0] }.map { fields[$0] })
            let known = levels ?? present.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            let places = Dictionary(
                known.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
            storage = .dictionary(indices: try read(0) { places[$0] }, levels: known)
        case .text, .timestamp, .image, .audio, .series, .vector, .json: storage = .utf8(columns[index])
        }
        // A timestamp in a CSV is kept as the text it is.
        return DataColumn(names[index], type == .timestamp ? .text : type, storage, validity: validity)
    }
}

/// How one field reads as a value.
enum CSVField {
    static func fits(_ field: String, _ type: ColumnType) -> Bool {
        switch type {
        case .boolean: boolean(field) != nil
        case .integer: integer(field) != nil
        case .number: number(field) != nil
        case .date: date(field) != nil
        default: true
        }
    }

    static func boolean(_ field: String) -> Bool? {
        switch field {
        case "true", "True", "TRUE": true
        case "false", "False", "FALSE": false
        default: nil
        }
    }

    static func integer(_ field: String) -> Int64? { Int64(field) }

    /// Decimal only: `nan`, `inf` and hexadecimal would be read by accident.
    static func number(_ field: String) -> Double? {
        let allowed = field.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
        return allowed ? Double(field) : nil
    }

    /// Days since 1970-01-01 of `YYYY-MM-DD`, in the Gregorian calendar
    /// (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    static func date(_ field: String) -> Int32? {
        let bytes = Array(field.utf8)
        guard bytes.count == 10, bytes[4] == 0x2D, bytes[7] == 0x2D else { return nil }
        var digits = [0, 0, 0]
        for (index, byte) in bytes.enumerated() where index != 4 && index != 7 {
            guard (0x30...0x39).contains(byte) else { return nil }
            let part = index < 4 ? 0 : index < 7 ? 1 : 2
            digits[part] = digits[part] * 10 + Int(byte - 0x30)
        }
        let (year, month, day) = (digits[0], digits[1], digits[2])
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard year > 0, (1...12).contains(month), (1...lengths[month - 1]).contains(day) else { return nil }
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return Int32(era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468)
    }
}
