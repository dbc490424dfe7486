import DataFrames
import TableTypes

/// A table made by chance: every storage, values from few to all different,
/// with nulls from none to all.
public struct RandomTable {
    private var random: SplitMix
    private static let words = ["", "a", "汉字", "longer than twelve bytes", "naïve", "😀", "e\u{301}"]

    public init(seed: UInt64) { random = SplitMix(state: seed) }

    /// - Parameter files: Whether there is a column of bytes, which Parquet does not get.
    public mutating func frame(rows: Int, files: Bool = false) throws -> DataFrame {
        var columns = [
            column("flag", .boolean, rows, false) {
                $0.next() & 1 == 0
            } _: {
                .boolean($0)
            },
            column("whole", .integer, rows, 0, Self.integer) { .int64($0) },
            column("count", .number, rows, 0, Self.integer) { .int64($0) },
            column("real", .number, rows, 0, Self.number) { .float64($0) },
            column("text", .text, rows, "", Self.text) { .utf8(StringStorage($0)) },
            column("signal", .series, rows, "", Self.text) { .utf8(StringStorage($0)) },
            column("vector", .vector, rows, "", Self.text) { .utf8(StringStorage($0)) },
            column("record", .json, rows, "", Self.json) { .utf8(StringStorage($0)) },
            column("day", .date, rows, 0) {
                Int32.random(in: -800_000...2_900_000, using: &$0)
            } _: {
                .date32($0)
            },
            column("time", .timestamp, rows, 0, Self.integer) { .timestamp($0) },
            column("kind", .category, rows, 0) {
                Int32.random(in: 0..<7, using: &$0)
            } _: {
                .dictionary(indices: $0, levels: Self.words)
            },
        ]
        if files {
            columns.append(
                column("picture", .image, rows, [], Self.bytes) { values in
                    .binary(values.reduce(into: BinaryStorage()) { $0.append($1) })
                })
        }
        return try DataFrame(columns)
    }

    private static func integer(_ random: inout SplitMix) -> Int64 {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: Int64(bitPattern: random.next())
        case 1: [.min, .max, 0, -1].randomElement(using: &random)!
        default: Int64.random(in: -9...9, using: &random)
        }
    }

    private static func number(_ random: inout SplitMix) -> Double {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: Double.random(in: -1e300...1e300, using: &random)
        case 1: [0.0, .infinity, -.infinity, .leastNonzeroMagnitude].randomElement(using: &random)!
        default: Double(Int.random(in: -9...9, using: &random)) / 4
        }
    }

    private static func json(_ random: inout SplitMix) -> String {
        ["{}", "[1,null,2.5]", #"{"a":"汉字","b":[true]}"#, "7", #""text""#].randomElement(using: &random)!
    }

    private static func bytes(_ random: inout SplitMix) -> [UInt8] {
        (0..<Int.random(in: 0..<20, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    private static func text(_ random: inout SplitMix) -> String {
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
            (0..<Int.random(in: 0..<20, using: &random)).map { _ in words.randomElement(using: &random)! }
                .joined()
        default: words.randomElement(using: &random)!
        }
    }

    /// Values run for a while or change with every row, and are drawn from a few
    /// or anew, so that every way of writing them comes up.
    private mutating func column<Value>(
        _ name: String, _ type: ColumnType, _ rows: Int, _ none: Value,
        _ draw: (inout SplitMix) -> Value, _ wrap: ([Value]) -> ColumnStorage
    ) -> DataColumn {
        let pool = (0..<Int.random(in: 1...40, using: &random)).map { _ in draw(&random) }
        let isPooled = Bool.random(using: &random)
        let longest = [1, 1, 5, 40].randomElement(using: &random)!
        var values: [Value] = []
        while values.count < rows {
            let value = isPooled ? pool.randomElement(using: &random)! : draw(&random)
            let run = Int.random(in: 1...longest, using: &random)
            values += repeatElement(value, count: min(run, rows - values.count))
        }
        let share = [0, 0, 0.1, 0.9, 1].randomElement(using: &random)!
        let isThere = (0..<rows).map { _ in Double.random(in: 0..<1, using: &random) >= share }
        for row in 0..<rows where !isThere[row] { values[row] = none }
        return DataColumn(name, type, wrap(values), validity: ValidityBitmap(isThere))
    }
}

extension DataFrame {
    /// The same as far as Python can say it: its dates and times end with the year 9999, JSON has no infinity.
    public var kept: DataFrame {
        get throws {
            try DataFrame(
                columns.map { column in
                    switch column.storage {
                    case .timestamp(let values):
                        DataColumn(
                            column.name, column.type, .timestamp(values.map { $0 % 60_000_000_000_000_000 }),
                            validity: column.validity)
                    case .date32(let values):
                        DataColumn(
                            column.name, column.type, .date32(values.map { $0 % 700_000 }),
                            validity: column.validity)
                    case .float64(let values):
                        DataColumn(
                            column.name, column.type, .float64(values.map { $0.isFinite ? $0 : 0.5 }),
                            validity: column.validity)
                    default: column
                    }
                })
        }
    }
}
