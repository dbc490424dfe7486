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

    /// See `TextColumn.inferredType`.
    public func inferredType(ofColumn index: Int, missing: Set<String> = defaultMissing) -> ColumnType {
        column(index, missing: missing).inferredType()
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
                let texts = column(index, missing: missing)
                let told = types[names[index]]
                let type = told?.type ?? texts.inferredType()
                let (column, misfits) = texts.typed(type, levels: told?.levels)
                if let row = misfits.first {
                    throw CSVValueError(
                        row: number(ofRow: row), column: names[index], value: texts.texts[row], type: type)
                }
                return column
            })
    }
}
