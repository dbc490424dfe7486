import CanonicalJSON
import DataFrames
import Platform
import TableTypes

let projectRoot = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
let goldens = projectRoot + "/Tests/StageLibraryTests/Goldens"

/// The 1,000 rows of pipelines/data, types as inferred.
func germanCredit() throws -> DataFrame {
    try CSVRecords(
        scanning: Files.read(projectRoot + "/pipelines/data/german_credit.csv"), CSVFormat()
    ).dataFrame()
}

func frame(_ columns: DataColumn...) throws -> DataFrame { try DataFrame(columns) }

extension DataColumn {
    /// Nil is null.
    static func integers(_ name: String, _ values: [Int64?]) -> DataColumn {
        DataColumn(
            name, .integer, .int64(values.map { $0 ?? 0 }), validity: ValidityBitmap(values.map { $0 != nil })
        )
    }

    static func numbers(_ name: String, _ values: [Double?]) -> DataColumn {
        DataColumn(
            name, .number, .float64(values.map { $0 ?? 0 }),
            validity: ValidityBitmap(values.map { $0 != nil }))
    }

    static func texts(_ name: String, _ values: [String?]) -> DataColumn {
        DataColumn(
            name, .text, .utf8(StringStorage(values.map { $0 ?? "" })),
            validity: ValidityBitmap(values.map { $0 != nil }))
    }

    static func categories(_ name: String, _ values: [String?], levels: [String]) -> DataColumn {
        DataColumn(
            name, .category,
            .dictionary(
                indices: values.map { value in Int32(levels.firstIndex { $0 == value } ?? 0) }, levels: levels
            ),
            validity: ValidityBitmap(values.map { $0 != nil }))
    }
}
