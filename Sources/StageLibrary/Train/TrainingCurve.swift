import ArrowIPC
import DataFrames
import TableTypes

/// Loss by epoch, as the `curve` output holds it.
struct TrainingCurve {
    struct Row {
        /// From 1; Newton's method counts iterations.
        var epoch: Int
        var steps: Int
        var trainingLoss: Double
        var validationLoss: Double?
    }

    var rows: [Row] = []

    static let type = TableType([
        Column("epoch", .integer, isNullable: false), Column("steps", .integer, isNullable: false),
        Column("training_loss", .number, isNullable: false), Column("validation_loss", .number),
    ])

    func table() throws(DataFrameError) -> ArrowTable {
        let held = ValidityBitmap(rows.lazy.map { $0.validationLoss != nil })
        return ArrowTable(
            frame: try DataFrame([
                DataColumn("epoch", .integer, .int64(rows.map { Int64($0.epoch) })),
                DataColumn("steps", .integer, .int64(rows.map { Int64($0.steps) })),
                DataColumn("training_loss", .number, .float64(rows.map(\.trainingLoss))),
                DataColumn(
                    "validation_loss", .number, .float64(rows.map { $0.validationLoss ?? 0 }),
                    validity: held),
            ]))
    }
}
