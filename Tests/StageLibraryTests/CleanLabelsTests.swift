import ArrowIPC
import CanonicalJSON
import DataFrames
import Images
import PipelineLanguage
import Platform
import StageLibrary
import TableTypes
import Testing

@Suite struct CleanLabelsTests {
    let labels: KindHarness
    init() throws { labels = try KindHarness("clean.labels") }

    /// Two clouds; the first six rows of each side have the other's label.
    private func clouds() throws -> ArrowTable {
        let rows = 0..<200
        let side = rows.map { $0 % 2 }
        let x = rows.map { row -> Double? in
            row % 50 == 49 ? nil : Double(row * 7919 % 101) / 50 + Double(side[row] * 3)
        }
        let names = rows.map { row -> String? in (row < 12 ? 1 - side[row] : side[row]) == 1 ? "yes" : "no" }
        return try table(
            ["y": .target, "id": .id], .integers("id", rows.map { Int64($0) }), .numbers("x", x),
            .categories("c", rows.map { $0 % 3 == 0 ? "u" : "v" }, levels: ["u", "v"]),
            .categories("y", names, levels: ["no", "yes"]))
    }

    private func rows(_ outcome: Outcome, _ port: String, _ column: String) throws -> [Int] {
        try outcome.table(port).frame[column]?.numbers?.map { Int($0) } ?? []
    }

