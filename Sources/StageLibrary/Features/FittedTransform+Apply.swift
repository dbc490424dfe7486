import DataFrames
import PipelineLanguage
import TableTypes

extension FittedTransform {
    /// The features of a table as numbers; null is NaN. Columns that are no features, the target among them, are not
    /// looked at.
    ///
    /// - Returns: `outputNames` and their values, row after row.
    /// - Throws: `StageError`: a feature is missing or of another type, or has a level that was not there when fitting,
    ///   under `unknown: error`.
    /// - Complexity: O(rows × output columns).
    public func matrix(_ frame: DataFrame) throws -> (columns: [String], values: [Double]) {
        let names = outputNames
        let width = names.count
        var values = [Double](repeating: 0, count: frame.count * width)
        let rows = try rows(of: frame, first: 0)
        var offset = 0
        for shape in outputs where shape.isNumeric {
            switch rows[shape.name] {
            case .column(let column)?:
                for (row, number) in (column.numbers ?? []).enumerated() {
                    values[row * width + offset] = number
                }
            case .places(let places)?:
                for (row, place) in places.enumerated() where place >= 0 {
                    values[row * width + offset + Int(place)] = 1
                }
            case nil: preconditionFailure("no values of '\(shape.name)'")
            }
            offset += shape.outputNames.count
        }
        return (names, values)
    }

    /// The table with its features transformed in place, an encoded one replaced by a boolean column a level; what a
    /// step has given a new name behind all other columns, which are as they were.
    ///
    /// - Parameter first: Rows before these, for errors.
    /// - Throws: As `matrix`, and if two columns would have one name.
    public func apply(_ frame: DataFrame, first: Int = 0) throws -> DataFrame {
        let rows = try rows(of: frame, first: first)
        let inputs = Set(inputColumns)
        let shapes = Dictionary(uniqueKeysWithValues: outputs.map { ($0.name, $0) })
        var columns: [DataColumn] = []
        for column in frame.columns {
            guard inputs.contains(column.name) else {
                columns.append(column)
                continue
            }
            if let shape = shapes[column.name] { columns += Self.columns(shape, rows) }
        }
        for shape in outputs where !inputs.contains(shape.name) { columns += Self.columns(shape, rows) }
        do {
            return try DataFrame(columns)
        } catch {
            guard case .duplicateColumn(let name) = error else { throw error }
            throw StageError(StageLibraryFinding.duplicateOutput(name))
        }
    }

    private static func columns(_ shape: FeatureShape, _ rows: FeatureRows) -> [DataColumn] {
        switch rows[shape.name] {
        case .column(let column)?: [column]
        case .places(let places)?:
            shape.outputNames.enumerated().map { part, name in
                DataColumn(name, .boolean, .boolean(places.map { $0 == Int32(part) }))
            }
        case nil: preconditionFailure("no values of '\(shape.name)'")
        }
    }

    /// What the steps make of rows.
    private func rows(of frame: DataFrame, first: Int) throws -> FeatureRows {
        do throws(StageLibraryFinding) {
            var rows = try FeatureRows(frame, inputColumns)
            for (column, input) in zip(rows.columns(inputColumns), inputs)
            where !FeatureShape.isSameKind(column.type, input.type) {
                throw .columnChangedType(column: column.name, type: column.type, expected: input.type)
            }
            for step in steps { try rows.apply(step.step, step.columns, first: first) }
            return rows
        } catch {
            throw StageError(error)
        }
    }
}
