import ArrowIPC
import DataFrames
import PipelineLanguage
import TableTypes

/// Rows on their way to a table and its rejects, held to a schema some at a time: as `CollectedRows`, but that nothing is
/// kept but levels, and texts that must be unique.
struct SchemaBatches {
    private let schema: TableSchema
    private let rejects: RejectLog
    private let budget: MemoryBudget
    private let passOn: (DataFrame) throws -> Void
    private var seen: SchemaReading.SeenKeys
    /// Of categories whose levels nobody tells, by their names.
    private var levels: [String: MetLevels]
    /// So far.
    private(set) var rows = 0

    /// - Parameters:
    ///   - met: Categories whose levels nobody tells: they come in the order they are met.
    ///   - passOn: Is given the rows that fit, columns in the schema's order.
    init(
        _ run: StageRun, _ schema: TableSchema, met: Set<String>, rejects: RejectLog,
        passOn: @escaping (DataFrame) throws -> Void
    ) {
        self.schema = schema
        self.rejects = rejects
        self.passOn = passOn
        budget = MemoryBudget(run, "rows that come at once, and what must be unique, are held in memory")
        seen = .init(schema)
        levels = Dictionary(uniqueKeysWithValues: met.map { ($0, MetLevels()) })
    }

    /// Takes the next rows; a table without rows has to come as such.
    ///
    /// - Throws: `StageError` when the columns are not the schema's; what `passOn` throws.
    mutating func append(_ batch: CollectedRows) throws {
        let reading = try SchemaReading(
            batch.columns, schema, found: batch.misfits, first: rows, seen: &seen)
        try rejects.append(batch.rejects(reading))
        rows += batch.columns.first?.count ?? 0
        try budget.check(rows: rows)
        let fitting = reading.table.frame
        let columns = fitting.columns.map { levels[$0.name]?.taking($0) ?? $0 }
        // Of a run that is to fail only the rejects are still counted.
        if !rejects.isOver { try passOn(DataFrame(checked: columns)) }
    }

    /// The same of columns that have types, all of one file.
    mutating func append(_ frame: DataFrame) throws {
        let first = rows
        try append(
            CollectedRows(columns: frame.columns.map(TableFile.source), place: { (0, first + $0 + 1) }))
    }
}

/// Levels of a category in the order they are met.
private struct MetLevels {
    private var places: [TextKey: Int32] = [:]
    private var met: [String] = []

    /// The column with these levels, those that are new with them.
    mutating func taking(_ column: DataColumn) -> DataColumn {
        guard case .dictionary(let indices, let levels) = column.storage else { return column }
        let moved = levels.map { level in
            if let place = places[TextKey(level)] { return place }
            let place = Int32(met.count)
            places[TextKey(level)] = place
            met.append(level)
            return place
        }
        let here = indices.indices.map { column.isValid($0) ? moved[Int(indices[$0])] : 0 }
        return DataColumn(
            column.name, column.type, .dictionary(indices: here, levels: met), validity: column.validity)
    }
}

extension StageRun {
    /// Holds rows that come some at a time to a schema and writes `table` and `rejects`.
    ///
    /// - Parameters:
    ///   - files: What messages call the files the rows come from.
    ///   - names: What `rejects` calls them; nil leaves that column out.
    ///   - told: Categories whose levels come with the rows, the same ones always, and stay.
    ///   - rows: Appends all rows.
    /// - Throws: `StageError`, also when more rows do not fit than `max_rejects` says.
    func collect(
        _ files: [String], named names: [String]?, _ schema: TableSchema, told: Set<String> = [],
        rows: (inout SchemaBatches) throws -> Void
    ) throws {
        let met = schema.openCategories.subtracting(told)
        let table = TableWriter(self, "table", roles: schema.roles, sorting: met)
        let rejected = TableWriter(self, "rejects")
        let rejects = RejectLog(limit: maxRejects) { try rejected.append(RejectedRows.frame($0, names)) }
        var batches = SchemaBatches(self, schema, met: met, rejects: rejects) { try table.append($0) }
        try rows(&batches)
        try rejects.finish(files: files)
        try table.finish()
        try rejected.finish()
    }
}
