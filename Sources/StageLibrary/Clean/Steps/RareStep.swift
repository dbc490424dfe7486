import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import TableOperations
import TableTypes

/// `rare`: levels that few rows have become one.
struct RareStep: CleanStep {
    static let operation = "merging of rare levels"
    static let takes: [ColumnType] = [.category, .text]
    static let share = 0.01
    static let level = "other"

    let column: String
    let share: Double
    let to: String
    let path: [String]
    private var rare: Set<TextKey>?

    init(_ column: String, _ entry: JSONValue, path: [String]) {
        self.column = column
        share = entry["share"]?.number ?? Self.share
        to = entry["to"]?.string ?? Self.level
        self.path = path
    }

    var unlearned: [String] { rare == nil ? [column] : [] }
    var columns: [String]? { [column] }

    func check(_ check: inout CleanCheck) {
        check.change(column, at: path + ["columns", column]) { column throws(StageLibraryFinding) in
            try CleanCheck.require(column, Self.takes, Self.operation)
            if let levels = column.levels, !levels.contains(where: { TextKey($0) == TextKey(to) }) {
                column.levels = levels + [to]
            }
        }
    }

    func learner(
        _ shape: CleanedRows, _ scope: LearningScope, _ run: StageRun
    ) throws -> (any CleanLearner)? {
        guard rare == nil else { return nil }
        try CleanCheck.require(
            Column(column, try shape.column(column).type), Self.takes, Self.operation)
        return Learner(self)
    }

    private final class Learner: CleanLearner {
        private var step: RareStep
        private var levels = LevelNumbers()
        private var counts: [Int] = []

        init(_ step: RareStep) { self.step = step }

        func take(_ rows: CleanedRows) throws { levels.take(try rows.column(step.column), &counts) }

        func endPass() -> (any CleanStep)? {
            let all = Double(counts.reduce(0, +))
            var rare: Set<TextKey> = []
            for (level, count) in zip(levels.levels, counts)
            where Double(count) < step.share * all && TextKey(level) != TextKey(step.to) {
                rare.insert(TextKey(level))
            }
            step.rare = rare
            return step
        }
    }

    func apply(to rows: inout CleanedRows, _ changes: ChangeLog?) throws {
        let before = try rows.column(column)
        guard let rare, !rare.isEmpty else { return }
        let after: DataColumn
        let isRare: [Bool]
        switch before.storage {
        case .dictionary(let indices, var levels):
            let rareLevels = levels.map { rare.contains(TextKey($0)) }
            let known = levels.firstIndex { TextKey($0) == TextKey(to) }
            if known == nil { levels.append(to) }
            let place = Int32(known ?? levels.count - 1)
            isRare = indices.indices.map { before.isValid($0) && rareLevels[Int(indices[$0])] }
            after = DataColumn(
                column, before.type,
                .dictionary(
                    indices: indices.indices.map { isRare[$0] ? place : indices[$0] }, levels: levels),
                validity: before.validity)
        default:
            let texts = (0..<before.count).map { before.isValid($0) ? before.string($0) : nil }
            isRare = texts.map { $0.map { rare.contains(TextKey($0)) } ?? false }
            after = DataColumn(
                column, before.type,
                .utf8(StringStorage(texts.indices.lazy.map { isRare[$0] ? to : texts[$0] ?? "" })),
                validity: before.validity)
        }
        if let changes {
            let rule = "rare: share below \(JSONValue.number(share).canonicalText)"
            for row in isRare.indices where isRare[row] {
                changes.append(
                    rows.numbers[row], column: column, before: before.string(row), after: to, rule: rule)
            }
        }
        rows.replace(after)
    }
}
