import CanonicalJSON
import DataFrames
import Estimators
import TableTypes

/// A table as `clean.profile` has seen it.
struct ProfiledTable {
    struct Reference {
        var rows: Int
        /// Of the reference, which the table lacks.
        var missingColumns: [String]
    }

    var rows: Int
    var columns: [ProfiledColumn]
    /// Rows equal to one before them.
    var repeated: Int
    /// Rows that lack a value.
    var incomplete: Int
    var relations: [Relation]
    var reference: Reference?

    var cells: Int { rows * columns.count }
    var missing: Int { columns.reduce(0) { $0 + $1.missing } }
    var missingShare: Double { cells == 0 ? 0 : Double(missing) / Double(cells) }
    var repeatedShare: Double { rows == 0 ? 0 : Double(repeated) / Double(rows) }

    /// From this share on one value is nearly all there is.
    static let nearlyAll = 0.99

    var constant: [ProfiledColumn] { columns.filter { $0.isConstant || $0.present == 0 && rows > 0 } }
    var nearConstant: [ProfiledColumn] {
        columns.filter { !$0.isConstant && ($0.largestShare ?? 0) >= Self.nearlyAll }
    }
    var drifted: [ProfiledColumn] { columns.filter { $0.drift?.verdict == .drifted } }
    private var largestIndex: Double? { columns.compactMap { $0.drift?.index }.max() }

    // MARK: Metrics

    static let metricNames = [
        "columns", "constant_columns", "incomplete_rows", "missing_cells", "missing_share",
        "near_constant_columns", "repeated_rows", "repeated_share", "rows",
    ]
    /// There where there is a reference.
    static let driftNames = ["drifted_columns", "largest_psi"]

    var metrics: JSONValue {
        func count(_ value: Int) -> JSONValue { .integer(Int64(value)) }
        var metrics: JSONValue = [
            "rows": count(rows), "columns": count(columns.count), "missing_cells": count(missing),
            "missing_share": .number(missingShare), "incomplete_rows": count(incomplete),
            "repeated_rows": count(repeated), "repeated_share": .number(repeatedShare),
            "constant_columns": count(constant.count), "near_constant_columns": count(nearConstant.count),
        ]
        guard reference != nil else { return metrics }
        metrics["drifted_columns"] = count(drifted.count)
        metrics["largest_psi"] = .number(largestIndex ?? 0)
        return metrics
    }

    // MARK: The table of columns

    static let columnsType = TableType(
        ["column", "type"].map { Column($0, .text, isNullable: false) }
            + ["rows", "missing"].map { Column($0, .integer, isNullable: false) }
            + [Column("missing_share", .number, isNullable: false), Column("distinct", .integer)]
            + [Column("most_frequent", .text), Column("most_frequent_share", .number)]
            + Self.numberNames.map { Column($0, .number) }
            + ["zeros", "negatives", "infinite", "outliers"].map { Column($0, .integer) }
            + ["earliest", "latest"].map { Column($0, .text) }
            + ["psi", "ks", "chi_square", "p"].map { Column($0, .number) } + [Column("drift", .text)])

    private static let numberNames = [
        "mean", "deviation", "skewness", "minimum", "q05", "q25", "median", "q75", "q95", "maximum",
    ]

    var columnsFrame: DataFrame {
        func texts(_ name: String, _ value: (ProfiledColumn) -> String?) -> DataColumn {
            let all = columns.map(value)
            return DataColumn(
                name, .text, .utf8(StringStorage(all.map { $0 ?? "" })),
                validity: ValidityBitmap(all.map { $0 != nil }))
        }
        func integers(_ name: String, _ value: (ProfiledColumn) -> Int?) -> DataColumn {
            let all = columns.map(value)
            return DataColumn(
                name, .integer, .int64(all.map { Int64($0 ?? 0) }),
                validity: ValidityBitmap(all.map { $0 != nil }))
        }
        func numbers(_ name: String, _ value: (ProfiledColumn) -> Double?) -> DataColumn {
            let all = columns.map(value)
            return DataColumn(
                name, .number, .float64(all.map { $0 ?? 0 }), validity: ValidityBitmap(all.map { $0 != nil }))
        }
        let plain = columns.map(\.plainNumbers)
        let byName = Dictionary(
            zip(columns.map(\.name), plain).compactMap { name, own in own.map { (name, $0) } }
        ) { first, _ in first }
        return DataFrame(
            checked: [
                texts("column") { $0.name }, texts("type") { $0.type.rawValue }, integers("rows") { $0.rows },
                integers("missing") { $0.missing }, numbers("missing_share") { $0.missingShare },
                integers("distinct") { $0.distinct }, texts("most_frequent") { $0.mostFrequent?.level },
                numbers("most_frequent_share") { $0.present == 0 ? nil : $0.largestShare },
            ]
                + Self.numberNames.enumerated().map { place, name in
                    numbers(name) { column in
                        byName[column.name].flatMap { own in
                            switch place {
                            case 0: own.moments.mean
                            case 1: own.moments.deviation
                            case 2: own.moments.skewness
                            case 3: own.moments.least
                            case 9: own.moments.most
                            default: own.quantiles[place - 3]
                            }
                        }
                    }
                } + [
                    integers("zeros") { byName[$0.name]?.moments.zeros },
                    integers("negatives") { byName[$0.name]?.moments.negatives },
                    integers("infinite") { byName[$0.name]?.moments.infinite },
                    integers("outliers") { byName[$0.name]?.outliers },
                    texts("earliest") { $0.times.map { $0.0 } }, texts("latest") { $0.times.map { $0.1 } },
                    numbers("psi") { $0.drift?.index },
                    numbers("ks") { $0.drift?.statistics.ks },
                    numbers("chi_square") { $0.drift?.statistics.chiSquare },
                    numbers("p") { $0.drift?.statistics.p }, texts("drift") { $0.drift?.verdict?.rawValue },
                ])
    }
}

extension ProfiledColumn {
    /// Of a column of integers or numbers.
    fileprivate var plainNumbers: Numbers? {
        if case .numbers(let numbers) = values, !isTime { numbers } else { nil }
    }

    /// The first and the last.
    var times: (String, String)? {
        guard case .numbers(let numbers) = values, isTime else { return nil }
        return (ValueText.text(numbers.moments.least, type), ValueText.text(numbers.moments.most, type))
    }

    /// The value that comes most often; of texts only one that comes again.
    var mostFrequent: LevelCount? {
        switch values {
        case .none: nil
        case .numbers(let numbers):
            LevelCount(level: ValueText.text(numbers.mode, type), count: numbers.modeCount)
        case .levels(let levels): levels.counts.first
        case .texts(let texts): texts.mostFrequent.first
        }
    }
}

extension ColumnDrift {
    var statistics: (ks: Double?, chiSquare: Double?, p: Double?) {
        switch self {
        case .measured(_, .kolmogorovSmirnov(let statistic, let p)?): (statistic, nil, p)
        case .measured(_, .chiSquare(let statistic, _, let p)?): (nil, statistic, p)
        default: (nil, nil, nil)
        }
    }
}
