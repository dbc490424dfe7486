import DataFrames
import Diagnostics
import TableTypes
import Testing

@testable import TableOperations

/// splitmix64 (Vigna, 2015): the same tables in every run.
struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A value as the slow references see it: one row at a time.
enum Cell: Hashable, CustomStringConvertible {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case date(Int32)
    case timestamp(Int64)

    var description: String {
        switch self {
        case .null: "null"
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .text(let value): "'\(value)'"
        case .date(let value): "day \(value)"
        case .timestamp(let value): "\(value) us"
        }
    }

    var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .boolean(let value): value ? 1 : 0
        default: nil
        }
    }

    /// One key for what a join or a group takes for equal.
    var key: String {
        switch self {
        case .number(let value): value.isNaN ? "nan" : value == 0 ? "0.0" : "\(value)"
        // Swift's equality of texts takes ä for a and two dots; ours is of bytes.
        case .text(let value): "\(Array(value.utf8))"
        default: description
        }
    }
}

extension DataColumn {
    func cell(_ row: Int) -> Cell {
        guard isValid(row) else { return .null }
        return switch storage {
        case .boolean(let values): .boolean(values[row])
        case .int64(let values): .integer(values[row])
        case .float64(let values): .number(values[row])
        case .utf8(let values): .text(values[row])
        case .binary(let values): .text("\(Array(values[row]))")
        case .dictionary(let indices, let levels): .text(levels[Int(indices[row])])
        case .date32(let values): .date(values[row])
        case .timestamp(let values): .timestamp(values[row])
        }
    }

    var cells: [Cell] { (0..<count).map(cell) }
}

/// A column of so many rows with few different values, some of them odd.
func randomColumn(
    _ name: String, _ type: ColumnType, rows: Int, nulls: Bool, _ random: inout Random, spread: Int = 5
) -> DataColumn {
    func draw() -> Int { Int(random.next() % UInt64(spread)) }
    let texts = ["", "a", "ä", "a\u{308}", "東京", "naïve", "zz", "A", "a much longer text than eight bytes"]
    let storage: ColumnStorage =
        switch type {
        case .boolean: .boolean((0..<rows).map { _ in draw() % 2 == 0 })
        case .integer: .int64((0..<rows).map { _ in Int64(draw() - 2) * (spread > 50 ? 1 << 40 : 1) })
        case .number:
            .float64((0..<rows).map { _ in [0.0, -0.0, .nan, 1.5, -2.25, .infinity, 0.1][draw() % 7] })
        case .category:
            .dictionary(
                indices: (0..<rows).map { _ in Int32(draw() % 4) }, levels: ["zz", "a", "東京", "unused"])
        case .date: .date32((0..<rows).map { _ in Int32(draw() * 20 - 40) })
        case .timestamp: .timestamp((0..<rows).map { _ in Int64(draw()) * 3_600_000_000 - 7 })
        default: .utf8(StringStorage((0..<rows).map { _ in texts[draw() % texts.count] }))
        }
    let validity = nulls ? ValidityBitmap((0..<rows).map { _ in random.next() % 4 != 0 }) : nil
    return DataColumn(name, type, storage, validity: validity)
}

let keyTypes: [ColumnType] = [.boolean, .integer, .number, .category, .text, .date, .timestamp]

/// A number's bits, so that NaN is one with itself.
func sameBits(_ a: [Cell], _ b: [Cell]) -> Bool {
    a.count == b.count
        && zip(a, b).allSatisfy { x, y in
            if case .number(let x) = x, case .number(let y) = y {
                return x.isNaN && y.isNaN || x.bitPattern == y.bitPattern
            }
            return x.key == y.key
        }
}

/// What is wrong with an expression, with carets under the words.
func problems(_ text: String, _ table: TableType) -> String {
    describe(RowExpression.compile(text, over: table).findings)
}

func describe(_ findings: [PlacedFinding]) -> String {
    findings.map { placed in
        ([
            "\(placed.span.offset)+\(placed.span.length) \(placed.finding.code): \(placed.finding.message)"
        ]
            + placed.finding.notes.map { "  \($0.label): \($0.text)" }
            + (placed.finding.fix.map { ["  fix: \($0)"] } ?? []))
            .joined(separator: "\n")
    }.joined(separator: "\n")
}
