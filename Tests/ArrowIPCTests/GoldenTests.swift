import ArrowIPC
import DataFrames
import Glibc
import Platform
import TableTypes
import TestTables
import Testing

/// Files of other writers; `Goldens/make.py` made them.
let goldens = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Goldens"

@Suite struct GoldenTests {
    func read(_ name: String) throws -> [String] {
        lines(try ArrowFile.read("\(goldens)/\(name).arrow").frame)
    }

    @Test func `integers of every width, signed and not`() throws {
        #expect(
            try read("pyarrow_integers") == [
                "int8 integer: -128, null, 127", "uint8 integer: 0, null, 255",
                "int16 integer: -32768, null, 32767", "uint16 integer: 0, null, 65535",
                "int32 integer: -2147483648, null, 2147483647", "uint32 integer: 0, null, 4294967295",
                "int64 integer: -9223372036854775808, null, 9223372036854775807",
                "uint64 integer: 0, null, 9223372036854775807",
            ])
    }

    @Test func `floats of every width`() throws {
        let values = "0.5, null, -0.0, inf, 65504.0, 5.960464477539063e-08"
        #expect(
            try read("pyarrow_floats")
                == ["half number: \(values)", "single number: \(values)", "double number: \(values)"])
    }

    @Test func `dates and timestamps of every unit, with a zone and without`() throws {
        let (whole, fraction) = ("0, null, 1709209800000000", "-1000, null, 1709209800000000")
        let seconds = whole.replacing("0, null", with: "-1000000, null", maxReplacements: 1)
        var expected = ["date32 date: -1, null, 19782", "date64 date: -1, null, 19782"]
        for unit in ["s", "ms", "us", "ns"] {
            let values = unit == "s" ? seconds : fraction
            expected += ["\(unit) timestamp: \(values)", "\(unit)_zone timestamp: \(values)"]
        }
        #expect(try read("pyarrow_times") == expected)
    }

    static let texts = [
        "bool boolean: true, null, false", "null text: null, null, null",
        "utf8 text: a, null, 汉字 longer than twelve bytes",
        "large text: a, null, 汉字 longer than twelve bytes",
        "view text: a, null, 汉字 longer than twelve bytes",
    ]

    @Test(arguments: ["pyarrow_texts", "pyarrow_batches", "pyarrow_v4"])
    func `texts of every layout, in one batch, in three, in the older format`(name: String) throws {
        #expect(try read(name) == Self.texts)
        let (type, rows) = try ArrowFile.type(of: "\(goldens)/\(name).arrow")
        #expect(rows == 3)
        #expect(type == (try ArrowFile.read("\(goldens)/\(name).arrow").tableType))
    }

    @Test func `dictionaries with every index, holes and deltas`() throws {
        let plain = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "large"]
        #expect(
            try read("pyarrow_dictionaries")
                == plain.map { "\($0) category: y, null, x" } + ["holes category: x, null, x"])
        #expect(try read("pyarrow_deltas") == ["d category: x, null, x, y, null, x, z, null, x"])
        let frame = try ArrowFile.read("\(goldens)/pyarrow_deltas.arrow").frame
        #expect(frame.tableType["d"]?.levels == ["x", "y", "z"])
    }

    @Test func `a table without rows keeps its columns`() throws {
        let frame = try ArrowFile.read("\(goldens)/pyarrow_empty.arrow").frame
        #expect(frame.count == 0)
        #expect(frame.names == ["bool", "null", "utf8", "large", "view"])
    }

    @Test(arguments: ["polars", "polars_oldest"])
    func `what polars writes, in its newest layouts and its oldest`(name: String) throws {
        #expect(
            try read(name) == [
                "bool boolean: true, null, false", "int8 integer: 1, null, -1",
                "uint32 integer: 1, null, 4294967295", "int64 integer: 1, null, -1",
                "float32 number: 0.5, null, -1.0", "float64 number: 0.1, null, -1.0",
                "text text: a, null, 汉字 longer than twelve bytes", "category category: y, null, x",
                "enum category: x, null, y", "date date: -1, null, 19782",
                "time timestamp: -1000, null, 1709209800000000", "null text: null, null, null",
                "zone timestamp: -1000, null, 1709209800000000",
            ])
    }

    @Test func `packed bodies, lists, and dictionaries of numbers`() throws {
        #expect(try read("pyarrow_lz4") == ["a integer: 1"])
        #expect(try read("pyarrow_zstd") == ["a integer: 1"])
        #expect(try read("pyarrow_list") == ["a json: [1]"])
        #expect(try read("pyarrow_levels") == ["a integer: 5"])
    }

    @Test(arguments: [
        (
            "uint64",
            "column 'a', row 3: 9223372036854775808 is beyond the largest integer, 9223372036854775807; cast the column to int64 or float64"
        ),
        (
            "binary",
            "column 'a' has Arrow type binary, which is not read; write it as text, or say what the bytes are: sluice.type 'image' or 'audio' in the metadata of the field"
        ),
        (
            "binary_within",
            "column 'a.b.item' has Arrow type binary, which is not read; store the bytes as files and name them in a column, or write them as text"
        ),
        (
            "binary_levels",
            "column 'a' has Arrow type dictionary of binary values, which is not read; write it as plain values, or as a dictionary of text"
        ),
        (
            "decimal",
            "column 'a' has Arrow type decimal(21, 2), which is not read; cast it to float64, or to a decimal of at most 18 digits"
        ),
        (
            "nanoseconds",
            "column 'a', row 1: the timestamp 1001 (1000000000 a second) is no whole microsecond of ours; cast the column to timestamp('us')"
        ),
        (
            "stream",
            "not an Arrow IPC file: the bytes are an Arrow IPC stream; write a file: pyarrow.ipc.new_file in place of new_stream, or polars write_ipc in place of write_ipc_stream"
        ),
    ])
    func `what is not read is said with the way out`(name: String, message: String) throws {
        let error = #expect(throws: ArrowError.self) {
            try ArrowFile.read("\(goldens)/refused_\(name).arrow")
        }
        #expect(error?.description == message)
    }

    @Test func `other bytes are named`() throws {
        let scratch = try Scratch()
        func message(_ bytes: [UInt8]) throws -> String? {
            try Files.write(bytes, to: scratch.path + "/x")
            return #expect(throws: ArrowError.self) { try ArrowFile.read(scratch.path + "/x") }?.message
        }
        let other = "not an Arrow IPC file: it must begin and end with 'ARROW1'"
        #expect(try message([]) == other)
        #expect(try message(Array("a,b\n1,2\n".utf8)) == other)
        #expect(try message(Array("PAR1".utf8)) == "not an Arrow IPC file: the bytes are Parquet")
        #expect(
            try message(Array("FEA1".utf8)) == "not an Arrow IPC file: the bytes are Feather version 1")
        let whole = try Files.read("\(goldens)/polars.arrow")
        #expect(try message(Array(whole.dropLast())) == other)
        #expect(
            try message(Array(whole.prefix(8) + whole.suffix(10)))
                == "the Arrow file is damaged: footer: it is said to have \(whole.suffix(10).prefix(2).reversed().reduce(0) { $0 << 8 | Int($1) }) bytes"
        )
        let missing = #expect(throws: ArrowError.self) { try ArrowFile.read(scratch.path + "/none") }
        #expect(missing?.description == "cannot read '\(scratch.path)/none': No such file or directory")
    }
}
