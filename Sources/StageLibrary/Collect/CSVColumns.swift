import DataFrames
import PipelineLanguage
import TableTypes

/// The columns of a schema while CSV files are read.
final class CSVColumns {
    /// Rows that are left out, of those that have not been taken, ascending.
    private var bad: [Int] = []
    /// Rows that have not been taken, those that are left out among them.
    private(set) var count = 0
    /// Each is read by one thread at a time.
    let fields: UnsafeMutableBufferPointer<Field>
    private let schema: TableSchema
    private var keys: [UniqueKey]

    struct Field {
        /// Of the file at hand; nil where it has no such column.
        var place: Int?
        let rules: FieldRules
        var builder: FieldColumnBuilder
        /// Rows of the chunk at hand that do not fit.
        var found: [(row: Int, reason: String)] = []
    }

    /// - Parameter missing: Texts that stand for no value; nil takes those of the schema.
    init(_ schema: TableSchema, missing: [String]?) throws {
        let made = try zip(schema.fields, schema.tableType.columns).map { field, column in
            do throws(TableFinding) {
                let rules = try FieldRules(field, isRequired: !column.isNullable)
                return Field(
                    rules: rules,
                    builder: FieldColumnBuilder(
                        field.name, column.type, levels: column.levels,
                        missing: schema.missing(field, told: missing), form: rules.form))
            } catch {
                throw StageError(error)
            }
        }
        fields = .allocate(capacity: made.count)
        _ = fields.initialize(from: made)
        self.schema = schema
        keys = schema.keys.map { key in
            let fields = key.map { name in schema.fields.firstIndex { $0.name == name }! }
            return UniqueKey(fields: fields, fields.map { schema.missing(schema.fields[$0], told: missing) })
        }
    }

    deinit {
        fields.deinitialize()
        fields.deallocate()
    }

    /// Goes on in a file with these columns.
    ///
    /// - Throws: `StageError` when they are not the schema's.
    func begin(_ names: [String]) throws {
        try SchemaReading.checkNames(names, schema)
        let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        for index in fields.indices { fields[index].place = places[fields[index].builder.name] }
    }

    /// One column of a chunk; different ones may be read at once.
    func read(_ chunk: CSVChunk, field index: Int) {
        guard let place = fields[index].place else {
            _ = fields[index].builder.appendNulls(chunk.rows)
            fields[index].found = []
            return
        }
        let (nulls, unread) = fields[index].builder.append(chunk, column: place)
        let rules = fields[index].rules
        func text(_ row: Int) -> String { chunk.text(row: row, column: place) }
        var found = unread.map { (row: $0, reason: rules.misfit(text($0))) }
        if rules.hasAny {
            rules.breaches(rows: chunk.rows, nulls: nulls, misfits: unread, fields[index].builder, text: text)
            {
                found.append((row: $0, reason: $1))
            }
        }
        fields[index].found = found
    }

    /// Puts together what was found in the columns of a chunk, all of which have been read.
    ///
    /// - Returns: What does not fit, by row, then by column.
    func finish(_ chunk: CSVChunk, file: Int) -> [RejectedRows.Row] {
        // Each with its column's place in the schema; -1 is the row as a whole.
        var misfits: [(row: RejectedRows.Row, place: Int)] = chunk.faults.map { fault in
            (.init(file: file, row: fault.row, column: nil, reason: fault.error.reason), -1)
        }
        var isBad = [Bool](repeating: false, count: chunk.rows)
        func note(_ row: Int, _ place: Int, _ reason: String) {
            isBad[row] = true
            let column = fields[place].builder.name
            misfits.append(
                (.init(file: file, row: chunk.number(ofRow: row), column: column, reason: reason), place))
        }
        for place in fields.indices {
            for (row, reason) in fields[place].found { note(row, place, reason) }
        }
        let unfit = isBad
        for index in keys.indices {
            // Where a column is missing all is null, and no null repeats.
            let places = keys[index].fields.compactMap { fields[$0].place }
            if places.count < keys[index].fields.count { continue }
            for row in 0..<chunk.rows where !unfit[row] {
                if let reason = keys[index].repeats(chunk, row, places) {
                    note(row, keys[index].fields[0], reason)
                }
            }
        }
        for row in 0..<chunk.rows where isBad[row] { bad.append(count + row) }
        count += chunk.rows
        return misfits.isEmpty
            ? [] : misfits.sorted { ($0.row.row, $0.place) < ($1.row.row, $1.place) }.map(\.row)
    }

    /// The rows so far that fit; all are taken away.
    func take() throws -> DataFrame {
        defer {
            bad = []
            count = 0
        }
        let frame = try DataFrame(fields.indices.map { fields[$0].builder.take() })
        guard !bad.isEmpty else { return frame }
        let isBad = Set(bad)
        return frame.gather((0..<count).filter { !isBad.contains($0) })
    }
}

/// What no two rows may have in common.
private struct UniqueKey {
    /// Their places in the schema.
    let fields: [Int]
    /// Of each of them.
    private let missing: [Set<String>]
    private var seen = Set<[TextKey]>()

    init(fields: [Int], _ missing: [Set<String>]) {
        self.fields = fields
        self.missing = missing
    }

    /// Why a row is one too many; nil if it is the first with its values. A null never repeats.
    ///
    /// - Parameter places: Of the fields in the file.
    mutating func repeats(_ chunk: CSVChunk, _ row: Int, _ places: [Int]) -> String? {
        let values = places.map { chunk.text(row: row, column: $0) }
        if zip(missing, values).contains(where: { $0.contains($1) })
            || seen.insert(values.map { TextKey($0) }).inserted
        {
            return nil
        }
        let shown = values.map { "'\(shortened($0))'" }.joined(separator: ", ")
        return "\(shown) was there before, but must be unique"
    }
}
