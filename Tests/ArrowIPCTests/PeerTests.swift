import ArrowIPC
import CanonicalJSON
import DataFrames
import Glibc
import Platform
import TableTypes
import TestTables
import Testing

/// A Python with pyarrow and polars, named by SLUICE_PEERS_PYTHON.
let peersPython: String? = {
    guard let value = getenv("SLUICE_PEERS_PYTHON"), access(value, X_OK) == 0 else {
        print("ArrowIPC: not opened in pyarrow and polars: SLUICE_PEERS_PYTHON names no program")
        return nil
    }
    return String(cString: value)
}()

@Suite struct PeerTests {
    /// A line a column.
    ///
    /// - Parameter isParsed: Whether a value of a column of JSON is what its text says.
    static func lines(_ frame: DataFrame, isParsed: Bool = false) -> [UInt8] {
        var text: [UInt8] = []
        for column in frame.columns {
            let (type, value): (String, (Int) -> JSONValue) =
                switch column.storage {
                case .boolean(let values): ("bool", { .boolean(values[$0]) })
                case .int64(let values): ("int64", { .integer(values[$0]) })
                case .float64(let values): ("float64", { .number(values[$0]) })
                case .binary(let values):
                    (
                        "binary",
                        { row in
                            .string(
                                values[row].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
                        }
                    )
                case .utf8(let values):
                    (
                        "utf8",
                        { row in
                            let text = values[row]
                            guard isParsed, column.type == .json else { return .string(text) }
                            return (try? JSONValue(parsing: Array(text.utf8))) ?? .string("no JSON: " + text)
                        }
                    )
                case .dictionary(let indices, let levels):
                    ("dictionary", { .string(levels[Int(indices[$0])]) })
                case .date32(let values): ("date32", { .integer(Int64(values[$0])) })
                case .timestamp(let values): ("timestamp", { .integer(values[$0]) })
                }
            let line: JSONValue = .object([
                "name": .string(column.name), "type": .string(type),
                "values": .array((0..<column.count).map { column.isValid($0) ? value($0) : .null }),
            ])
            text += line.canonicalBytes + [0x0A]
        }
        return text
    }

    @Test(.enabled(if: peersPython != nil, "SLUICE_PEERS_PYTHON is not set"), arguments: [0, 1, 9, 65_537])
    func `pyarrow and polars open what we write`(rows: Int) throws {
        let scratch = try Scratch()
        for nulls in [true, false] {
            let frame = try sampleFrame(rows: rows, nulls: nulls)
            try ArrowFile.write(frame, roles: ["kind": .target], to: scratch.path + "/t.arrow")
            try Files.write(Self.lines(frame), to: scratch.path + "/expected")
            try script("check \(scratch.path)/t.arrow \(scratch.path)/expected", in: scratch.path)
        }
    }

    @Test(.enabled(if: peersPython != nil, "SLUICE_PEERS_PYTHON is not set"), arguments: 0..<8)
    func `pyarrow and polars open tables made by chance`(seed: Int) throws {
        let scratch = try Scratch()
        var random = RandomTable(seed: UInt64(seed))
        let frame = try random.frame(rows: [0, 1, 9, 1000, 65_537][seed % 5], files: true).kept
        try ArrowFile.write(frame, roles: ["kind": .target], to: scratch.path + "/t.arrow")
        try Files.write(Self.lines(frame), to: scratch.path + "/expected")
        try script("check \(scratch.path)/t.arrow \(scratch.path)/expected", in: scratch.path)
    }

    @Test(.enabled(if: peersPython != nil, "SLUICE_PEERS_PYTHON is not set"), arguments: 1...4)
    func `we open what pyarrow and polars write`(seed: Int) throws {
        let scratch = try Scratch()
        try script("make \(scratch.path) \(seed)", in: scratch.path)
        let files = try Files.list(scratch.path).filter { $0.hasSuffix(".arrow") }
        #expect(files.count == 16)
        for file in files {
            let frame = try ArrowFile.read(scratch.path + "/" + file).frame
            let text = try Files.read(scratch.path + "/" + file.replacing(".arrow", with: ".expected"))
            let expected = try text.split(separator: 0x0A).map { try JSONValue(parsing: Array($0)) }
            #expect(frame.names == expected.compactMap { $0["name"]?.string })
            let found = try Self.lines(frame, isParsed: true).split(separator: 0x0A).map {
                try JSONValue(parsing: Array($0))
            }
            for (found, expected) in zip(found, expected) {
                #expect(
                    found["values"]?.canonicalText == expected["values"]?.canonicalText,
                    "seed \(seed), \(file), \(found["name"]?.string ?? "")")
            }
        }
    }

    private func script(_ arguments: String, in folder: String) throws {
        let here = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined()
        let command =
            "\(try #require(peersPython)) \(here)/peers/check_arrow.py \(arguments) > \(folder)/out 2>&1"
        let status = try #require(popen(command, "r").map { pclose($0) })
        let said = String(decoding: try Files.read(folder + "/out"), as: UTF8.self)
        #expect(status == 0, "\(said)")
    }
}
