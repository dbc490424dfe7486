import BenchLoop
import CanonicalJSON
import DataFrames
import PipelineLanguage
import StageLibrary
import TableTypes

extension Case {
    /// What features.fit and clean.table do, over a million rows in memory.
    static var preparing: [Case] {
        let numbers = ["amount", "balance", "rate", "score", "quantity", "visits"]
        let steps: JSONValue = [
            ["impute": ["columns": .strings(numbers), "strategy": "median"]],
            ["scale": ["columns": .strings(numbers), "method": "standard"]],
            ["encode": ["columns": ["city", "kind"]]],
        ]
        return ["features dense", "features dense by hand"].flatMap { name in
            onOneAndTwo(name) { name, threads in
                of(name) {
                    let frame = try DataFrame((numbers + ["city", "kind"]).map { Inputs.events[$0]! })
                    return {
                        let transform = try FittedTransform.fit(
                            steps: steps, target: nil, on: frame, threads: threads)
                        return try transform.matrix(frame, threads: threads)
                    }
                } summary: { matrix in
                    Summary.text(columns(matrix), isRounded: true)
                }
            }
        }
    }

    private static func columns(_ matrix: (columns: [String], values: [Double])) -> [DataColumn] {
        let width = matrix.columns.count
        return matrix.columns.enumerated().map { place, name in
            let values = stride(from: place, to: matrix.values.count, by: width).map { matrix.values[$0] }
            return DataColumn(name, .number, .float64(values))
        }
    }
}
