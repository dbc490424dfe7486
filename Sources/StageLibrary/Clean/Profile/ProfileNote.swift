import Charts
import Estimators
import TableTypes

/// Something about a table that its user should know before they go on.
struct ProfileNote {
    enum Weight: String {
        case high = "look first"
        case medium = "look"
        case low = "good to know"
    }

    var weight: Weight
    /// A column, two of them, or the table.
    var subject: String
    var text: String

    /// The weightiest first, then in the order of the columns.
    static func all(_ table: ProfiledTable) -> [ProfileNote] {
        var notes: [ProfileNote] = []
        if table.repeated > 0 {
            notes.append(
                .init(
                    weight: table.repeatedShare >= 0.05 ? .high : .medium, subject: "all rows",
                    text:
                        "\(NumberText.count(table.repeated)) \(table.repeated == 1 ? "row repeats" : "rows repeat") "
                        + "one before (\(ValueText.share(table.repeatedShare)))."))
        }
        for column in table.columns { notes += of(column, table.rows) }
        for name in table.reference?.missingColumns ?? [] {
            notes.append(
                .init(
                    weight: .high, subject: name, text: "The reference has this column, the table does not."))
        }
        notes += table.relations.filter { ($0.strength ?? 0) >= 0.95 }.map { relation in
            .init(
                weight: .medium, subject: "\(relation.one), \(relation.other)",
                text:
                    "They say nearly the same: \(relation.name) \(NumberText.fixed(relation.value ?? 0, 3)).")
        }
        let order: [Weight] = [.high, .medium, .low]
        return order.flatMap { weight in notes.filter { $0.weight == weight } }
    }

    private static func of(_ column: ProfiledColumn, _ rows: Int) -> [ProfileNote] {
        var notes: [ProfileNote] = []
        func add(_ weight: Weight, _ text: String) {
            notes.append(.init(weight: weight, subject: column.name, text: text))
        }
        if rows > 0, column.present == 0 {
            add(.high, "No row has a value.")
        } else if column.isConstant {
            add(.high, "All values are equal: \(ValueText.level(column.mostFrequent?.level ?? "")).")
        } else if let share = column.largestShare, share >= ProfiledTable.nearlyAll, column.present > 1 {
            add(
                .medium,
                "\(ValueText.share(share)) of the values are \(ValueText.level(column.mostFrequent?.level ?? ""))."
            )
        }
        if column.present > 0, column.missingShare >= 0.05 {
            add(
                column.missingShare >= 0.4 ? .high : .medium,
                "\(ValueText.share(column.missingShare)) of the rows have no value.")
        }
        if let drift = column.drift { notes += of(drift, column.name) }
        switch column.values {
        case .numbers(let numbers) where !column.isTime:
            if numbers.moments.infinite > 0 {
                add(.high, "\(NumberText.count(numbers.moments.infinite)) values are infinite.")
            }
            if let skewness = numbers.moments.skewness, skewness.magnitude >= 3 {
                add(.low, "A long tail: skewness \(NumberText.fixed(skewness, 1)).")
            }
            let outliers = Double(numbers.outliers) / Double(max(1, numbers.sampled))
            if outliers >= 0.05, !column.isConstant {
                add(.low, "\(NumberText.percent(outliers)) of the values lie outside Tukey's fences.")
            }
            if column.type == .integer, numbers.distinct == column.present, column.present == rows, rows > 20
            {
                add(.low, "All values are different, as of a key.")
            }
        case .texts(let texts) where !texts.areFiles:
            if texts.distinct == column.present, column.present > 20 {
                add(.low, "All texts are different, as of a key or of free text.")
            }
        case .levels(let levels) where levels.counts.count > 50:
            add(.low, "\(levels.counts.count) levels; one-hot encoding makes a column of each.")
        default: break
        }
        return notes
    }

    private static func of(_ drift: ColumnDrift, _ name: String) -> [ProfileNote] {
        switch drift {
        case .absent: [.init(weight: .high, subject: name, text: "The reference has no such column.")]
        case .otherType(let type):
            [.init(weight: .high, subject: name, text: "In the reference it is of type \(type.rawValue).")]
        case .measured(let index, _) where index >= ColumnDrift.some:
            [
                .init(
                    weight: index >= ColumnDrift.much ? .high : .medium, subject: name,
                    text: "It has moved from the reference: PSI \(NumberText.fixed(index, 3)).")
            ]
        case .measured, .notMeasured: []
        }
    }
}
