import Platform
import Testing

/// Tables that are larger than what their stages may take of the memory.
@Suite struct LargerThanMemoryTests {
    /// Some 90 bytes a row, whose groups, levels and texts come again and again.
    private static func events(_ rows: Int) -> [UInt8] {
        var text: [UInt8] = Array("id,user,country,amount,quantity,is_paid,day,note\n".utf8)
        text.reserveCapacity(rows * 100)
        for row in 0..<rows {
            let user = row &* 7919 % 5003
            let amount = row &* 104_729 % 100_000
            text += Array(
                "\(row),user-\(user),C\(user % 60),\(amount / 100).\(10 + amount % 90),\(row % 19),\(row % 5 > 0),2024-0\(1 + row % 9)-1\(row % 10),\"what was said of the row, and more of it\"\n"
                    .utf8)
        }
        return text
    }

    private static func pipeline(_ memory: String, sort: String = "") -> String {
        """
        stages:
          events:
            uses: collect.csv
            with: { path: events.csv }
            resources: { memory: \(memory) }
          paid:
            uses: table.select
            in: events
            with: { where: is_paid and amount > 10, derive: { total: amount * quantity }\(sort) }
            resources: { memory: \(memory) }
          spending:
            uses: table.aggregate
            in: paid
            with:
              by: [user, country]
              metrics: { orders: count(), total: sum(total), spread: std(amount), last: max(day), note: first(note) }
            resources: { memory: \(memory) }
          parts:
            uses: split.rows
            in: paid
            with: { test: 0.2, stratify: country }
            resources: { memory: \(memory) }
        """
    }

    @Test func aTableLargerThanItsMemoryPassesAndIsTheSame() throws {
        let bytes = Self.events(1_000_000)
        var tables: [[String]] = []
        for memory in ["40MiB", "4GiB"] {
            let place = try Workplace(Self.pipeline(memory))
            try Files.write(bytes, to: place.folder + "/events.csv")
            let result = try place.sluice("run")
            #expect(result.status == 0, "\(memory): \(result.err)")
            guard result.status == 0 else { return }
            let stored = try place.shell("find .sluice -type f -size +1M -printf '%s\\n' | sort -n | tail -1")
                .text
            #expect((Int(stored.split(separator: "\n").first ?? "") ?? 0) > 40 << 20, "\(stored)")
            tables.append(
                try ["spending", "parts.test", "parts.train"].map { name in
                    try place.shell(
                        "$SLUICE get \(name) --as csv -o out.csv --force > /dev/null && sha256sum out.csv"
                    )
                    .text
                })
        }
        #expect(tables[0] == tables[1])
    }

    /// What each user is, and what is made of the events with it.
    private static func joined(_ memory: String) -> String {
        let resources = "resources: { memory: \(memory) }"
        return """
            stages:
              events: { uses: collect.csv, with: { path: events.csv }, \(resources) }
              users: { uses: collect.csv, with: { path: users.csv } }
              named:
                uses: join.tables
                in: { left: events, right: users }
                with: { on: [user], how: left, validate: many_to_one }
                \(resources)
              both: { uses: join.union, in: [events, named], with: { missing: "null" }, \(resources) }
              clean:
                uses: clean.table
                in: named
                with:
                  missing: [{ columns: [rank], strategy: median }]
                  outliers: { columns: [amount], action: clip, factor: 0.2 }
                \(resources)
              lines:
                run: "cp ${in.rows} ${out.rows}"
                in: { rows: { from: named, as: jsonl } }
                out: { rows: rows.jsonl }
                \(resources)
              again: { uses: collect.jsonl, in: lines.rows, \(resources) }
            """
    }

    @Test func tablesLargerThanTheirMemoryAreJoinedAndCleaned() throws {
        let bytes = Self.events(700_000)
        let users = (0..<5003).map { "user-\($0),\($0 % 7 == 0 ? "" : "\($0 % 97)"),city \($0 % 100)\n" }
        var tables: [[String]] = []
        for memory in ["40MiB", "4GiB"] {
            let place = try Workplace(Self.joined(memory))
            try Files.write(bytes, to: place.folder + "/events.csv")
            try Files.write(
                Array(("user,rank,city\n" + users.joined()).utf8), to: place.folder + "/users.csv")
            let result = try place.sluice("run")
            #expect(result.status == 0, "\(memory): \(result.err)")
            guard result.status == 0 else { return }
            tables.append(
                try ["named", "both", "clean.table", "clean.changes", "again"].map { name in
                    try place.shell(
                        "$SLUICE get \(name) --as arrow -o out.arrow --force > /dev/null && sha256sum out.arrow"
                    ).text
                })
        }
        #expect(tables[0] == tables[1])
    }

    @Test func aRightTableThatDoesNotFitIsTold() throws {
        let place = try Workplace(
            """
            stages:
              events: { uses: collect.csv, with: { path: events.csv } }
              twice:
                uses: join.tables
                in: { left: events, right: events }
                with: { on: [id] }
                resources: { memory: 40MiB }
            """)
        try Files.write(Self.events(700_000), to: place.folder + "/events.csv")
        let result = try place.sluice("run")
        #expect(result.status == 1)
        #expect(result.err.contains("'events', the right table, is held in memory: "), "\(result.err)")
        #expect(
            result.err.contains("or choose fewer of its columns in a table.select before"), "\(result.err)")
    }

    @Test func whatCannotStreamSaysWhatItHolds() throws {
        let place = try Workplace(Self.pipeline("40MiB", sort: ", sort: [amount]"))
        try Files.write(Self.events(700_000), to: place.folder + "/events.csv")
        let result = try place.sluice("run")
        #expect(result.status == 1)
        #expect(result.err.contains("sorting holds all rows in memory: "), "\(result.err)")
        #expect(result.err.contains(" that its 'memory' leaves"), "\(result.err)")
        #expect(
            result.err.contains(
                "fix: raise 'resources: { memory: ... }' if the machine has it, or leave 'sort' out"),
            "\(result.err)")
    }
}
