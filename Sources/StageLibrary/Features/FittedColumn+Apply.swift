import CanonicalJSON
import DataFrames
import TableTypes

extension FittedColumn {
    /// What the steps make of one column.
    enum Result {
        case column(DataColumn)
        /// By row, the place of its level; -1 for null and for an unknown one.
        case levels([Int32])
    }

    /// - Throws: `columnChangedType`, `unknownLevel`.
    func apply(to column: DataColumn) throws(StageLibraryFinding) -> Result {
        guard Self.isSameKind(column.type, type) else {
            throw .columnChangedType(column: name, type: column.type, expected: type)
        }
        var column = column
        for step in steps {
            if case .encode(let levels, let unknown) = step {
                return .levels(try places(of: column, levels, unknown))
            }
            column = Self.applied(step, to: column)
        }
        return .column(column)
    }

    /// What a server is sent may have 3 where the training table had 3.0.
    static func isSameKind(_ a: ColumnType, _ b: ColumnType) -> Bool {
        func isText(_ type: ColumnType) -> Bool { type == .category || type == .text }
        return a == b || a.isNumeric && b.isNumeric || isText(a) && isText(b)
    }

    /// One step that leaves one column.
    static func applied(_ step: Step, to column: DataColumn) -> DataColumn {
        switch step {
        case .impute(let value, let asNumber): return imputed(column, value, asNumber: asNumber)
        case .scale(let center, let divisor):
            let values = (column.numbers ?? []).map { ($0 - center) / divisor }
            return DataColumn(
                column.name, .number, .float64(zeroed(values, column)), validity: present(column))
        case .encode: return column
        }
    }

    /// Rows that hold a value; NaN counts as null.
    private static func present(_ column: DataColumn) -> ValidityBitmap? {
        guard case .float64(let values) = column.storage else { return column.validity }
        return ValidityBitmap(values.indices.lazy.map { column.isValid($0) && !values[$0].isNaN })
    }

    /// What stands in a null row means nothing, so it is always the same.
    private static func zeroed(_ values: [Double], _ column: DataColumn) -> [Double] {
        values.map { $0.isNaN ? 0 : $0 }
    }

    private static func imputed(_ column: DataColumn, _ value: JSONValue, asNumber: Bool) -> DataColumn {
        let name = column.name
        func filled<T>(_ values: [T], _ fill: T) -> [T] {
            column.nullCount == 0 ? values : values.indices.map { column.isValid($0) ? values[$0] : fill }
        }
        if asNumber || column.type == .number {
            let fill = value.number ?? 0
            return DataColumn(
                name, .number, .float64((column.numbers ?? []).map { $0.isNaN ? fill : $0 }))
        }
        switch column.storage {
        case .boolean(let values):
            return DataColumn(name, column.type, .boolean(filled(values, value.bool ?? false)))
        case .int64(let values):
            return DataColumn(name, column.type, .int64(filled(values, value.integer ?? 0)))
        case .utf8:
            let fill = value.string ?? ""
            let strings = (0..<column.count).lazy.map { column.string($0) ?? fill }
            return DataColumn(name, column.type, .utf8(StringStorage(strings)))
        case .dictionary(let indices, var levels):
            guard column.nullCount > 0 else { return column }
            let fill = value.string ?? ""
            let place =
                levels.firstIndex { TextKey($0) == TextKey(fill) }
                ?? {
                    levels.append(fill)
                    return levels.count - 1
                }()
            return DataColumn(
                name, column.type, .dictionary(indices: filled(indices, Int32(place)), levels: levels))
        case .float64, .binary, .date32, .timestamp: return column
        }
    }

    private func places(
        of column: DataColumn, _ levels: [String], _ unknown: FeatureStep.UnknownLevel
    ) throws(StageLibraryFinding) -> [Int32] {
        let known = TextPlaces(levels)
        var result = [Int32](repeating: -1, count: column.count)
        var byIndex: [Int32?] = []
        if case .dictionary(_, let own) = column.storage { byIndex = own.map { known[$0] } }
        for row in result.indices where column.isValid(row) {
            let place: Int32?
            switch column.storage {
            case .dictionary(let indices, _): place = byIndex[Int(indices[row])]
            default: place = known[Self.level(column, row)]
            }
            if let place {
                result[row] = place
            } else if unknown == .error {
                throw .unknownLevel(
                    column: name, row: row + 1, level: Self.level(column, row), known: levels)
            }
        }
        return result
    }

    /// A valid value as the level it is.
    private static func level(_ column: DataColumn, _ row: Int) -> String {
        switch column.storage {
        case .boolean(let values): values[row] ? "true" : "false"
        case .int64(let values): String(values[row])
        case .float64(let values):
            values[row].isFinite ? JSONValue.number(values[row]).canonicalText : String(values[row])
        case .utf8, .binary, .dictionary, .date32, .timestamp: column.string(row) ?? ""
        }
    }
}
