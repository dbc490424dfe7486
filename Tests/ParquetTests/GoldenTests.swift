import ArrowIPC
import DataFrames
import Parquet
import Platform
import TableTypes
import TestTables
import Testing

@Suite struct GoldenTests {
    private func read(_ name: String) throws -> [String] {
        lines(try ParquetFile.read("\(goldens)/\(name).parquet").frame)
    }

    /// What `everything` in make.py says.
    private static func everything() throws -> DataFrame {
        let rows = 300
        let words = ["", "a", "汉字", "longer than twelve bytes", "naïve"]
        let validity = ValidityBitmap((0..<rows).map { $0 % 7 != 3 })
        func column(_ name: String, _ type: ColumnType, _ storage: ColumnStorage) -> DataColumn {
            DataColumn(name, type, storage, validity: validity)
        }
        func values<T>(_ none: T, _ value: (Int) -> T) -> [T] {
            (0..<rows).map { $0 % 7 == 3 ? none : value($0) }
        }
        return try DataFrame([
            column("flag", .boolean, .boolean(values(false) { $0 % 3 == 0 })),
            column("small", .integer, .int64(values(0) { Int64($0) - 150 })),
            column("whole", .integer, .int64(values(0) { Int64($0) * -7_000_000_001 })),
            column("single", .number, .float64(values(0) { Double($0) / 4 })),
            column("real", .number, .float64(values(0) { Double($0) / 3 })),
            column("text", .text, .utf8(StringStorage(values("") { words[$0 % 5] }))),
            column("front", .text, .utf8(StringStorage(values("") { "prefix/\($0 / 10)/\($0)" }))),
            column("day", .date, .date32(values(0) { Int32($0) - 2 })),
            column("time", .timestamp, .timestamp(values(0) { Int64($0) * 1000 - 1_000_000 })),
        ])
    }

    @Test(arguments: [
        "none_1", "none_2", "snappy_1", "snappy_2", "gzip_1", "gzip_2", "zstd_1", "zstd_2", "plain", "delta",
        "split", "polars",
    ])
    func `every codec, page version and encoding`(name: String) throws {
        let path = "\(goldens)/all_\(name).parquet"
        let table = try ParquetFile.read(path)
        #expect(table.frame == (try Self.everything()))
        let (type, rows) = try ParquetFile.type(of: path)
        #expect(rows == 300)
        #expect(type == table.tableType)
        let some = try ParquetFile.read(path, columns: ["text", "small"]).frame
        #expect(some.names == ["small", "text"])
        #expect(some["small"] == table.frame["small"] && some["text"] == table.frame["text"])
    }

    @Test func `integers of every width, signed and not`() throws {
        #expect(
            try read("integers") == [
                "int8 integer: -128, null, 127", "uint8 integer: 0, null, 255",
                "int16 integer: -32768, null, 32767", "uint16 integer: 0, null, 65535",
                "int32 integer: -2147483648, null, 2147483647", "uint32 integer: 0, null, 4294967295",
                "int64 integer: -9223372036854775808, null, 9223372036854775807",
                "uint64 integer: 0, null, 9223372036854775807",
            ])
    }

    @Test func `timestamps of every unit, with a zone and without, and those of Impala`() throws {
        let values = "-1000, null, 1709209800000000"
        #expect(
            try read("times") == ["ms", "us", "ns", "zone"].map { "\($0) timestamp: \(values)" })
        #expect(try read("int96") == ["t timestamp: \(values)"])
    }

    @Test(arguments: ["32", "64", "fixed"])
    func `decimals are numbers`(name: String) throws {
        #expect(try read("decimal_\(name)") == ["d number: -1.25, null, 9999.99"])
    }

    @Test func `other types, and dictionaries where Arrow says so`() throws {
        #expect(
            try read("others") == [
                "half number: 0.5, null, -65504.0", "null text: null, null, null",
                "uuid text: 00000000-0000-0000-0000-000000000001, null, 80000000-0000-0000-0000-000000000000",
                "fixed text: ab, null, cd", "bytes text: ab, null, 汉", "large text: x, null, y",
                "category category: b, null, a", "numbers integer: 7, null, 9",
            ])
        let frame = try ParquetFile.read("\(goldens)/others.parquet").frame
        #expect(frame.tableType["category"]?.levels == ["b", "a"])
    }

    @Test func `a table without rows keeps its columns`() throws {
        let frame = try ParquetFile.read("\(goldens)/empty.parquet").frame
        #expect(frame.count == 0)
        #expect(frame.names == (try Self.everything()).names)
    }

    private static let nested = [
        "list json: [1,2], null, [], [null,3]",
        #"lists json: [["a"],[]], [null,["b",null]], null, []"#,
        #"struct json: {"x":true,"y":1.5}, {"x":null,"y":null}, null, {"x":false,"y":2}"#,
        #"map json: {"a":null,"k":1}, null, {}, {"z":3}"#,
        #"pairs json: [[1,"x"]], [], null, [[2,null]]"#,
        #"deep json: [{"n":[{"d":"2024-02-29"}]}], [{"n":[]},{"n":null}], [null], null"#,
        "after integer: 1, 2, 3, 4",
    ]

    @Test func `lists, structures and maps are canonical JSON`() throws {
        #expect(try read("nested_1") == Self.nested)
        #expect(try read("nested_2") == Self.nested)
        #expect(
            try read("nested_polars")
                == Self.nested.filter {
                    !$0.hasPrefix("map") && !$0.hasPrefix("pairs") && !$0.hasPrefix("deep")
                })
        let some = try ParquetFile.read("\(goldens)/nested_1.parquet", columns: ["after", "map"]).frame
        #expect(lines(some) == [Self.nested[3], Self.nested[6]])
    }

    @Test(arguments: [
        (
            "lz4",
            "the pages are compressed with LZ4; expected none, snappy, gzip or zstd; write it again: pyarrow.parquet.write_table(..., compression='zstd'), polars write_parquet"
        ),
        (
            "nanoseconds",
            "column 'a', row 2: the timestamp 1001 (1000000000 a second) is no whole microsecond of ours; cast the column to timestamp('us')"
        ),
        (
            "uint64",
            "column 'a', row 3: 9223372036854775808 is beyond the largest integer, 9223372036854775807; cast the column to int64 or float64"
        ),
        (
            "uint64_dictionary",
            "column 'a', row 3: 9223372036854775808 is beyond the largest integer, 9223372036854775807; cast the column to int64 or float64"
        ),
        ("bytes", "column 'a', row 3: the text is not UTF-8; write the column from text, not from bytes"),
        ("time", "column 'a' has Parquet type time, which is not read; cast it to int64"),
        (
            "decimal",
            "column 'a' has Parquet type decimal(38, 2), which is not read; cast it to float64, or to a decimal of at most 18 digits"
        ),
        (
            "digits",
            "column 'a', row 1: the decimal (of scale 0) has more digits than a number holds exactly; cast the column to float64 or to text"
        ),
    ])
    func `what is not read is said with the way out`(name: String, message: String) throws {
        let error = #expect(throws: ParquetError.self) {
            try ParquetFile.read("\(goldens)/refused_\(name).parquet")
        }
        #expect(error?.description == message)
    }

    @Test func `a column that is not asked for may have any type`() throws {
        let path = "\(goldens)/refused_time.parquet"
        #expect(try ParquetFile.read(path, columns: []).frame.columns.isEmpty)
        let error = #expect(throws: ParquetError.self) { try ParquetFile.read(path, columns: ["b"]) }
        #expect(error?.description == "no column is named 'b'; expected one of a")
    }
}
