import ArrowIPC
import DataFrames
import Glibc
import Platform
import TableTypes
import TestTables
import Testing

@Suite struct FuzzTests {
    /// Rounds: SLUICE_FUZZ_ROUNDS, else 6000.
    @Test func `a damaged file is an error or a table, never a crash`() throws {
        let scratch = try Scratch()
        var seeds = try Files.list(goldens).filter { $0.hasSuffix(".arrow") }
            .map { try Files.read("\(goldens)/\($0)") }
        for rows in [0, 5, 40] {
            try ArrowFile.write(
                try sampleFrame(rows: rows), roles: ["kind": .target], to: scratch.path + "/seed")
            seeds.append(try Files.read(scratch.path + "/seed"))
        }
        let rounds = getenv("SLUICE_FUZZ_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 6000
        var random = SplitMix(state: getenv("SLUICE_FUZZ_SEED").flatMap { UInt64(String(cString: $0)) } ?? 7)
        let path = scratch.path + "/t.arrow"
        var errors = 0
        for _ in 0..<rounds {
            let bytes = damaged(
                seeds.randomElement(using: &random)!, with: seeds.randomElement(using: &random)!, &random)
            try Files.write(bytes, to: path)
            do throws(ArrowError) {
                let table = try ArrowFile.read(path)
                // What was read holds together: every text is reached, and
                // it is a table that can be written.
                #expect(lines(table.frame).count == table.frame.columns.count)
                try? ArrowFile.write(table.frame, roles: table.roles, to: scratch.path + "/again")
                _ = try ArrowFile.type(of: path)
                _ = try ArrowFile.head(path, rows: 2)
            } catch {
                errors += 1
                #expect(!error.description.isEmpty)
            }
        }
        // Mutations that reach nothing would find nothing.
        #expect(errors > rounds / 10 && errors < rounds)
        if rounds > 6000 { print("ArrowIPC fuzz: \(rounds) rounds, \(errors) errors") }
    }
}
