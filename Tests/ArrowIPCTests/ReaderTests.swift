import DataFrames
import Platform
import TableTypes
import Testing

@testable import ArrowIPC

/// A file batch by batch.
@Suite struct ReaderTests {
    /// All pieces put together.
    static func gathered(_ path: String, columns: [String]? = nil) throws -> DataFrame {
        var reader = try ArrowReader(path, columns: columns)
        var builder = DataFrameBuilder()
        builder.append(try reader.empty(), 0..<0)
        while let frame = try reader.next() {
            #expect(frame.count > 0 && frame.count <= ArrowReader.rowsAtOnce)
            builder.append(frame, 0..<frame.count)
        }
        return builder.take()
    }

    @Test(arguments: [0, 1, 65_536, 65_537, 200_000])
    func `batches together are the table`(rows: Int) throws {
        let scratch = try Scratch()
        let path = scratch.path + "/t.arrow"
        let frame = try sampleFrame(rows: rows)
        try ArrowFile.write(frame, to: path)
        #expect(try Self.gathered(path) == frame)
    }

    @Test func `some columns are read in the order they are asked for`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/t.arrow"
        let frame = try sampleFrame(rows: 70_000)
        try ArrowFile.write(frame, roles: ["text": .target, "flag": .id], to: path)
        let names = ["time", "absent", "text", "kind"]
        #expect(
            try Self.gathered(path, columns: names)
                == DataFrame(names.compactMap { frame[$0] }))
        var reader = try ArrowReader(path, columns: names)
        #expect(reader.names == ["time", "text", "kind"])
        #expect(reader.roles == ["text": .target])
        let (type, rows) = try reader.typeWithLevels()
        #expect(rows == 70_000)
        #expect(
            type.columns.map(\.levels) == [nil, nil, ["", "a", "汉字", "longer than twelve bytes", "naïve"]])
        #expect(!type.columns.contains { !$0.isNullable })
    }

    @Test func `files of others are read as they are whole`() throws {
        for name in try Files.list(goldens) where name.hasSuffix(".arrow") && !name.hasPrefix("refused") {
            let path = "\(goldens)/\(name)"
            #expect(try Self.gathered(path) == ArrowFile.read(path).frame, "\(name)")
        }
    }

    @Test func `batches are held together to what the file may unfold to`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/t.arrow"
        let values = (0..<200_000).map { Int64($0) }
        try ArrowFile.write(try DataFrame([DataColumn("a", .integer, .int64(values))]), to: path)
        // Each batch has half a megabyte, so that two pass.
        var reader = try ArrowReader(path, mostUnfolded: 1_200_000)
        let rows = try [reader.next(), reader.next()].map { $0?.count }
        #expect(rows == [65_536, 65_536])
        let next = #expect(throws: ArrowError.self) { try reader.next() }
        var other = try ArrowReader(path, mostUnfolded: 1_200_000)
        let head = #expect(throws: ArrowError.self) { try other.head(.max) }
        let problem = ArrowError.Problem.damaged(
            place: "record batch 3", what: "the file is said to unfold to more than 1200000 bytes")
        #expect(next?.problem == problem && head?.problem == problem)
    }

    @Test func `a file is opened without a look at its rows`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/t.arrow"
        let rows = 2_000_000
        try ArrowFile.write(
            try DataFrame([
                DataColumn("a", .integer, .int64((0..<rows).map(Int64.init))),
                DataColumn("b", .number, .float64((0..<rows).map(Double.init))),
            ]), to: path)
        let times = try (0..<5).map { _ in
            let start = monotonicSeconds()
            let found = try ArrowReader(path).type().rows
            #expect(found == rows)
            return monotonicSeconds() - start
        }
        // The target is 5 ms.
        #expect(times.sorted()[2] < 0.005)
    }
}
