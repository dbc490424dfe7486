import DataFrames
import TableTypes

/// The values of a target as classes.
enum ClassLabels {
    /// Beyond it a target is rather a number, a text or a key than a class.
    static let limit = 100

    /// Whether a column of the type can hold classes.
    static func isTarget(_ type: ColumnType) -> Bool {
        switch type {
        case .boolean, .integer, .category, .text: true
        case .number, .date, .timestamp, .image, .audio, .series, .vector, .json: false
        }
    }

    /// The classes that rows have, ascending: integers by value, false before
    /// true, texts by their UTF-8 bytes. A level no row has is no class.
    ///
    /// - Throws: `targetType`, `targetWithoutValue`, `tooManyClasses`, `oneClass`.
    static func classes(of column: DataColumn) throws(ModelFinding) -> [String] {
        let classes: [String]
        switch column.storage {
        case .boolean, .utf8, .dictionary:
            classes = Set(try texts(of: column)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        case .int64(let values):
            _ = try texts(of: column)
            classes = Set(values).sorted().map { String($0) }
        case .float64, .binary, .date32, .timestamp: throw .targetType(column: column.name, type: column.type)
        }
        guard classes.count <= limit else {
            throw .tooManyClasses(column: column.name, classes: classes.count)
        }
        if classes.count == 1 { throw .oneClass(column: column.name, level: classes[0]) }
        return classes
    }

    /// The place of each row's class.
    ///
    /// - Throws: `targetType`, `targetWithoutValue`, `labelWithoutClass`.
    static func codes(of column: DataColumn, in classes: [String]) throws(ModelFinding) -> [Int] {
        let places = Dictionary(classes.enumerated().map { ($1, $0) }) { first, _ in first }
        var codes: [Int] = []
        codes.reserveCapacity(column.count)
        for (row, text) in try texts(of: column).enumerated() {
            guard let place = places[text] else {
                throw .labelWithoutClass(column: column.name, row: row + 1, level: text, known: classes)
            }
            codes.append(place)
        }
        return codes
    }

    private static func texts(of column: DataColumn) throws(ModelFinding) -> [String] {
        guard isTarget(column.type) else { throw .targetType(column: column.name, type: column.type) }
        if let row = (0..<column.count).first(where: { !column.isValid($0) }) {
            throw .targetWithoutValue(column: column.name, row: row + 1, rows: column.nullCount)
        }
        return switch column.storage {
        case .boolean(let values): values.map { $0 ? "true" : "false" }
        case .int64(let values): values.map { String($0) }
        case .utf8, .dictionary: (0..<column.count).map { column.string($0) ?? "" }
        case .float64, .binary, .date32, .timestamp: []
        }
    }
}
