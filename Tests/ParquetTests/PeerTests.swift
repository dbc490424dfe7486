import ArrowIPC
import CanonicalJSON
import DataFrames
import Glibc
import Parquet
import Platform
import TableTypes
import TestTables
import Testing

/// A Python with pyarrow and polars, named by SLUICE_PEERS_PYTHON.
let peersPython: String? = {
    guard let value = getenv("SLUICE_PEERS_PYTHON"), access(value, X_OK) == 0 else {
        print("Parquet: not compared with pyarrow and polars: SLUICE_PEERS_PYTHON names no program")
        return nil
    }
    return String(cString: value)
}()

@Suite struct PeerTests {
    /// What the script is told of a column, or finds in one.
    ///
    /// - Parameter isParsed: Whether a value of a column of JSON is what its text says.
    private static func words(_ column: DataColumn, isParsed: Bool = false) -> JSONValue {
        let (type, value): (String, (Int) -> JSONValue) =
            switch column.storage {
            case .boolean(let values): ("bool", { .boolean(values[$0]) })
            case .int64(let values): ("int64", { .integer(values[$0]) })
            case .float64(let values): ("float64", { .number(values[$0]) })
            case .utf8(let values):
                (
                    "utf8",
                    { row in
                        let text = values[row]
                        guard isParsed, column.type == .json else { return .string(text) }
                        return (try? JSONValue(parsing: Array(text.utf8))) ?? .string("no JSON: " + text)
                    }
                )
            case .binary: preconditionFailure("no column of bytes is written")
            case .dictionary(let indices, let levels): ("dictionary", { .string(levels[Int(indices[$0])]) })
            case .date32(let values): ("date32", { .integer(Int64(values[$0])) })
            case .timestamp(let values): ("timestamp", { .integer(values[$0]) })
            }
        return .object([
            "name": .string(column.name), "type": .string(type),
            "values": .array((0..<column.count).map { column.isValid($0) ? value($0) : .null }),
        ])
    }

    private func script(_ arguments: String, in folder: String) throws {
        let command =
            "\(try #require(peersPython)) \(here)/peers/check_parquet.py \(arguments) > \(folder)/out 2>&1"
        let status = try #require(popen(command, "r").map { pclose($0) })
        let said = String(decoding: try Files.read(folder + "/out"), as: UTF8.self)
        #expect(status == 0, "\(said)")
    }

    @Test(.enabled(if: peersPython != nil, "SLUICE_PEERS_PYTHON is not set"), arguments: 0..<12)
    func `pyarrow and polars open what we write`(seed: Int) throws {
        let scratch = try Scratch()
        var random = RandomTable(seed: UInt64(seed))
        let rows = [0, 1, 9, 40, 1000, ParquetWriter.groupRows + 9][seed % 6]
        let kept = try random.frame(rows: rows).kept
        try ParquetFile.write(kept, roles: ["kind": .target], to: scratch.path + "/t.parquet")
        var expected: [UInt8] = []
        for column in kept.columns { expected += Self.words(column).canonicalBytes + [0x0A] }
        try Files.write(expected, to: scratch.path + "/expected")
        try script("check \(scratch.path)/t.parquet \(scratch.path)/expected", in: scratch.path)
    }

    @Test(.enabled(if: peersPython != nil, "SLUICE_PEERS_PYTHON is not set"), arguments: 1...4)
    func `we open what pyarrow and polars write`(seed: Int) throws {
        let scratch = try Scratch()
        try script("make \(scratch.path) \(seed)", in: scratch.path)
        let files = try Files.list(scratch.path).filter { $0.hasSuffix(".parquet") }
        #expect(files.count == 12)
        for file in files {
            let frame = try ParquetFile.read(scratch.path + "/" + file).frame
            let text = try Files.read(scratch.path + "/" + file.replacing(".parquet", with: ".expected"))
            let expected = try text.split(separator: 0x0A).map { try JSONValue(parsing: Array($0)) }
            #expect(frame.names == expected.compactMap { $0["name"]?.string })
            for (column, expected) in zip(frame.columns, expected) {
                // The text, so that 1 and 1.0 are one number.
                let found = try JSONValue(parsing: Self.words(column, isParsed: true).canonicalBytes)[
                    "values"]
                #expect(
                    found?.canonicalText == expected["values"]?.canonicalText,
                    "seed \(seed), \(file), \(column.name)")
            }
        }
    }
}
