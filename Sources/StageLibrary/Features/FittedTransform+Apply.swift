import DataFrames
import Estimators
import PipelineLanguage
import Platform
import Synchronization
import TableTypes

extension FittedTransform {
    /// The features of a table as numbers; null is NaN. Columns that are no features, the target among them, are not
    /// looked at.
    ///
    /// - Returns: `outputNames` and their values, row after row.
    /// - Throws: `StageError`: a feature is missing or of another type, or has a level that was not there when fitting,
    ///   under `unknown: error`.
    /// - Complexity: O(rows × output columns).
    public func matrix(
        _ frame: DataFrame, threads: Int = 1
    ) throws -> (columns: [String], values: [Double]) {
        let names = outputNames
        let width = names.count
        let numeric = outputs.filter(\.isNumeric)
        let columns = DataFrame(checked: try inputColumns.map { try column($0, of: frame) })
        let pieces = stride(from: 0, to: frame.count, by: Self.rowsAtOnce).map { first in
            first..<min(first + Self.rowsAtOnce, frame.count)
        }
        let faults = Mutex<[Int: any Error]>([:])
        let values = [Double](unsafeUninitializedCapacity: frame.count * width) { values, count in
            let start = Places(start: values.baseAddress)
            WorkerPool(size: threads).runEach(pieces.count) { number in
                let range = pieces[number]
                do {
                    let rows = try rows(of: columns.rows(range), first: range.lowerBound)
                    guard let start = start.start else { return }
                    Self.write(numeric, rows, range.count, to: start + range.lowerBound * width, width)
                } catch {
                    faults.withLock { $0[number] = error }
                }
            }
            count = frame.count * width
        }
        // The first rows that are wrong, whichever thread was first.
        if let fault = faults.withLock({ $0.min { $0.key < $1.key } }) { throw fault.value }
        return (names, values)
    }

    /// Memory that each thread writes its own part of.
    private struct Places: @unchecked Sendable {
        let start: UnsafeMutablePointer<Double>?
    }

    /// Rows that are written at once: few enough that they stay in the first level of the cache until all features are.
    private static let rowsWrittenAtOnce = 64

    private static func write(
        _ shapes: [FeatureShape], _ rows: FeatureRows, _ count: Int, to start: UnsafeMutablePointer<Double>,
        _ width: Int
    ) {
        let features = shapes.map { shape -> (values: NumericValues, width: Int) in
            let values: NumericValues =
                switch rows[shape.name] {
                case .column(let column)?: .numbers(column.numbers ?? [])
                case .places(let places)?: .places(places, nil)
                case .weighted(let places, let values)?: .places(places, values)
                case .dense(let numbers)?: .dense(numbers, shape.outputNames.count)
                case .sparse(let rows)?: .sparse(rows)
                case nil: preconditionFailure("no values of '\(shape.name)'")
                }
            return (values, shape.outputNames.count)
        }
        for first in stride(from: 0, to: count, by: rowsWrittenAtOnce) {
            let end = min(first + rowsWrittenAtOnce, count)
            var place = start + first * width
            place.initialize(repeating: 0, count: (end - first) * width)
            for (values, own) in features {
                values.write(first..<end, to: place, width)
                place += own
            }
        }
    }

    /// The values of a feature in a matrix that is zero.
    private enum NumericValues {
        case numbers([Double])
        case places([Int32], [Double]?)
        case dense([Double], Int)
        case sparse(SparseRows<Double>)

        func write(_ rows: Range<Int>, to place: UnsafeMutablePointer<Double>, _ width: Int) {
            var place = place
            switch self {
            case .dense(let numbers, let own):
                for row in rows {
                    for part in 0..<own { place[part] = numbers[row * own + part] }
                    place += width
                }
            case .sparse(let sparse):
                for row in rows {
                    for entry in sparse.offsets[row]..<sparse.offsets[row + 1] {
                        place[Int(sparse.columns[entry])] = sparse.values[entry]
                    }
                    place += width
                }
            case .numbers(let numbers):
                numbers.withUnsafeBufferPointer { numbers in
                    for row in rows {
                        place.pointee = numbers[row]
                        place += width
                    }
                }
            case .places(let places, let values):
                places.withUnsafeBufferPointer { places in
                    for row in rows {
                        if places[row] >= 0 { place[Int(places[row])] = values?[row] ?? 1 }
                        place += width
                    }
                }
            }
        }
    }

    private func column(_ name: String, of frame: DataFrame) throws -> DataColumn {
        guard let column = frame[name] else {
            throw StageError(StageLibraryFinding.unknownColumn(name, known: frame.names))
        }
        return column
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
        case .weighted(let places, let values)?:
            shape.outputNames.enumerated().map { part, name in
                let numbers = zip(places, values).map { $0 == Int32(part) ? $1 : 0 }
                return DataColumn(name, .number, .float64(numbers))
            }
        case .dense(let numbers)?:
            shape.outputNames.enumerated().map { part, name in
                let own = stride(from: part, to: numbers.count, by: shape.outputNames.count).map {
                    numbers[$0]
                }
                return DataColumn(
                    name, .number, .float64(own.map { $0.isNaN ? 0 : $0 }),
                    validity: ValidityBitmap(own.map { !$0.isNaN }))
            }
        case .sparse(let rows)?:
            columns(rows, shape.outputNames)
        case nil: preconditionFailure("no values of '\(shape.name)'")
        }
    }

    private static func columns(_ rows: SparseRows<Double>, _ names: [String]) -> [DataColumn] {
        var numbers = [[Double]](repeating: [Double](repeating: 0, count: rows.count), count: names.count)
        for row in 0..<rows.count {
            for entry in rows.offsets[row]..<rows.offsets[row + 1] {
                numbers[Int(rows.columns[entry])][row] = rows.values[entry]
            }
        }
        return zip(names, numbers).map { DataColumn($0, .number, .float64($1)) }
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
