import ArrowIPC
import BenchLoop
import DataFrames
import StageLibrary
import TableTypes

/// What cases work on, read when it is first needed.
enum Inputs {
    static func path(_ name: String) -> String { "\(CommandLine.arguments[1])/\(name)" }
    static func output(_ name: String) -> String { "\(CommandLine.arguments[2])/sluice-\(name)" }

    /// Of events.csv and events.jsonl.
    ///
    /// - Parameter dates: Whether the columns `day` and `at` are read as a date and a time rather than as texts.
    static func events(dates: Bool) -> TableSchema {
        TableSchema([
            .init("id", .integer), .init("account", .integer), .init("amount", .number),
            .init("balance", .number), .init("rate", .number), .init("score", .number),
            .init("quantity", .integer), .init("flag", .boolean), .init("city", .string),
            .init("kind", .string), .init("day", dates ? .date : .string),
            .init("at", dates ? .datetime : .string), .init("note", .string), .init("code", .string),
            .init("visits", .integer),
        ])
    }

    /// A million rows, with dates.
    static let events = read("events.csv", events(dates: true))

    /// The same as an Arrow file.
    static let eventsFile: String = {
        let path = output("events.arrow")
        Case.orStop { try ArrowFile.write(events, to: path) }
        return path
    }()

    static let left = read(
        "left.csv",
        TableSchema([
            .init("close", .integer), .init("scattered", .integer), .init("text", .string),
            .init("half", .integer), .init("few", .string), .init("x", .number), .init("n", .integer),
        ]))

    /// The same in pieces of as many rows as `join.tables` takes at once.
    static let leftPieces: [DataFrame] = stride(from: 0, to: left.count, by: 262_144).map { start in
        var piece = DataFrameBuilder()
        piece.append(left, start..<min(start + 262_144, left.count))
        return piece.take()
    }

    static let right = read(
        "right.csv",
        TableSchema([
            .init("close", .integer), .init("scattered", .integer), .init("text", .string),
            .init("v", .number), .init("label", .string),
        ]))

    private static func read(_ name: String, _ schema: TableSchema) -> DataFrame {
        Case.orStop { try StageLibrary.table(ofCSV: path(name), schema, threads: 1).frame }
    }
}
