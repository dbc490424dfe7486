import ArrowIPC
import CanonicalJSON
import DataFrames
import Glibc
import Platform
import TableTypes
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
    static func expected(_ frame: DataFrame) -> [UInt8] {
        var text: [UInt8] = []
        for column in frame.columns {
            let (type, value): (String, (Int) -> JSONValue) =
                switch column.storage {
                case .boolean(let values): ("bool", { .boolean(values[$0]) })
                case .int64(let values): ("int64", { .integer(values[$0]) })
                case .float64(let values): ("float64", { .number(values[$0]) })
                case .utf8(let values): ("utf8", { .string(values[$0]) })
                case .binary(let values):
                    (
                        "binary",
                        { row in
                            .string(
                                values[row].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
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
            try Files.write(Self.expected(frame), to: scratch.path + "/expected")
            let script = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined()
            let command =
                "\(try #require(peersPython)) \(script)/peers/check_arrow.py \(scratch.path)/t.arrow"
                + " \(scratch.path)/expected > \(scratch.path)/out 2>&1"
            let status = try #require(popen(command, "r").map { pclose($0) })
            let said = String(decoding: try Files.read(scratch.path + "/out"), as: UTF8.self)
            #expect(status == 0, "\(said)")
        }
    }
}
