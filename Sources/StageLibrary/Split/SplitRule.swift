import Estimators
import PipelineLanguage
import TableTypes

/// By what the rows of a stage's table are split. Of the table only the columns are read that decide it.
struct SplitRule {
    let rows: Int
    let method: RowSplit.Method
    /// Columns that are looked at for rows of one content in two parts.
    let lookedAt: [String]
    private let split: SplitMethod
    /// Of each code of a stratified split its level.
    private let levels: [String]

    /// - Throws: `StageError`.
    init(_ run: StageRun) throws {
        do {
            split = try SplitMethod(run.parameters)
            let all = try run.reader("in")
            let content = try split.contentColumns(all.type)
            for name in [split.column].compactMap(\.self) + content where all.type[name] == nil {
                throw StageLibraryFinding.unknownColumn(
                    name, table: run.input("in")?.basename, known: all.type.names)
            }
            rows = all.rows
            let budget = MemoryBudget(run, "which rows belong together is held in memory")
            if split.groupsByContent {
                if content.isEmpty { throw SplitFinding.noContent }
                var table = try run.reader("in", columns: content)
                method = .group(try ContentGroups(&table, budget).codes())
                levels = []
            } else {
                var codes = SplitCodes(
                    split, try run.reader("in", columns: split.column.map { [$0] } ?? []))
                (method, levels) = try codes.rule(budget)
            }
            lookedAt = split.word.drawsSingleRows ? content : []
        } catch let finding as SplitFinding {
            throw StageError(finding)
        } catch let finding as StageLibraryFinding {
            throw StageError(finding)
        }
    }

    /// What a split by the rule refuses, in the words of the table.
    ///
    /// - Parameter folds: Of a split into folds.
    /// - Throws: `StageError`.
    func findings<T>(folds: Int? = nil, _ body: () throws(RowSplitError) -> T) throws(StageError) -> T {
        do throws(RowSplitError) {
            if rows == 0 { throw .emptyPart("train", rows: 0) }
            return try body()
        } catch {
            let column = split.column ?? ""
            switch error {
            case .classTooSmall(let code, let rows, let parts):
                let level = levels.indices.contains(code) ? levels[code] : "\(code)"
                throw StageError(
                    SplitFinding.levelTooSmall(
                        column: column, level: shortened(level), rows: rows, parts: parts))
            case .emptyPart(let part, let rows):
                // In time there is one stretch more: the rows that no fold tests.
                let parts = folds.map { $0 + (split.word == .time ? 1 : 0) }
                throw StageError(
                    parts.map { .tooFewRows(rows, parts: $0) } ?? SplitFinding.emptyPart(part, rows: rows))
            case .tooFewGroups(let groups, let parts):
                throw StageError(
                    split.groupsByContent
                        ? SplitFinding.tooFewContents(groups, parts: parts)
                        : .tooFewGroups(column: column, groups: groups, parts: parts))
            default: throw StageError("\(error)")
            }
        }
    }
}
