import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform
import StageLibrary
import TableTypes
import Testing

@Suite struct CleanProfileTests {
    let profile: KindHarness
    init() throws { profile = try KindHarness("clean.profile") }

    private func day(_ name: String, _ days: [Int32?]) -> DataColumn {
        DataColumn(
            name, .date, .date32(days.map { $0 ?? 0 }), validity: ValidityBitmap(days.map { $0 != nil }))
    }

    /// A column of each kind, odd values among them.
    private func mixed() throws -> ArrowTable {
        try table(
            ["id": .id],
            .integers("id", [1, 2, 3, 4, 5, 5]), .numbers("n", [0.5, nil, .nan, -1, .infinity, .infinity]),
            .categories("c", ["a", "b", "a", "a", nil, nil], levels: ["a", "b", "z"]),
            .texts("t", ["x", "x<y>", "", "längst", nil, nil]), .integers("k", [7, 7, 7, 7, 7, 7]),
            .numbers("none", [nil, nil, nil, nil, nil, nil]), day("d", [0, 19_000, 365, 2, 3, 3]),
            DataColumn("b", .boolean, .boolean([true, false, true, true, false, false])))
    }

    private func metrics(_ outcome: Outcome) throws -> JSONValue {
        try JSONValue(parsing: Files.read(outcome.path("profile")))
    }

    private func cell(_ outcome: Outcome, _ row: String, _ column: String) throws -> String {
        let frame = try outcome.table("columns").frame
        let names = (0..<frame.count).map { frame["column"]?.string($0) }
        let place = try #require(names.firstIndex(of: row))
        let own = try #require(frame[column])
        guard own.isValid(place) else { return "-" }
        return own.string(place) ?? own.numbers.map { "\($0[place])" } ?? "?"
    }

