import CanonicalJSON
import Platform
import Testing

/// The schema of a command's table where none is declared: inferred by the
/// first run, pinned by the lock, and from then on part of the key.
@Suite struct PinnedTableTests {
    private static let pipeline = """
        stages:
          made:
            run: echo made; cat ${in.rows} > ${out.table}; echo n > ${out.note}
            in: { rows: { file: rows.csv } }
            out: { table: { table: made.csv }, note: { table: note.csv, schema: { fields: [{ name: n, type: integer }] } } }
          back:
            run: cat ${in.csv} > ${out.o}
            in: { csv: { from: made, as: jsonl } }
            out: { o: back.txt }
            publish: { o: back.txt }

        """
    private static let integer = "{\"name\":\"code\",\"type\":\"integer\"}"
    private static let text = "{\"name\":\"code\",\"type\":\"string\"}"

    private func workplace(lock: String? = nil, pipeline: String = pipeline) throws -> Workplace {
        let place = try Workplace(pipeline)
        try place.write("rows.csv", "id,code\n1,7\n2,8\n")
        if let lock { try place.write("p.lock", lock) }
        return place
    }

    /// As the lock has it, of the stage `made`.
    private func key(_ place: Workplace) throws -> String {
        let lock = try place.read("p.lock")
        let block = try #require(lock.components(separatedBy: "  made:\n").last)
        return String(block.components(separatedBy: "key: ")[1].prefix(64))
    }

    @Test func theRunAfterTheFirstHitsWithAndWithoutTheLock() throws {
        let place = try workplace()
        #expect(try place.run().ran == ["back", "made"])
        let lock = try place.read("p.lock")
        #expect(lock.contains(Self.integer))
        #expect(try place.run().counts == .init(hits: 2, ran: 0))
        #expect(try place.read("p.lock") == lock)
        #expect(try place.sluice("why", "made").out.hasPrefix("made: hit"))
        #expect(try place.sluice("log", "made").out == "made\n")
        // Nothing is pinned: what was inferred then is found by the key without a schema.
        try Files.remove(place.folder + "/p.lock")
        #expect(try place.sluice("status", "--exit-code").status == 0)
        #expect(try place.sluice("log", "made").out == "made\n")
        #expect(try place.run().counts == .init(hits: 2, ran: 0))
        #expect(try place.read("p.lock") == lock)
        // The record under the locked key is there too, not only what the lock says.
        try place.shell("sed -i 's/sha256: ......../sha256: 00000000/' p.lock")
        #expect(try place.run().counts == .init(hits: 2, ran: 0))
        #expect(try place.read("p.lock") == lock)
    }

    @Test func aFreshCloneGivesWhatTheLockSays() throws {
        let first = try workplace()
        #expect(try first.run().ran == ["back", "made"])
        let lock = try first.read("p.lock")
        let clone = try workplace(lock: lock)
        let result = try clone.sluice("run", "--locked")
        #expect(result.status == 0 && result.err.contains("2 ran"), "\(result)")
        #expect(try clone.run().counts == .init(hits: 2, ran: 0))
        #expect(try clone.read("p.lock") == lock)
    }

    /// Two branches, one store.
    @Test func anotherPinIsAnotherKey() throws {
        let here = try workplace()
        #expect(try here.run().ran == ["back", "made"])
        let lock = try here.read("p.lock")
        #expect(try here.read("back.txt").hasPrefix("{\"code\":7,\"id\":1}\n"))
        let other = try workplace(
            lock: lock.components(separatedBy: Self.integer).joined(separator: Self.text))
        let store = ["SLUICE_STORE": here.folder + "/.sluice"]
        let why = try other.sluice("why", "made", environment: store).out
        #expect(
            why.hasPrefix("made: miss")
                && why.hasSuffix("\n  schema of 'table.code.type': integer -> string\n"))
        let refused = try other.sluice("run", "--locked", environment: store)
        #expect(
            refused.status == 2 && refused.err.contains("schema of 'table.code.type': integer -> string"),
            "\(refused)")
        let result = try other.sluice("run", environment: store)
        #expect(result.status == 0 && result.err.contains("2 ran"), "\(result)")
        #expect(try other.read("back.txt").hasPrefix("{\"code\":\"7\",\"id\":1}\n"))
        #expect(try other.read("p.lock").contains(Self.text))
        #expect(try key(other) != key(here))
        // Neither takes the other's.
        #expect(try here.run().counts == .init(hits: 2, ran: 0))
        #expect(try here.read("p.lock") == lock)
        #expect(try here.read("back.txt").hasPrefix("{\"code\":7,\"id\":1}\n"))
        // And a clone of the other gives what the other locked, from nothing.
        let clone = try workplace(lock: try other.read("p.lock"))
        let locked = try clone.sluice("run", "--locked")
        #expect(locked.status == 0, "\(locked)")
        #expect(try clone.read("back.txt") == other.read("back.txt"))
        // Inferred anew it is here's again.
        let inferred = try other.sluice("run", "--infer", "made", environment: store)
        #expect(
            inferred.status == 0 && inferred.err.hasSuffix("made: inferred anew\n  code: string -> integer\n")
        )
        #expect(try other.read("p.lock") == lock)
        #expect(
            try other.sluice("why", "made", environment: store).out
                .contains("schema of 'table.code.type': string -> integer"))
    }

    @Test func theFirstResultOfAKeyStandsHoweverItIsCome() throws {
        let pipeline = """
            stages:
              made:
                run: echo code > ${out.table}; od -An -N3 -tu4 /dev/urandom >> ${out.table}
                out: { table: { table: made.csv } }

            """
        let first = try workplace(pipeline: pipeline)
        #expect(try first.run().ran == ["made"])
        let clone = try workplace(lock: try first.read("p.lock"), pipeline: pipeline)
        // Other bytes than first's: a pinned run, which leaves nothing for one without a pin.
        #expect(try clone.run().ran == ["made"])
        let lock = try clone.read("p.lock")
        #expect(try first.read("p.lock") != lock)
        #expect(try key(clone) == key(first))
        try Files.remove(clone.folder + "/p.lock")
        let result = try clone.sluice("run")
        #expect(result.status == 0 && result.err.contains("1 ran"), "\(result)")
        #expect(result.err.contains("not deterministic"), "\(result)")
        #expect(try clone.read("p.lock") == lock)
        #expect(try clone.run().counts == .init(hits: 1, ran: 0))
        // Under force the new one does.
        let forced = try clone.sluice("run", "--force", "made")
        #expect(forced.status == 0 && forced.err.contains("not deterministic"), "\(forced)")
        #expect(try clone.read("p.lock") != lock)
    }
}
