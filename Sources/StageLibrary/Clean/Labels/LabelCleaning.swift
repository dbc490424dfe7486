import CanonicalJSON
import Charts
import DataFrames
import Estimators
import PipelineLanguage
import Platform
import TableTypes

/// `clean.labels` at work.
struct LabelCleaning {
    private let run: StageRun
    private let action: String
    private let method: LabelIssues.Method
    private let features: LabelFeatures
    private let classes: [String]
    private let issues: [LabelIssues.Issue]

    /// - Throws: `LabelFinding`, `ModelFinding`, `StageError`.
    init(_ run: StageRun) throws {
        self.run = run
        action = run.parameters["action"]?.string ?? "quarantine"
        method = run.parameters["method"]?.string.flatMap(LabelIssues.Method.init) ?? .noiseRate
        // Each thread has a copy of most rows beside them.
        let budget = MemoryBudget(
            run, "the features of all rows are held in memory", share: 0.875 / Double(1 + max(1, run.threads))
        )
        let reader = try run.reader("in")
        var type = reader.type
        for place in type.columns.indices {
            type.columns[place].role = reader.roles[type.columns[place].name]
        }
        features = try LabelFeatures(run.parameters, type)
        if let missing = ([features.label] + features.columns).first(where: { type[$0] == nil }) {
            throw StageLibraryFinding.unknownColumn(
                missing, table: run.input("in")?.basename, known: type.names)
        }
        guard reader.rows > 0 else { throw ModelFinding.noRows(port: "in") }
        var labels = try run.reader("in", columns: [features.label])
        let column = try labels.all(budget).columns[0]
        classes = try ClassLabels.classes(of: column)
        let codes = try ClassLabels.codes(of: column, in: classes)
        let (x, width) = try features.matrix(run, classes: classes.count, budget)
        issues = try Self.issues(run, x, width, codes, classes, features.label, method)
    }

    private static func issues(
        _ run: StageRun, _ x: [Double], _ width: Int, _ codes: [Int], _ classes: [String], _ label: String,
        _ method: LabelIssues.Method
    ) throws -> [LabelIssues.Issue] {
        let folds = run.parameters["folds"]?.number.map { Int($0) } ?? 5
        do {
            let probabilities = try OutOfFold.probabilities(
                x, columns: width, labels: codes, classes: classes.count, folds: folds,
                c: run.parameters["c"]?.number ?? 1, seed: run.seed, WorkerPool(size: max(1, run.threads)))
            let joint = try ConfidentJoint(
                labels: codes, probabilities: probabilities, classes: classes.count)
            run.tell(
                .log(
                    "\(NumberText.count(joint.estimatedIssues)) of \(NumberText.count(codes.count)) labels are estimated to be wrong"
                ))
            return LabelIssues(labels: codes, probabilities: probabilities, joint: joint, method: method)
                .issues
        } catch RowSplitError.classTooSmall(let code, let rows, _) {
            throw LabelFinding.classTooSmall(
                column: label, level: shortened(classes[code]), rows: rows, folds: folds)
        } catch EstimatorError.notConverged(let iterations, _) {
            throw LabelFinding.notConverged(iterations: iterations)
        } catch let error as EstimatorError {
            throw StageError("\(error)")
        }
    }

    // MARK: Writing

    private var rule: String { "labels: \(method.rawValue), \(action)" }

    /// Writes all outputs.
    func write() throws {
        var reader = try run.reader("in")
        let table = TableWriter(run, "table", roles: reader.roles)
        let quarantine = TableWriter(run, "quarantine", roles: reader.roles)
        let changes = TableWriter(run, "changes")
        let log = ChangeLog()
        try changes.append(ChangeLog.empty)
        let byRow = Dictionary(uniqueKeysWithValues: issues.map { ($0.row, $0) })
        try reader.eachBatch { frame, first in
            var rows = CleanedRows(frame, first: first)
            let found = (0..<frame.count).filter { byRow[first + $0] != nil }
            switch action {
            case "flag":
                if frame[CleanLabels.flag] != nil {
                    throw StageLibraryFinding.duplicateOutput(CleanLabels.flag)
                }
                for row in found {
                    log.append(first + row + 1, column: CleanLabels.flag, after: "true", rule: rule)
                }
                let flags = (0..<frame.count).map { byRow[first + $0] != nil }
                try table.append(
                    DataFrame(
                        checked: frame.columns + [DataColumn(CleanLabels.flag, .boolean, .boolean(flags))]))
            case "quarantine":
                for row in found { log.append(first + row + 1, rule: rule) }
                try rows.setAside(found, reasons: found.compactMap { byRow[first + $0].map(reason) })
                try table.append(rows.frame)
            default:
                for row in found { log.append(first + row + 1, rule: rule) }
                rows.keep((0..<frame.count).filter { byRow[first + $0] == nil })
                try table.append(rows.frame)
            }
            try quarantine.append(rows.quarantine)
            try changes.append(log.take())
        }
        for writer in [table, quarantine, changes] { try writer.finish() }
        let output = TableWriter(run, "issues")
        try output.append(issuesFrame, isLast: true)
        try output.finish()
    }

    private func reason(_ issue: LabelIssues.Issue) -> String {
        "\(features.label) is '\(classes[issue.given])' with probability \(NumberText.fixed(issue.selfConfidence, 3)), "
            + "'\(classes[issue.suggested])' with \(NumberText.fixed(issue.selfConfidence + issue.margin, 3))"
    }

    private var issuesFrame: DataFrame {
        let ordered = issues.sorted { ($0.selfConfidence, $0.row) < ($1.selfConfidence, $1.row) }
        func texts(_ name: String, _ code: (LabelIssues.Issue) -> Int) -> DataColumn {
            DataColumn(name, .text, .utf8(StringStorage(ordered.map { classes[code($0)] })))
        }
        return DataFrame(
            checked: [
                DataColumn("row", .integer, .int64(ordered.map { Int64($0.row + 1) })),
                texts("given") { $0.given },
                texts("suggested") { $0.suggested },
                DataColumn("self_confidence", .number, .float64(ordered.map(\.selfConfidence))),
                DataColumn("margin", .number, .float64(ordered.map(\.margin))),
            ])
    }
}
