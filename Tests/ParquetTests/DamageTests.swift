import ArrowIPC
import DataFrames
import Glibc
import Platform
import TableTypes
import TestTables
import Testing

@testable import Parquet

@Suite struct DamageTests {
    @Test func `other bytes are named`() throws {
        let scratch = try Scratch()
        func message(_ bytes: [UInt8]) throws -> String? {
            try Files.write(bytes, to: scratch.path + "/x")
            return #expect(throws: ParquetError.self) { try ParquetFile.read(scratch.path + "/x") }?.message
        }
        let other = "not a Parquet file: it must begin and end with 'PAR1'"
        #expect(try message([]) == other)
        #expect(try message(Array("a,b\n1,2\n".utf8)) == other)
        #expect(try message(Array("ARROW1".utf8)) == "not a Parquet file: the bytes are an Arrow IPC file")
        #expect(try message([0x1F, 0x8B, 8, 0]) == "not a Parquet file: the bytes are gzip")
        #expect(
            try message(Array("PAR1....PARE".utf8)) == "the Parquet file is encrypted, which is not read")
        let whole = try Files.read("\(goldens)/all_plain.parquet")
        #expect(try message(Array(whole.dropLast())) == other)
        #expect(
            try message(Array(whole.prefix(8) + whole.suffix(8)))
                == "the Parquet file is damaged: footer: it is said to have \(whole.suffix(8).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }) bytes"
        )
        let missing = #expect(throws: ParquetError.self) { try ParquetFile.read(scratch.path + "/none") }
        #expect(missing?.description == "cannot read '\(scratch.path)/none': No such file or directory")
    }

    /// A file with a byte of its pages overwritten; the footer stays.
    @Test func `a page that is overwritten is named with its row group and column`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/t.parquet"
        let values = (0..<1000).map { Int64($0) * 1_000_003 }
        try ParquetFile.write(try DataFrame([DataColumn("a", .integer, .int64(values))]), to: path)
        var bytes = try Files.read(path)
        // The first bytes of what zstd packed.
        let page = try #require(bytes.indices.first { bytes[$0...].starts(with: [0x28, 0xB5, 0x2F, 0xFD]) })
        bytes[page] ^= 0xFF
        try Files.write(bytes, to: path)
        let error = #expect(throws: ParquetError.self) { try ParquetFile.read(path) }
        #expect(
            error?.description
                == "the Parquet file is damaged: row group 1, column 'a': a page does not unpack (zstd) to the 8007 bytes its header says; write or copy the file again"
        )
    }

    @Test func `row groups are held together to what the file may unfold to`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/t.parquet"
        let values = (0..<1000).map { Int64($0) * 1_000_003 }
        let rows = try DataFrame([DataColumn("a", .integer, .int64(values))])
        var writer = try ParquetWriter(path)
        for _ in 0..<4 { try writer.append(rows) }
        try writer.finish()
        // A group takes 8000 bytes for its rows and 8007 for its page.
        var reader = try ParquetReader(path, budget: Budget(limit: 40_000))
        let read = try [reader.next(), reader.next()]
        #expect(read == [rows, rows])
        let error = #expect(throws: ParquetError.self) { try reader.next() }
        guard case .unfoldsTooFar(place: _, limit: 40_000)? = error?.problem else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// Rounds: SLUICE_FUZZ_ROUNDS, else 4000.
    @Test func `a damaged file is an error or a table, never a crash`() throws {
        let scratch = try Scratch()
        var seeds = try Files.list(goldens).filter { $0.hasSuffix(".parquet") }
            .map { try Files.read("\(goldens)/\($0)") }
        for rows in [0, 5, 200] {
            var random = RandomTable(seed: UInt64(rows))
            try ParquetFile.write(
                try random.frame(rows: rows), roles: ["kind": .target], to: scratch.path + "/seed")
            seeds.append(try Files.read(scratch.path + "/seed"))
        }
        let rounds = getenv("SLUICE_FUZZ_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 4000
        var random = SplitMix(state: getenv("SLUICE_FUZZ_SEED").flatMap { UInt64(String(cString: $0)) } ?? 7)
        let path = scratch.path + "/t.parquet"
        var errors = 0
        for _ in 0..<rounds {
            let bytes = damaged(
                seeds.randomElement(using: &random)!, with: seeds.randomElement(using: &random)!, &random,
                footer: 1500)
            try Files.write(bytes, to: path)
            do throws(ParquetError) {
                let table = try ParquetFile.read(path)
                // What was read holds together: every text is reached, and it
                // is a table that can be written.
                if table.frame.count < 100_000 {
                    #expect(lines(table.frame).count == table.frame.columns.count)
                    try? ParquetFile.write(table.frame, roles: table.roles, to: scratch.path + "/again")
                }
                _ = try ParquetFile.type(of: path)
            } catch {
                errors += 1
                #expect(!error.description.isEmpty)
            }
        }
        // Mutations that reach nothing would find nothing.
        #expect(errors > rounds / 10 && errors < rounds)
        if rounds > 4000 { print("Parquet fuzz: \(rounds) rounds, \(errors) errors") }
    }
}
