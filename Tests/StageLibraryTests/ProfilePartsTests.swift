import ArrowIPC
import CanonicalJSON
import DataFrames
import Diagnostics
import PipelineLanguage
import Platform
import TableTypes
import Testing

@testable import StageLibrary

/// What `clean.profile` and `clean.labels` are made of, where a whole run shows too little.
@Suite struct ProfilePartsTests {
    private let space: Workspace
    init() throws { space = try Workspace() }

    @Test func `a sample takes one row of each stretch, the same however rows come`() {
        let sample = SampledRows(of: 1003, most: 100)
        #expect(sample.count == 100 && !sample.isAll)
        let whole = sample.places(first: 0, count: 1003)
        #expect(whole.count == 100 && whole == whole.sorted() && whole.last! < 1003)
        for (stretch, row) in whole.enumerated() { #expect(row * 100 / 1003 == stretch, "\(row)") }
        for piece in [1, 7, 64, 500] {
            let pieces = stride(from: 0, to: 1003, by: piece).flatMap { first in
                sample.places(first: first, count: min(piece, 1003 - first)).map { $0 + first }
            }
            #expect(pieces == whole)
        }
        #expect(SampledRows(of: 5, most: 5).places(first: 2, count: 3) == [0, 1, 2])
    }

    private func run(
        _ inputs: [StageRun.Artifact], threads: Int = 1, memory: Int64? = nil, to folder: String = ""
    ) -> StageRun {
        let outputs = ["report", "profile", "columns", "table", "quarantine", "changes", "issues"]
        return StageRun(
            parameters: ["label": "y", "folds": 3], seed: 3, threads: threads, memory: memory, inputs: inputs,
            outputs: Dictionary(uniqueKeysWithValues: outputs.map { ($0, space.place($0 + folder)) }))
    }

    private func rows(_ count: Int) throws -> DataFrame {
        let rows = 0..<count
        return try frame(
            .numbers("x", rows.map { $0 % 11 == 3 ? nil : Double($0 * 7919 % 257) }),
            .integers("i", rows.map { Int64($0 % 50) }), .texts("t", rows.map { "t\($0 % 50)" }),
            .categories("c", rows.map { $0 % 3 == 0 ? "u" : "v" }, levels: ["u", "v"]),
            .categories(
                "y", rows.map { $0 * 7919 % 257 < 90 || $0 < 9 ? "no" : "yes" }, levels: ["no", "yes"]))
    }

    @Test func `repeated rows are counted in however many passes`() throws {
        let table = try space.table("in", rows(300).gather(Array(0..<300) + [5, 5, 299]))
        for most in [10, 100, 1000] {
            let repeated = try RepeatedRows(run([table]), rows: 303, WorkerPool(size: 2), most: most)
            #expect(repeated.repeated == 3 && repeated.incomplete == 27, "\(repeated)")
        }
        // Neither the order of columns nor a null in place of a zero makes two rows one.
        let odd = try space.table(
            "in",
            frame(
                .integers("a", [0, nil, 1, 2]), .integers("b", [0, 0, 2, 1]), .texts("c", ["", nil, "", ""])))
        #expect(try RepeatedRows(run([odd]), rows: 4, WorkerPool(size: 1)).repeated == 0)
    }

    @Test func `texts are told apart up to a limit, and it is said`() {
        var counts = HashCounts()
        for round in 0..<3 {
            for number in 0..<(200 >> round) {
                var text = "text \(number)"
                text.withUTF8 { counts.add($0) }
            }
        }
        #expect(counts.distinct == 200 && !counts.isOver)
        #expect(
            counts.mostFrequent(2) == [.init(level: "text 0", count: 3), .init(level: "text 1", count: 3)])
        #expect(counts.mostFrequent(1000).count == 100)
        for number in 0..<HashCounts.most {
            var text = "other \(number)"
            text.withUTF8 { counts.add($0) }
        }
        #expect(counts.isOver && counts.distinct == HashCounts.most)
    }

