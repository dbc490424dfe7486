import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes

/// Rows as they were read from files, on their way to a table and its rejects.
struct CollectedRows {
    /// In any order, equally long.
    var columns: [SchemaReading.Source]
    /// What only the reader could see does not fit.
    var misfits: [SchemaReading.Misfit] = []
    /// What makes no row at all.
    var faults: [RejectedRows.Row] = []
    /// Where a row stands: which file, from 0, and its number there, from 1.
    var place: (Int) -> (file: Int, number: Int)

    /// Holds the rows to the schema and writes both outputs.
    ///
    /// - Throws: `StageError` when more rows do not fit than `max_rejects`
    ///   says, and when the columns are not the schema's.
    func write(_ run: StageRun, _ files: [StageRun.Artifact], _ schema: TableSchema) throws {
        try MemoryBudget(run, "all rows are held in memory").check(rows: columns.first?.count ?? 0)
        let reading = try SchemaReading(columns, schema, found: misfits)
        let rejects = RejectedRows(rejects(reading))
        try rejects.hold(to: run.maxRejects, files: files.map(\.basename))
        try run.write(reading.table, to: "table")
        try run.write(rejects.table(files.map(\.name)), to: "rejects")
    }

    /// Rows of one file as those of another, behind so many of its own.
    func placed(inFile file: Int, behind rows: Int) -> CollectedRows {
        var placed = self
        placed.place = { [place] in (file, place($0).number + rows) }
        for index in faults.indices {
            placed.faults[index].file = file
            placed.faults[index].row += rows
        }
        return placed
    }

    /// What does not fit, by file and row.
    func rejects(_ reading: SchemaReading) -> [RejectedRows.Row] {
        let found = reading.misfits.map { misfit in
            let place = place(misfit.row)
            return RejectedRows.Row(
                file: place.file, row: place.number, column: misfit.column, reason: misfit.reason)
        }
        return faults.isEmpty ? found : RejectedRows(faults + found).rows
    }
}