    @Test func `rows with a wrong label are set apart with the reason, the others stay`() throws {
        let outcome = try labels.run(tables: ["in": clouds()])
        let issues = try outcome.table("issues").frame
        #expect(issues.names == ["row", "given", "suggested", "self_confidence", "margin"])
        let found = try rows(outcome, "issues", "row")
        #expect(Set(1...12).isSubset(of: found) && found.count <= 16, "\(found)")
        let confidence = issues["self_confidence"]?.numbers ?? []
        #expect(confidence == confidence.sorted())
        let quarantine = try outcome.table("quarantine")
        #expect(try rows(outcome, "quarantine", "id").map { $0 + 1 } == found.sorted())
        #expect(quarantine.roles == ["y": .target, "id": .id])
        let reason = try #require(quarantine.frame["reason"]?.string(0))
        #expect(
            reason.hasPrefix("y is 'yes' with probability 0.0") && reason.contains(", 'no' with 0.9"),
            "\(reason)")
        #expect(try outcome.table("table").frame.count == 200 - found.count)
        let changes = try outcome.table("changes").frame
        #expect(changes["rule"]?.string(0) == "labels: noise_rate, quarantine")
        #expect(try rows(outcome, "changes", "row") == found.sorted())
        #expect(outcome.logs.first?.hasSuffix("of 200 labels are estimated to be wrong") == true)
    }

    @Test func `rows are dropped or marked as asked`() throws {
        let dropped = try labels.run(["action": "drop"], tables: ["in": clouds()])
        let found = try rows(dropped, "issues", "row")
        #expect(try dropped.table("table").frame.count == 200 - found.count)
        #expect(try dropped.table("quarantine").frame.count == 0)
        let marked = try labels.run(["action": "flag"], tables: ["in": clouds()])
        let frame = try marked.table("table").frame
        #expect(frame.count == 200)
        #expect(
            frame["label_issue"]?.numbers == (1...200).map { found.contains($0) ? 1 : 0 })
        #expect(try marked.table("changes").frame["column"]?.string(0) == "label_issue")
        for method in ["self_confidence", "both"] {
            let other = try labels.run(["method": .string(method)], tables: ["in": clouds()])
            #expect(Set(try rows(other, "issues", "row")).isSuperset(of: 1...12), "\(method)")
        }
    }

    /// One label in twenty is wrong: pictures of 8 by 8 as 64 numbers, from pipelines/data.
    @Test func `of wrong labels among the digits four in five are found, half of what is found is wrong`()
        throws
    {
        var pixels = [[Double?]](repeating: [], count: 64)
        var truth: [Int64] = []
        for digit in 0...9 {
            let folder = "\(projectRoot)/pipelines/data/digits/\(digit)"
            for name in try Files.list(folder).sorted() where name.hasSuffix(".png") {
                let image = try Image(png: Files.read("\(folder)/\(name)"))
                for (place, value) in image.pixels.enumerated() { pixels[place].append(Double(value)) }
                truth.append(Int64(digit))
            }
        }
        try #require(truth.count == 1797)
        let wrong = Set((0..<90).map { ($0 &* 7919 &+ 13) % 1797 })
        let given = truth.indices.map {
            wrong.contains($0) ? (truth[$0] + 1 + Int64($0 % 9)) % 10 : truth[$0]
        }
        let columns =
            pixels.enumerated().map { DataColumn.numbers("p\($0)", $1) } + [.integers("digit", given)]
        let outcome = try labels.run(
            ["label": "digit"], tables: ["in": ArrowTable(frame: try DataFrame(columns))], seed: 1)
        let found = Set(try rows(outcome, "issues", "row").map { $0 - 1 })
        let hits = found.intersection(wrong).count
        #expect(wrong.count == 90)
        #expect(Double(hits) >= 0.8 * Double(wrong.count), "\(hits) of \(wrong.count)")
        #expect(Double(hits) >= 0.5 * Double(found.count), "\(hits) of \(found.count) found")
    }

    @Test func `threads change no byte`() throws {
        let ports = ["table", "quarantine", "changes", "issues"]
        let one = try labels.run(tables: ["in": clouds()]).digest(ports)
        #expect(try labels.run(tables: ["in": clouds()]).digest(ports) == one)
    }

    // MARK: What is refused

    private func check(_ with: String, _ columns: [Column], isOpen: Bool = false) throws -> String {
        try labels.check(with, ["in": .table(TableType(columns, isOpen: isOpen))]).text
    }

    @Test func `what cannot be judged is told before the run`() throws {
        let x = Column("x", .number)
        #expect(
            try check("{ folds: 5 }", [x]).contains(
                "no column of labels is named, and no column has the role target"))
        #expect(try check("{ label: x }", [x]).contains("'x' is of type number; labels are classes"))
        let y = Column("y", .category, role: .target)
        #expect(
            try check("{ features: [x, y] }", [x, y]).contains(
                "'y' is the label and is named among the features"))
        #expect(
            try check("{ label: y }", [y, Column("t", .text)]).contains("there is no column to learn from"))
        #expect(
            try check("{ features: [t] }", [y, Column("t", .text)]).contains(
                "'t' is of type text, which is no feature"))
        #expect(
            try check("{ action: flag }", [x, y, Column("label_issue", .boolean)])
                .contains("two columns of the result would be called 'label_issue'"))
        #expect(
            try check("{ action: quarantine }", [x, y, Column("reason", .text)])
                .contains("two columns of the result would be called 'reason'"))
        #expect(try check("{ action: drop }", [x, y]) == "")
        #expect(try check("{ action: drop }", [], isOpen: true).contains("no column of labels"))
    }

    @Test func `what only the rows show is told by the run`() throws {
        let x = DataColumn.numbers("x", [1, 2, 3, 4, 5, 6, 7])
        func failure(_ with: JSONValue, _ columns: DataColumn...) throws -> String {
            labels.failure(with, tables: ["in": ArrowTable(frame: try DataFrame(columns))]) ?? ""
        }
        let few = DataColumn.texts("y", ["a", "a", "a", "a", "a", "b", "b"])
        #expect(
            try failure(["label": "y"], x, few)
                == "'b' in column 'y' has 2 rows, fewer than the 5 folds\n  fix: take fewer folds, or drop the rows of rare classes before"
        )
        #expect(
            try failure(["label": "y"], x, .texts("y", ["a", nil, "a", "b", "b", "b", nil]))
                .hasPrefix("the target 'y' has no value in 2 rows; the first is row 2"))
        #expect(
            try failure(["label": "z"], x, few).hasPrefix("column 'z'")
                || (try failure(["label": "z"], x, few)).contains("z"))
        #expect(
            try failure(["label": "y"], .numbers("x", []), .texts("y", [])) == "the table 'in' has no rows")
        #expect(
            try failure(["label": "y"], x, .texts("y", Array(repeating: "a", count: 7)))
                .hasPrefix("all rows have the class 'a'"))
        #expect(try failure(["label": "y"], few).hasPrefix("there is no column to learn from"))
        let wide = (0..<4100).map { DataColumn.numbers("n\($0)", [1, 2, 3, 4]) }
        let labelled = wide + [.texts("y", ["a", "b", "a", "b"])]
        #expect(
            labels.failure(
                ["label": "y", "folds": 2], tables: ["in": ArrowTable(frame: try DataFrame(labelled))])?
                .hasPrefix("4100 features and 1 classes need 4100 coefficients; at most 4096 are learned")
                == true)
    }

    @Test func `outputs are pinned`() throws {
        let ports = ["table", "quarantine", "changes", "issues"]
        var cases: [(name: String, digest: String)] = []
        for action in ["drop", "quarantine", "flag"] {
            for method in ["noise_rate", "self_confidence", "both"] {
                let outcome = try labels.run(
                    ["action": .string(action), "method": .string(method)], tables: ["in": clouds()])
                cases.append(("\(action), \(method)", try outcome.digest(ports)))
            }
        }
        try expectGoldens("clean.labels", cases)
    }
}
