import ArrowIPC
import DataFrames
import Glibc
import Platform
import TableTypes
import Testing

@Suite struct FuzzTests {
    /// Flips, overwritten words, truncations, doublings and splices.
    static func mutate(_ bytes: [UInt8], with other: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var result = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard result.count > 16 else { break }
            let place = Int.random(in: 0..<result.count - 8, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0...2: result[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 3: result[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random)!
            case 4:
                let word: UInt64 = [0, 1, 0x7FFF_FFFF, 0xFFFF_FFFF, .max, .max >> 1].randomElement(
                    using: &random)!
                let size = Bool.random(using: &random) ? 4 : 8
                for byte in 0..<size { result[place + byte] = UInt8(truncatingIfNeeded: word >> (8 * byte)) }
            case 5:
                // The footer's length stays at the end, so that more is reached.
                let end = min(result.count, place + Int.random(in: 1...64, using: &random))
                result.removeSubrange(place..<end)
            case 6:
                let end = min(result.count, place + Int.random(in: 1...64, using: &random))
                result.insert(contentsOf: result[place..<end], at: place)
            default:
                let from = Int.random(in: 0..<other.count, using: &random)
                let to = min(other.count, from + Int.random(in: 1...64, using: &random))
                let part = other[from..<to]
                let room = min(result.count, place + part.count)
                result.replaceSubrange(place..<room, with: part)
            }
        }
        return result
    }

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
            let bytes = Self.mutate(
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
