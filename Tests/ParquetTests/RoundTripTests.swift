import ArrowIPC
import DataFrames
import Glibc
import Parquet
import Platform
import TableTypes
import TestTables
import Testing

@Suite struct RoundTripTests {
    /// Rounds: SLUICE_PARQUET_ROUNDS, else 40.
    @Test func `tables made by chance come back as they went`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/t.parquet"
        let rounds = getenv("SLUICE_PARQUET_ROUNDS").flatMap { UInt64(String(cString: $0)) } ?? 40
        let sizes = [0, 1, 7, 8, 9, 31, 32, 100, 1000, 5000]
        for seed in 0..<rounds {
            var random = RandomTable(seed: seed)
            let frame = try random.frame(rows: sizes[Int(seed) % sizes.count])
            let roles: [String: ColumnRole] = ["kind": .target, "whole": .id, "absent": .group]
            try ParquetFile.write(frame, roles: roles, to: path)
            let table = try ParquetFile.read(path)
            #expect(table.frame == frame, "seed \(seed)")
            #expect(table.roles == ["kind": .target, "whole": .id])
            let (type, count) = try ParquetFile.type(of: path)
            #expect(count == frame.count)
            var expected = table.tableType
            for index in expected.columns.indices { expected.columns[index].levels = nil }
            #expect(type == expected, "seed \(seed)")
            #expect(try Files.list(scratch.path) == ["t.parquet"])
        }
    }

    @Test func `several row groups are one table, or come one by one`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/t.parquet"
        for (seed, rows) in [(1, ParquetWriter.groupRows), (2, ParquetWriter.groupRows + 1)] {
            var random = RandomTable(seed: UInt64(seed))
            let frame = try random.frame(rows: rows)
            try ParquetFile.write(frame, to: path)
            #expect(try ParquetFile.read(path).frame == frame)
            var reader = try ParquetReader(path, columns: ["text", "whole"])
            #expect(reader.rows == rows)
            var start = 0
            while let part = try reader.next() {
                let places = Array(start..<(start + part.count))
                #expect(part.names == ["whole", "text"])
                #expect(part["text"] == frame["text"]?.gather(places))
                #expect(part["whole"] == frame["whole"]?.gather(places))
                start += part.count
            }
            #expect(start == rows)
        }
    }

    @Test func `a table written in pieces is the pieces in order`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/t.parquet"
        var random = RandomTable(seed: 5)
        let pieces = try [3, 0, 1000].map { try random.frame(rows: $0) }
        var writer = try ParquetWriter(path)
        for piece in pieces { try writer.append(piece) }
        #expect(!Files.exists(path))
        try writer.finish()
        var reader = try ParquetReader(path)
        #expect(try reader.next() == pieces[0])
        #expect(try reader.next() == pieces[2])
        #expect(try reader.next() == nil)
    }

    @Test func `pieces of other columns are refused, and nothing is left behind`() throws {
        let scratch = try Scratch()
        let error = #expect(throws: ParquetError.self) {
            var writer = try ParquetWriter(scratch.path + "/t.parquet")
            try writer.append(try DataFrame([DataColumn("a", .integer, .int64([1]))]))
            try writer.append(try DataFrame([DataColumn("a", .number, .float64([1]))]))
        }
        #expect(
            error?.description
                == "the columns are a (number, numbers); expected those of the rows before: a (integer, integers)"
        )
        #expect(try Files.list(scratch.path).isEmpty)
    }

    @Test func `NaN and both zeros come back bit by bit`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/t.parquet"
        let values = [Double.nan, -0.0, 0.0, -.nan, Double(nan: 5, signaling: false)]
        for times in [1, 100] {
            let all = (0..<times).flatMap { _ in values }
            try ParquetFile.write(try DataFrame([DataColumn("x", .number, .float64(all))]), to: path)
            guard case .float64(let back) = try ParquetFile.read(path).frame.columns[0].storage else {
                Issue.record("no numbers")
                return
            }
            #expect(back.map(\.bitPattern) == all.map(\.bitPattern))
        }
    }

    @Test func `levels keep their order, those that are not used too, and without rows`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/t.parquet"
        for rows in [0, 3] {
            let frame = try DataFrame([
                DataColumn(
                    "k", .category,
                    .dictionary(indices: (0..<rows).map { Int32(3 - $0) }, levels: ["z", "never", "a", "b"]))
            ])
            try ParquetFile.write(frame, to: path)
            #expect(try ParquetFile.read(path).frame == frame)
        }
    }

    @Test func `texts of many sizes fill several pages`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/t.parquet"
        let sizes = [0, 1, 100, 70_000, 1 << 20, (1 << 20) + 1, 3 << 20, 5, 0, 17]
        let texts = sizes.enumerated().map { place, size in
            String(repeating: ["a", "ä"][place % 2], count: size) + "\(place)"
        }
        for isNull in [false, true] {
            let frame = try DataFrame([
                DataColumn(
                    "t", .text,
                    .utf8(StringStorage(texts.enumerated().map { isNull && $0 % 4 == 1 ? "" : $1 })),
                    validity: ValidityBitmap(sizes.indices.map { !(isNull && $0 % 4 == 1) }))
            ])
            try ParquetFile.write(frame, to: path)
            #expect(try ParquetFile.read(path).frame == frame)
        }
    }

    @Test func `a table without columns is a file`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/t.parquet"
        try ParquetFile.write(try DataFrame([]), to: path)
        #expect(try ParquetFile.read(path).frame.columns.isEmpty)
        #expect(try ParquetFile.type(of: path).rows == 0)
    }

    @Test func `what stands in null rows does not reach the file`() throws {
        let scratch = try Scratch()
        let validity = ValidityBitmap([true, false, true])
        func write(_ name: String, _ none: Int64, _ empty: String, _ flag: Bool) throws -> [UInt8] {
            let path = scratch.path + "/" + name
            try ParquetFile.write(
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
        let error = #expect(throws: ParquetError.self) {
            try ParquetFile.write(
                try DataFrame([DataColumn("a", .date, .int64([1]))]), to: scratch.path + "/t.parquet")
        }
        #expect(
            error?.description
                == "column 'a' is of type date, which its values cannot hold; convert the column, or give it the type of its values"
        )
        #expect(try Files.list(scratch.path).isEmpty)
    }
}