    @Test func `threads change no byte of a profile or of what is done to labels`() throws {
        let table = try space.table("in", rows(70_000))
        let reference = StageRun.Artifact(
            port: "reference", type: .table, path: table.path, basename: "reference")
        for threads in [1, 3] {
            try CleanProfile.kind.run(run([table, reference], threads: threads, to: "-\(threads)"))
        }
        for port in ["report", "profile", "columns"] {
            #expect(try space.digest("\(port)-1") == space.digest("\(port)-3"))
        }
        let few = try space.table("in", rows(500))
        for threads in [1, 3] { try CleanLabels.kind.run(run([few], threads: threads, to: "-\(threads)")) }
        for port in ["table", "quarantine", "changes", "issues"] {
            #expect(try space.digest("\(port)-1") == space.digest("\(port)-3"))
        }
    }

    @Test func `what does not fit into the memory of a stage is said`() throws {
        let table = try space.table("in", rows(1000))
        let error = stageError { try CleanProfile.kind.run(run([table], memory: 1 << 20)) }
        #expect(error.contains("held in memory") && error.contains("that its 'memory' leaves"), "\(error)")
        let labels = stageError { try CleanLabels.kind.run(run([table], memory: 1 << 20)) }
        #expect(labels.contains("the features of all rows are held in memory"), "\(labels)")
    }

    @Test(arguments: [
        (44.1, "44.1"), (0, "0"), (-0.25, "-0.25"), (1234.0, "1,234"), (65_432.1, "65,432"),
        (1e-7, "1.00e-07"),
        (2.5e15, "2.50e15"), (1.0 / 3, "0.3333"), (99.96, "99.96"), (100.04, "100"),
    ])
    func `numbers on the page are short`(value: Double, text: String) {
        #expect(ValueText.short(value) == text)
    }

    @Test(arguments: [
        (999_999, "999,999"), (1_000_000, "1.00M"), (12_345_678, "12.35M"), (2_000_000_000, "2.00G"),
    ])
    func `large counts fit into a tile`(count: Int, text: String) { #expect(ValueText.large(count) == text) }

    @Test(arguments: [
        (500_000.0, "500k"), (1.5e6, "1.5M"), (2000, "2000"), (-20_000, "-20k"), (0.25, "0.25"), (3e9, "3G"),
    ])
    func `numbers beside an axis are shorter`(value: Double, text: String) {
        #expect(ValueText.tick(value) == text)
    }

    @Test func `every finding about labels and profiles has been seen`() {
        let all: [any Finding] = [
            LabelFinding.noLabel, LabelFinding.labelType(column: "x", type: .number),
            LabelFinding.labelType(column: "x", type: .date), LabelFinding.labelIsFeature("y"),
            LabelFinding.noFeatures,
            LabelFinding.featureType(column: "t", type: .text),
            LabelFinding.tooManyFeatures(values: 9000, classes: 3, limit: 4096),
            LabelFinding.classTooSmall(column: "y", level: "rare", rows: 1, folds: 5),
            LabelFinding.notConverged(iterations: 100), ProfileFinding.unknownMetric("rowz", known: ["rows"]),
            ProfileFinding.metricOfReference("largest_psi"),
        ]
        #expect(
            all.map {
                "\($0.message)\($0.notes.map { "; \($0.label): \($0.text)" }.joined())\($0.fix.map { " | \($0)" } ?? "")"
            } == [
                "no column of labels is named, and no column has the role target | write label: COLUMN, or give the column role: target in its Table Schema",
                "'x' is of type number; labels are classes; expected: boolean, integer, category, text | cut it into classes first, for example low | high",
                "'x' is of type date; labels are classes; expected: boolean, integer, category, text",
                "'y' is the label and is named among the features | leave 'y' out of the features",
                "there is no column to learn from | make numbers of texts and files first, or name columns in 'features'",
                "'t' is of type text, which is no feature; expected: boolean, integer, number, category | leave 't' out, or make numbers of it first",
                "9000 features and 3 classes need 27000 coefficients; at most 4096 are learned | name the columns that matter in 'features', or merge rare levels",
                "'rare' in column 'y' has 1 row, fewer than the 5 folds | take fewer folds, or drop the rows of rare classes before",
                "the model has not converged after 100 iterations | lower c, or clip values far from the others with clean.table",
                "a profile has no metric 'rowz'; metrics: rows | did you mean 'rows'?",
                "'largest_psi' is measured against a reference, and none goes in | write in: { in: ..., reference: ... }, or take the gate away",
            ])
    }
}
