import CanonicalJSON
import Charts
import DataFrames
import Estimators
import PipelineLanguage
import TableTypes

/// `clean.near_duplicates` at work: the texts pass once to be compared, and all rows once more to be written.
struct NearDuplicateRows {
    private let run: StageRun
    private let column: String
    private let action: CleanNearDuplicates.Action
    private let options: NearDuplicateOptions

    /// - Returns: Nil if the parameters are not of the declared form, which the decoder of `with` sees to.
    init?(_ run: StageRun) {
        guard let column = run.parameters["column"]?.string,
            let threshold = run.parameters["threshold"]?.number,
            let shingles = run.parameters["shingles"]?.string.flatMap(
                CleanNearDuplicates.Shingles.init),
            let action = run.parameters["action"]?.string.flatMap(CleanNearDuplicates.Action.init)
        else { return nil }
        self.run = run
        self.column = column
        self.action = action
        let length = run.parameters["length"]?.integer.map { Int($0) }
        let analysis =
            switch shingles {
            case .characters: TextAnalysis(unit: .characters, lengths: (length ?? 5)...(length ?? 5))
            case .words:
                TextAnalysis(unit: .words(minimumLength: 1), lengths: (length ?? 3)...(length ?? 3))
            }
        options = NearDuplicateOptions(shingles: analysis, threshold: threshold)
    }

    // MARK: Finding

    private func find() throws -> NearDuplicates {
        let type = try run.reader("in").type
        guard let found = type[column] else {
            throw StageLibraryFinding.unknownColumn(column, known: type.names)
        }
        if let misfit = CleanNearDuplicates.misfit(found) { throw misfit }
        let finder: NearDuplicateFinder
        do {
            finder = try NearDuplicateFinder(options, threads: max(1, min(1024, run.threads)))
        } catch {
            preconditionFailure("options out of the ranges of the parameters: \(error)")
        }
        let budget = MemoryBudget(
            run, "the shingles of all texts are held in memory", share: 0.75,
            advice: "drop equal rows with clean.table before")
        var texts = try run.reader("in", columns: [column])
        try texts.eachBatch { frame, first in
            frame.columns[0].eachTexts { finder.take($0) }
            try budget.check(rows: first + frame.count)
        }
        return finder.finish()
    }

    // MARK: Writing

    private var rule: String { "near_duplicates: \(action.rawValue)" }

    /// Writes all outputs.
    ///
    /// - Throws: `StageLibraryFinding`, `StageError`.
    func write() throws {
        let found = try find()
        var reader = try run.reader("in")
        if let added = action.column, reader.type[added] != nil {
            throw StageLibraryFinding.duplicateOutput(added)
        }
        let writers = (
            table: TableWriter(run, "table", roles: reader.roles),
            quarantine: TableWriter(run, "quarantine", roles: reader.roles),
            changes: TableWriter(run, "changes"), pairs: TableWriter(run, "pairs")
        )
        try reader.eachBatch { frame, first in
            let repeats = (0..<frame.count).filter { found.isRepeated(first + $0) }
            var rows = CleanedRows(frame, first: first)
            let log = ChangeLog()
            for row in repeats { tell(first + row, found, log) }
            switch action {
            case .drop: rows.keep((0..<frame.count).filter { !found.isRepeated(first + $0) })
            case .quarantine: try rows.setAside(repeats, reasons: repeats.map { reason(first + $0, found) })
            case .flag: break
            }
            try writers.table.append(action == .flag ? flagged(frame, first, found) : rows.frame)
            try writers.quarantine.append(rows.quarantine)
            try writers.changes.append(log.take())
            try writers.pairs.append(pairs(repeats.map { first + $0 }, found))
        }
        for writer in [writers.table, writers.quarantine, writers.changes, writers.pairs] {
            try writer.finish()
        }
    }

    private func tell(_ row: Int, _ found: NearDuplicates, _ log: ChangeLog) {
        if action == .flag {
            log.append(
                row + 1, column: action.column, after: String(found.representatives[row] + 1), rule: rule)
        } else {
            log.append(row + 1, rule: rule)
        }
    }

    private func reason(_ row: Int, _ found: NearDuplicates) -> String {
        let similarity = found.similarities[row]
        let share = similarity == 1 ? "all shingles" : "\(NumberText.fixed(similarity, 3)) of the shingles"
        return "\(column) repeats that of row \(found.representatives[row] + 1), \(share) in common"
            + (similarity < options.threshold ? ", by way of others" : "")
    }

    private func flagged(_ frame: DataFrame, _ first: Int, _ found: NearDuplicates) -> DataFrame {
        let rows = first..<(first + frame.count)
        guard let name = action.column else { return frame }
        return DataFrame(
            checked: frame.columns + [
                DataColumn(
                    name, .integer,
                    .int64(rows.map { found.isRepeated($0) ? Int64(found.representatives[$0] + 1) : 0 }),
                    validity: ValidityBitmap(rows.map { found.isRepeated($0) }))
            ])
    }

    private func pairs(_ rows: [Int], _ found: NearDuplicates) -> DataFrame {
        DataFrame(
            checked: [
                DataColumn("row", .integer, .int64(rows.map { Int64($0 + 1) })),
                DataColumn("of", .integer, .int64(rows.map { Int64(found.representatives[$0] + 1) })),
                DataColumn("similarity", .number, .float64(rows.map { found.similarities[$0] })),
            ])
    }
}
