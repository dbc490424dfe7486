import ArrowIPC
import DataFrames
import Glibc
import Platform
import TableTypes
import Testing

/// A folder of its own for a test, removed with it.
final class Scratch {
    let path: String
    init() throws {
        var template = Array("/tmp/sluice-arrow-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }
    deinit { try? Files.remove(path) }
}

/// A table of every storage: with nulls every third row, or without any.
func sampleFrame(rows: Int, nulls: Bool = true) throws -> DataFrame {
    let words = ["", "a", "汉字", "longer than twelve bytes", "naïve"]
    let validity = nulls ? ValidityBitmap((0..<rows).map { $0 % 3 != 1 }) : nil
    func keep<T>(_ value: T, _ none: T, _ row: Int) -> T { nulls && row % 3 == 1 ? none : value }
    func column(_ name: String, _ type: ColumnType, _ storage: ColumnStorage) -> DataColumn {
        DataColumn(name, type, storage, validity: validity)
    }
    return try DataFrame([
        column("flag", .boolean, .boolean((0..<rows).map { keep($0 % 2 == 0, false, $0) })),
        column("whole", .integer, .int64((0..<rows).map { keep(Int64($0) * -7_000_000_001, 0, $0) })),
        column("real", .number, .float64((0..<rows).map { keep(Double($0) / 3, 0, $0) })),
        column("text", .text, .utf8(StringStorage((0..<rows).map { keep(words[$0 % 5], "", $0) }))),
        column(
            "kind", .category,
            .dictionary(indices: (0..<rows).map { keep(Int32($0 % 5), 0, $0) }, levels: words)),
        column("day", .date, .date32((0..<rows).map { keep(Int32($0) - 20_000, 0, $0) })),
        column("time", .timestamp, .timestamp((0..<rows).map { keep(Int64($0) * 86_399_999_999, 0, $0) })),
        column(
            "picture", .image,
            .binary(
                (0..<rows).reduce(into: BinaryStorage()) { $0.append(keep([255, UInt8($1 & 255)], [], $1)) })),
        column("count", .number, .int64((0..<rows).map { keep(Int64($0), 0, $0) })),
    ])
}

@Suite struct RoundTripTests {
    @Test(arguments: [0, 1, 7, 8, 9, 65_536, 65_537], [true, false])
    func `a table comes back as it went, in one batch or two`(rows: Int, nulls: Bool) throws {
        let scratch = try Scratch()
        let path = scratch.path + "/t.arrow"
        let frame = try sampleFrame(rows: rows, nulls: nulls)
        let roles: [String: ColumnRole] = ["kind": .target, "whole": .id, "absent": .group]
        try ArrowFile.write(frame, roles: roles, to: path)
        let table = try ArrowFile.read(path)
        #expect(table.frame == frame)
        #expect(table.roles == ["kind": .target, "whole": .id])
        let (type, count) = try ArrowFile.type(of: path)
        #expect(count == rows)
        var expected = table.tableType
        for index in expected.columns.indices { expected.columns[index].levels = nil }
        #expect(type == expected)
        #expect(try Files.list(scratch.path) == ["t.arrow"])
    }

    @Test func `the head is the first rows, across batches`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/t.arrow"
        let frame = try sampleFrame(rows: 65_540)
        try ArrowFile.write(frame, to: path)
        for rows in [0, 1, 5, 65_536, 65_538] {
            #expect(try ArrowFile.head(path, rows: rows).frame == frame.gather(Array(0..<rows)))
        }
        #expect(try ArrowFile.head(path, rows: 70_000).frame == frame)
    }

    @Test func `a table without columns is a file`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/t.arrow"
        try ArrowFile.write(try DataFrame([]), to: path)
        #expect(try ArrowFile.read(path).frame.columns.isEmpty)
        #expect(try ArrowFile.type(of: path).rows == 0)
    }

    @Test func `what stands in null rows does not reach the file`() throws {
        let scratch = try Scratch()
        let validity = ValidityBitmap([true, false, true])
        func write(_ name: String, _ none: Int64, _ empty: String, _ flag: Bool) throws -> [UInt8] {
            let path = scratch.path + "/" + name
            try ArrowFile.write(
                try DataFrame([
                    DataColumn("i", .integer, .int64([1, none, 3]), validity: validity),
                    DataColumn("s", .text, .utf8(StringStorage(["x", empty, "y"])), validity: validity),
                    DataColumn("b", .boolean, .boolean([true, flag, true]), validity: validity),
                ]), to: path)
            return try Files.read(path)
        }
        #expect(try write("a", 0, "", false) == write("b", 99, "NA", true))
    }

    @Test func `a column whose storage cannot hold its type is not written`() throws {
        let scratch = try Scratch()
        let error = #expect(throws: ArrowError.self) {
            try ArrowFile.write(
                try DataFrame([DataColumn("a", .date, .int64([1]))]), to: scratch.path + "/t.arrow")
        }
        #expect(
            error?.description
                == "column 'a' is of type date, which int64 values cannot hold; convert the column, or give it the type of its values"
        )
        #expect(try Files.list(scratch.path).isEmpty)
    }
}
