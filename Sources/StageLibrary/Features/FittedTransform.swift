import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes

/// A preparation with all it has learned from the rows it was fitted on: what
/// `features.fit` gives, and what `features.apply`, training and serving do to
/// a table before a model sees it.
///
/// The features are the columns that a step names, and those of type boolean,
/// integer or number that none does; never the target, nor a column with a
/// role. They stand in the order of the table that was fitted on.
public struct FittedTransform: Hashable, Sendable {
    /// The column that is learned; not a feature.
    public let target: String?
    let features: [FittedColumn]

    init(features: [FittedColumn], target: String?) {
        self.features = features
        self.target = target
    }

    /// Learns the steps one after the other, each from what those before it
    /// have made of the table. Nulls and NaN are not learned from.
    ///
    /// - Parameters:
    ///   - steps: The decoded parameter of `features.fit`: a list of
    ///     `{"impute": {"columns": ["a"], "strategy": "median"}}` and so on,
    ///     columns by name.
    ///   - roles: Of the table's columns, as its file tells them.
    /// - Throws: `StageError`.
    /// - Complexity: O(steps × rows log rows).
    public static func fit(
        steps: JSONValue, target: String?, roles: [String: ColumnRole] = [:], on frame: DataFrame
    ) throws -> FittedTransform {
        guard let steps = FeatureStep.list(steps) else {
            throw StageError("the steps are not of the form that features.fit declares")
        }
        do {
            if let target, frame[target] == nil {
                throw StageLibraryFinding.unknownColumn(target, known: frame.names)
            }
            return try fit(steps, target: target, roles: roles, on: frame)
        } catch let finding as StageLibraryFinding {
            throw StageError(finding)
        }
    }

    private static func fit(
        _ steps: [FeatureStep], target: String?, roles: [String: ColumnRole], on frame: DataFrame
    ) throws(StageLibraryFinding) -> FittedTransform {
        var current: [String: DataColumn] = [:]
        var fitted: [String: FittedColumn] = [:]
        for step in steps {
            for name in step.columns {
                if name == target { throw .targetInStep(column: name, step: step.operation) }
                guard let original = frame[name] else { throw .unknownColumn(name, known: frame.names) }
                var feature = fitted[name] ?? FittedColumn(name: name, type: original.type)
                let column = current[name] ?? original
                current[name] = try feature.fit(step, on: column) ?? column
                fitted[name] = feature
            }
        }
        let features = frame.columns.compactMap { column -> FittedColumn? in
            if let feature = fitted[column.name] { return feature }
            let isTaken = column.name == target || roles[column.name] != nil
            return isTaken || !Self.isFeature(column.type)
                ? nil : FittedColumn(name: column.name, type: column.type)
        }
        let transform = FittedTransform(features: features, target: target)
        var names: Set<String> = []
        for name in transform.outputNames where !names.insert(name).inserted { throw .duplicateOutput(name) }
        return transform
    }

    /// Whether a column that no step names is a feature as it is.
    static func isFeature(_ type: ColumnType) -> Bool { type == .boolean || type.isNumeric }

    /// Columns a table must have to be transformed, in the order of the table
    /// that was fitted on.
    public var inputColumns: [String] { features.map(\.name) }

    /// The same with the types it was fitted on.
    public var inputType: TableType { TableType(features.map { Column($0.name, $0.type) }) }

    /// Names of the matrix's columns: a feature's own, or `feature=level` for
    /// each level of one that is encoded. A text that no step encodes has no
    /// number and is left out.
    public var outputNames: [String] { features.filter(\.isNumeric).flatMap(\.outputNames) }

    /// The features of a table as numbers; null is NaN. Columns that are no
    /// features, the target among them, are not looked at.
    ///
    /// - Returns: `outputNames` and their values, row after row.
    /// - Throws: `StageError`: a feature is missing or of another type, or has
    ///   a level that was not there when fitting, under `unknown: error`.
    /// - Complexity: O(rows × output columns).
    public func matrix(_ frame: DataFrame) throws -> (columns: [String], values: [Double]) {
        let names = outputNames
        let width = names.count
        var values = [Double](repeating: 0, count: frame.count * width)
        var offset = 0
        for feature in features where feature.isNumeric {
            switch try result(of: feature, in: frame) {
            case .column(let column):
                for (row, number) in (column.numbers ?? []).enumerated() {
                    values[row * width + offset] = number
                }
                offset += 1
            case .levels(let places):
                for (row, place) in places.enumerated() where place >= 0 {
                    values[row * width + offset + Int(place)] = 1
                }
                offset += feature.levels?.count ?? 0
            }
        }
        return (names, values)
    }

    /// The table with its features transformed in place, an encoded one
    /// replaced by a boolean column a level; all other columns as they were.
    ///
    /// - Throws: As `matrix`, and if two columns would have one name.
    public func apply(_ frame: DataFrame) throws -> DataFrame {
        let byName = Dictionary(features.map { ($0.name, $0) }) { first, _ in first }
        for feature in features { _ = try column(of: feature, in: frame) }
        var columns: [DataColumn] = []
        for column in frame.columns {
            guard let feature = byName[column.name] else {
                columns.append(column)
                continue
            }
            switch try result(of: feature, in: frame) {
            case .column(let column): columns.append(column)
            case .levels(let places):
                for (level, name) in feature.outputNames.enumerated() {
                    columns.append(DataColumn(name, .boolean, .boolean(places.map { $0 == Int32(level) })))
                }
            }
        }
        do {
            return try DataFrame(columns)
        } catch {
            guard case .duplicateColumn(let name) = error else { throw error }
            throw StageError(StageLibraryFinding.duplicateOutput(name))
        }
    }

    private func column(of feature: FittedColumn, in frame: DataFrame) throws -> DataColumn {
        guard let column = frame[feature.name] else {
            throw StageError(StageLibraryFinding.unknownColumn(feature.name, known: frame.names))
        }
        return column
    }

    private func result(of feature: FittedColumn, in frame: DataFrame) throws -> FittedColumn.Result {
        do {
            return try feature.apply(to: try column(of: feature, in: frame))
        } catch let finding as StageLibraryFinding {
            throw StageError(finding)
        }
    }
}
