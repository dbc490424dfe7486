import ArrowIPC
import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import Platform
import TableTypes
import Testing

@testable import StageLibrary

/// Kinds that learn something of all rows before they pass batch by batch.
@Suite struct CleaningByBatchTests {
    @Test func `cleaning is that of the whole table, each step behind the one before`() throws {
        let (rows, different) = (140_000, 100_003)
        let id = (0..<rows).map { Int64($0 % different) }
        func values<T>(_ value: (Int) -> T?) -> [T?] { (0..<rows).map { value($0 % different) } }
        let i = values { $0 % 11 == 3 ? nil : Int64($0 &* 7919 % 5003) }
        let n = values { $0 % 13 == 5 ? nil : $0 % 5000 == 7 ? 1e6 : Double($0 % 1000) / 8 }
        // Most of them are missing: more changes than a log holds.
        let c = values { $0 % 4 == 1 ? ["b", "a"][$0 % 2] : nil }
        let t = values { $0 % 17 == 2 ? nil : $0 % 2 == 0 ? "\u{E9}\($0)" : "K\($0)" }
        let input = try table(
            ["id": .id], .integers("id", id), .integers("i", i), .numbers("n", n),
            .categories("c", c, levels: ["a", "b"]), .texts("t", t))
        let outcome = try KindHarness("clean.table").run(
            [
                "duplicates": "drop",
                "missing": [
                    ["columns": ["i", "n"], "strategy": "median"], ["columns": ["t"], "strategy": "drop"],
                    ["columns": ["c"], "strategy": "constant", "value": "none"],
                ],
                "outliers": ["columns": ["n"], "action": "quarantine"],
            ], tables: ["in": input])

        var log: [(row: Int, column: String?, after: String?, rule: String)] = []
        for row in different..<rows { log.append((row, nil, nil, "duplicates: drop")) }
        let middle = (
            i: Self.median(i.prefix(different).map { $0.map(Double.init) }),
            n: Self.median(n.prefix(different))
        )
        for row in 0..<different where i[row] == nil {
            log.append((row, "i", "\(middle.i)", "missing: median"))
        }
        for row in 0..<different where n[row] == nil {
            log.append((row, "n", "\(middle.n)", "missing: median"))
        }
        for row in 0..<different where t[row] == nil {
            log.append((row, nil, nil, "missing: drop, no value in 't'"))
        }
        var kept = (0..<different).filter { t[$0] != nil }
        for row in kept where c[row] == nil { log.append((row, "c", "none", "missing: constant")) }
        let fence = try #require(Outliers(iqrOf: kept.map { n[$0] ?? middle.n }))
        let out = kept.filter { (n[$0] ?? middle.n) > fence.upper }
        for row in out { log.append((row, nil, nil, "outliers: iqr, quarantine")) }
        kept.removeAll { (n[$0] ?? middle.n) > fence.upper }
        #expect(out.count > 10 && log.count > 100_000)

        func columns(_ rows: [Int]) -> [DataColumn] {
            [
                .integers("id", rows.map { id[$0] }),
                .numbers("i", rows.map { i[$0].map(Double.init) ?? middle.i }),
                .numbers("n", rows.map { n[$0] ?? middle.n }),
                .categories("c", rows.map { c[$0] ?? "none" }, levels: ["a", "b", "none"]),
                .texts("t", rows.map { t[$0] }),
            ]
        }
        let reasons = DataColumn.texts(
            "reason", out.map { _ in "n 1000000.0 lies outside [\(fence.lower), \(fence.upper)]" })
        let changes = try table(
            [:], .integers("row", log.map { Int64($0.row + 1) }), .texts("column", log.map(\.column)),
            .texts("before", log.map { _ in nil }), .texts("after", log.map(\.after)),
            .texts("rule", log.map(\.rule)))
        func made(_ port: String) throws -> [UInt8] { try Files.read(outcome.path(port)) }
        let frames = (table: try DataFrame(columns(kept)), aside: try DataFrame(columns(out) + [reasons]))
        #expect(try made("table") == ByBatch.bytes(ArrowTable(frame: frames.table, roles: input.roles)))
        #expect(try made("quarantine") == ByBatch.bytes(ArrowTable(frame: frames.aside, roles: input.roles)))
        #expect(try made("changes") == ByBatch.bytes(changes))
        // What was put aside while the rows passed is gone.
        #expect(try Files.list(outcome.folder).sorted() == ["changes", "in-in", "quarantine", "table"])
    }

