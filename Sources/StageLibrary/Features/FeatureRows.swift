import DataFrames
import TableTypes

/// Some rows while steps are done to them, one after the other.
struct FeatureRows {
    /// A feature with its values.
    struct Item: FeatureItem {
        let name: String
        let values: FeatureValues
    }

    private var items: FeatureItems<Item>

    /// - Throws: Where the rows lack one of the columns.
    init(_ frame: DataFrame, _ names: [String]) throws(StageLibraryFinding) {
        var found: [Item] = []
        for name in names {
            guard let column = frame[name] else { throw .unknownColumn(name, known: frame.names) }
            found.append(Item(name: name, values: .column(column)))
        }
        items = FeatureItems(found)
    }

    subscript(name: String) -> FeatureValues? { items[name]?.values }

    /// - Precondition: They are there, and none of them is a vector that a step has made.
    func columns(_ names: [String]) -> [DataColumn] {
        names.map { name in
            guard case .column(let column)? = self[name] else {
                preconditionFailure("'\(name)' is no column at this step")
            }
            return column
        }
    }

    mutating func apply(
        _ step: some FittedStep, _ names: [String], first: Int
    ) throws(StageLibraryFinding) {
        let columns = columns(names)
        let shapes = columns.map { FeatureShape(name: $0.name, type: $0.type) }
        guard let outputs = step.outputs(of: shapes) else {
            preconditionFailure("a step does not take \(names)")
        }
        let values = try step.apply(to: columns, first: first)
        items.replace(names, by: zip(outputs, values).map { Item(name: $0.name, values: $1) })
    }
}
