import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import TableTypes

/// Which column is the label, and what of a table the labels are judged by.
struct LabelFeatures {
    let label: String
    let columns: [String]

    /// So many coefficients at most: their second derivatives are a square of it.
    static let mostCoefficients = 4096

    static func isFeature(_ type: ColumnType) -> Bool {
        switch type {
        case .boolean, .integer, .number, .category: true
        case .text, .date, .timestamp, .image, .audio, .series, .vector, .json: false
        }
    }

    /// - Throws: `LabelFinding`.
    init(_ parameters: JSONValue, _ type: TableType) throws(LabelFinding) {
        guard
            let label = parameters["label"]?.string ?? type.columns.first(where: { $0.role == .target })?.name
        else { throw .noLabel }
        if let column = type[label], !ClassLabels.isTarget(column.type) {
            throw .labelType(column: label, type: column.type)
        }
        self.label = label
        if let named = parameters["features"]?.array?.compactMap(\.string) {
            if named.contains(label) { throw .labelIsFeature(label) }
            for name in named {
                guard let column = type[name], !Self.isFeature(column.type) else { continue }
                throw .featureType(column: name, type: column.type)
            }
            columns = named
        } else {
            columns = type.columns.filter { column in
                column.name != label && column.role == nil && Self.isFeature(column.type)
            }.map(\.name)
        }
        if columns.isEmpty, !type.isOpen { throw .noFeatures }
    }

    // MARK: Numbers

    /// The features of all rows as numbers, row by row.
    ///
    /// - Throws: `LabelFinding`, `StageError`.
    func matrix(
        _ run: StageRun, classes: Int, _ budget: MemoryBudget
    ) throws -> (values: [Double], width: Int) {
        var reader = try run.reader("in", columns: columns)
        let known = reader.type.columns.map { $0.type == .category ? $0.levels?.count ?? 0 : nil }
        let width = known.reduce(0) { $0 + ($1 ?? 1) }
        let outputs = classes == 2 ? 1 : classes
        guard width > 0 else { throw LabelFinding.noFeatures }
        guard (width + 1) * outputs <= Self.mostCoefficients else {
            throw LabelFinding.tooManyFeatures(values: width, classes: outputs, limit: Self.mostCoefficients)
        }
        let scales = try scales(run, known)
        var values = [Double](repeating: 0, count: reader.rows * width)
        try budget.check(rows: 0)
        try reader.eachBatch { frame, first in
            var start = 0
            for (place, column) in frame.columns.enumerated() {
                if case .dictionary(let indices, _) = column.storage {
                    for (row, index) in indices.enumerated() where column.isValid(row) {
                        values[(first + row) * width + start + Int(index)] = 1
                    }
                } else if let numbers = column.numbers {
                    let (mean, deviation) = scales[place]
                    for (row, number) in numbers.enumerated() {
                        let scaled = (number - mean) / deviation
                        values[(first + row) * width + start] = scaled.isFinite ? scaled : 0
                    }
                }
                start += known[place] ?? 1
            }
            try budget.check(rows: first + frame.count)
        }
        return (values, width)
    }

    /// Of each column its mean and deviation; 1 for one that is constant.
    private func scales(_ run: StageRun, _ known: [Int?]) throws -> [(mean: Double, deviation: Double)] {
        var moments = known.map { _ in Moments() }
        var reader = try run.reader("in", columns: columns)
        try reader.eachBatch { frame, _ in
            for (place, column) in frame.columns.enumerated() where known[place] == nil {
                moments[place].add(column.numbers ?? [])
            }
        }
        return moments.map { own in
            let isConstant = !(own.least < own.most)
            return (own.mean, isConstant ? 1 : own.deviation ?? 1)
        }
    }
}