    @Test func `logs of many steps share a file and are told one step after another`() throws {
        let path = try scratchFolder()
        let logs = ChangeLogs(100, path: path + "/log", most: 250)
        var expected = [[String]](repeating: [], count: 100)
        for row in 0..<20 {
            for step in 0..<100 where (row + step) % 3 > 0 {
                let text = step % 2 == 0 ? nil : row % 2 == 0 ? "" : "e\u{301}\(row)"
                logs[step].append(row, column: text, after: text, rule: "step \(step)")
                expected[step].append("\(row) \(text ?? "-") - \(text ?? "-") step \(step)")
                try logs.shorten()
            }
            #expect((0..<100).reduce(0) { $0 + logs[$1].count } < 250)
            let files = try Files.list(path)
            #expect(files.count == (row < 3 ? 0 : 1))
        }
        let run = StageRun(parameters: [:], inputs: [], outputs: ["changes": path + "/changes"])
        let output = TableWriter(run, "changes")
        try logs.write(to: output)
        try output.finish()
        let told = try ArrowFile.read(path + "/changes").frame
        let lines = (0..<told.count).map { row in
            let texts = ["column", "before", "after", "rule"].map { told[$0]?.string(row) ?? "-" }
            return "\(Int(told["row"]?.numbers?[row] ?? -1)) " + texts.joined(separator: " ")
        }
        #expect(lines == expected.flatMap { $0 })
        #expect(try Files.list(path) == ["changes"])
    }

    private static func median(_ values: some Sequence<Double?>) -> Double {
        let sorted = values.compactMap { $0 }.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    @Test func `rows are one where all their bytes are`() throws {
        let texts = ["\u{E9}", "e\u{301}", "e", "K", "\u{212A}", nil, nil, "", "e", "ab", "a"]
        let others = texts.map { $0 == "ab" ? "" : $0 == "a" ? "b" : $0.map { _ in "" } }
        let input = try table([:], .texts("a", texts), .texts("b", others))
        let made = try KindHarness("clean.table").run(["duplicates": "drop"], tables: ["in": input])
        #expect(try made.table("table") == input.gather([0, 1, 2, 3, 4, 5, 7, 9, 10]))
    }

    @Test func `a date that has no text is told with its row in the table`() throws {
        let days = (0..<70_000).map { $0 == 69_998 ? Int32.max : 0 }
        let far = try table([:], DataColumn("day", .date, .date32(days)))
        let said = try KindHarness("clean.table").failure(["duplicates": "drop"], tables: ["in": far])
        #expect(said == "row 69999, column 'day': the date lies outside the years 1 to 9999")
    }

    @Test func `windows are those of the whole table`() throws {
        let input = try ByBatch.rows(140_000)
        let windows: JSONValue = ["n": ["value": "count()", "last": "70d"]]
        let outcome = try KindHarness("table.window").run(
            ["entity": ["key"], "time": "day", "windows": windows], tables: ["in": input])
        guard case .int64(let keys)? = input.frame["key"]?.storage,
            case .date32(let days)? = input.frame["day"]?.storage
        else { return }
        let isThere = { (row: Int) in input.frame["key"]?.isValid(row) == true }
        let byKey = Dictionary(grouping: (0..<140_000).filter(isThere)) { keys[$0] }
        let counts = (0..<140_000).map { row in
            isThere(row)
                ? byKey[keys[row], default: []].count { days[$0] < days[row] && days[row] - days[$0] <= 70 }
                : 0
        }
        let whole = input.frame.columns + [DataColumn.integers("n", counts.map { Int64($0) })]
        #expect(
            try Files.read(outcome.path("table"))
                == ByBatch.bytes(ArrowTable(frame: DataFrame(whole), roles: input.roles)))
    }
}