    @Test func `a table's numbers are those of its values`() throws {
        let outcome = try profile.run(tables: ["in": mixed()])
        let metrics = try metrics(outcome)
        #expect(
            metrics == [
                "rows": 6, "columns": 8, "missing_cells": 12, "missing_share": 0.25, "incomplete_rows": 6,
                "repeated_rows": 1, "repeated_share": .number(1.0 / 6), "constant_columns": 2,
                "near_constant_columns": 0,
            ], "\(metrics.canonicalText)")
        #expect(outcome.facts["profile.repeated_rows"] == 1 && outcome.facts["columns.rows"] == 8)
        #expect(try cell(outcome, "id", "median") == "3.5")
        #expect(try cell(outcome, "id", "most_frequent") == "5")
        #expect(try cell(outcome, "n", "missing") == "2.0")
        #expect(try cell(outcome, "n", "infinite") == "2.0")
        #expect(try cell(outcome, "n", "mean") == "-0.25")
        #expect(try cell(outcome, "n", "negatives") == "1.0")
        #expect(try cell(outcome, "c", "distinct") == "2.0")
        #expect(try cell(outcome, "c", "most_frequent") == "a")
        #expect(try cell(outcome, "c", "most_frequent_share") == "0.75")
        #expect(try cell(outcome, "t", "distinct") == "4.0")
        #expect(try cell(outcome, "t", "most_frequent") == "-")
        #expect(try cell(outcome, "k", "deviation") == "0.0")
        #expect(try cell(outcome, "none", "mean") == "-")
        #expect(try cell(outcome, "d", "earliest") == "1970-01-01")
        #expect(try cell(outcome, "d", "latest") == "2022-01-08")
        #expect(try cell(outcome, "d", "mean") == "-")
        #expect(try cell(outcome, "b", "most_frequent") == "false")
        #expect(try cell(outcome, "id", "psi") == "-")
        let report = try outcome.text("report")
        #expect(report.contains("6 rows in 8 columns. 25.0% of the cells have no value, in 6 rows"))
        #expect(report.contains("All values are equal: 7."))
        #expect(report.contains("No row has a value."))
        #expect(report.contains("2 values are infinite."))
        #expect(!report.contains("<y>") && !report.contains("http:") && !report.contains("src="))
    }

    @Test func `drift is measured from a reference, and what it lacks is told`() throws {
        let rows = 0..<1000
        let reference = try table(
            [:], .numbers("same", rows.map { Double($0 &* 7919 % 1009) }),
            .numbers("moved", rows.map { Double($0 &* 7919 % 1009) }),
            .categories("c", rows.map { $0 % 4 == 0 ? "a" : "b" }, levels: ["a", "b"]),
            .integers("type", rows.map { Int64($0) }), .integers("gone", rows.map { Int64($0) }))
        let now = try table(
            [:], .numbers("same", rows.map { Double(($0 + 3) &* 7919 % 1009) }),
            .numbers("moved", rows.map { Double($0 &* 7919 % 1009) * 1.7 }),
            .categories("c", rows.map { $0 % 4 != 0 ? "a" : $0 % 8 == 0 ? "x" : nil }, levels: ["x", "a"]),
            .texts("type", rows.map { "\($0)" }), .integers("new", rows.map { Int64($0) }))
        let outcome = try profile.run(tables: ["in": now, "reference": reference])
        #expect(try metrics(outcome)["drifted_columns"] == 2)
        #expect(try cell(outcome, "same", "drift") == "stable")
        #expect(try cell(outcome, "moved", "drift") == "drifted")
        #expect(try cell(outcome, "c", "drift") == "drifted")
        #expect(try cell(outcome, "c", "ks") == "-" && cell(outcome, "moved", "chi_square") == "-")
        #expect(try cell(outcome, "type", "drift") == "-")
        let report = try outcome.text("report")
        for text in [
            "In the reference it is of type integer.", "The reference has no such column.",
            "The reference has this column, the table does not.", "It has moved from the reference: PSI",
            "Measured against a reference of 1,000 rows.",
        ] { #expect(report.contains(text), "\(text)") }
        // Of a table against itself nothing has moved.
        let still = try profile.run(tables: ["in": now, "reference": now])
        #expect(try metrics(still)["largest_psi"] == 0)
    }

    @Test func `a table without rows or columns has a report too`() throws {
        let none = try profile.run(tables: ["in": table([:], .numbers("x", []), .texts("t", []))])
        #expect(try metrics(none)["rows"] == 0 && metrics(none)["constant_columns"] == 0)
        #expect(try none.text("report").contains("There are no rows."))
        let empty = try profile.run(tables: ["in": table()])
        #expect(try metrics(empty)["columns"] == 0)
    }

    @Test func `a table of several batches is one table`() throws {
        let rows = 0..<150_000
        let many = try table(
            [:], .integers("i", rows.map { $0 % 10 == 0 ? nil : Int64($0 % 1000) }),
            .numbers("n", rows.map { Double($0 % 1000) * 2 + 1 }),
            .categories("c", rows.map { $0 % 1000 < 500 ? "low" : "high" }, levels: ["low", "high"]),
            .texts("t", rows.map { "text \($0 % 1000)" }))
        let outcome = try profile.run(tables: ["in": many])
        // A thousand different rows: i lacks where the row's number ends in 0, which n knows too.
        #expect(try metrics(outcome)["repeated_rows"] == 149_000)
        #expect(try metrics(outcome)["incomplete_rows"] == 15_000)
        #expect(try cell(outcome, "n", "mean") == "1000.0")
        #expect(try cell(outcome, "t", "distinct") == "1000.0")
        #expect(try cell(outcome, "t", "most_frequent") == "text 0")
        let report = try outcome.text("report")
        #expect(report.contains("They say nearly the same: Pearson 1.000."))
        #expect(!Files.exists(outcome.path("columns") + "-ranks-0"))
    }

    @Test func `numbers at the ends of what a number can be have a report`() throws {
        let most = Double.greatestFiniteMagnitude
        let columns: [[Double?]] = [
            [most, -most, most, -most, nil, 1], [0x1p-1074, 0, -0x1p-1074, 0, 0, nil],
            [.infinity, -.infinity, .nan, nil, nil, nil],
            [1, 1.nextUp, 1, 1, 1, 1], [1e300, -1e-300, 2, 3, 4, 5], [most, most, most, most, most, most],
        ]
        let frame = try DataFrame(
            columns.enumerated().map { .numbers("n\($0)", $1) }
                + [
                    .integers("i", [.max, .min, 0, nil, 1, 2]), day("d", [.max, .min, 0, nil, 1, 2]),
                    DataColumn("t", .timestamp, .timestamp([.max, .min, 0, 3, 1, 2])),
                ])
        let outcome = try profile.run(tables: [
            "in": ArrowTable(frame: frame), "reference": ArrowTable(frame: frame),
        ])
        #expect(
            try cell(outcome, "n0", "minimum") == "\(-most)"
                && cell(outcome, "i", "maximum") == "9.223372036854776e+18")
        #expect(try metrics(outcome)["largest_psi"] == 0)
        let labelled = ArrowTable(
            frame: try DataFrame(
                frame.columns.filter { $0.type == .number } + [.texts("y", ["a", "b", "a", "b", "a", "b"])]))
        let labels = try KindHarness("clean.labels")
        #expect(
            try labels.run(["label": "y", "folds": 2, "action": "flag"], tables: ["in": labelled]).table(
                "table"
            ).frame.count == 6)
    }

    @Test func `a value far from all others does not make a line of them`() throws {
        let rows = (0..<1000).map { Double($0 % 50) } + [1e6]
        let report = try profile.run(tables: ["in": table([:], .numbers("x", rows))]).text("report")
        #expect(
            report.contains(
                "Half of the values lie between 12 and 37, the middle one is 25. 1 far from them is not drawn."
            ))
    }

    @Test func `gates on metrics that there are not are told before the run`() throws {
        let type = StaticType.table(TableType([Column("x", .number)]))
        let wrong = try profile.check("{ gates: { repeated_rowz: \"<= 1\" } }", ["in": type])
        #expect(wrong.text.contains("a profile has no metric 'repeated_rowz'"))
        #expect(wrong.text.contains("repeated_rows"))
        let drift = try profile.check("{ gates: { largest_psi: \"<= 0.2\" } }", ["in": type])
        #expect(drift.text.contains("'largest_psi' is measured against a reference, and none goes in"))
        let fine = try profile.check(
            "{ gates: { largest_psi: \"<= 0.2\" } }", ["in": type, "reference": type])
        #expect(fine.text == "")
        #expect(fine.outputs["profile"] != nil && fine.outputs["report"] == .report)
    }

    @Test func `outputs are pinned`() throws {
        let ports = ["report", "profile", "columns"]
        let credit = ArrowTable(frame: try germanCredit(), roles: ["creditability": .target])
        let cases: [(name: String, digest: String)] = [
            ("mixed", try profile.run(tables: ["in": mixed()]).digest(ports)),
            (
                "german credit",
                try profile.run(["title": "German Credit"], tables: ["in": credit]).digest(ports)
            ),
            (
                "german credit against its first rows",
                try profile.run(tables: ["in": credit, "reference": credit.gather(Array(0..<300))]).digest(
                    ports)
            ),
        ]
        try expectGoldens("clean.profile", cases)
    }
}
