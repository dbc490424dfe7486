import ArrowIPC
import DataFrames
import PipelineLanguage
import TableTypes

/// The rows of a CSV file held to a schema, some at a time: cut, read as their types, held to the constraints while
/// they are near. A row that does not fit in any column is left out, and every misfit said.
struct CSVReading {
    /// Columns in the schema's order, rows in the file's.
    let table: ArrowTable
    let rejects: Rejects

    /// Rows at a time: their bytes and the places of their fields stay in the second-level cache while one column
    /// after another is read from them.
    private static let rows = 2048

    /// - Parameters:
    ///   - missing: Texts that stand for no value.
    /// - Throws: `CSVError`; `StageError` when the columns are not the schema's.
    /// - Complexity: O(bytes).
    init(
        _ bytes: UnsafeRawBufferPointer, _ format: CSVFormat, _ schema: TableSchema, missing: Set<String>
    ) throws {
        let chunk = CSVChunk()
        var (names, cutter) = try CSVHeader.read(bytes, format, chunk)
        // Without a header the schema's fields name the columns, by place.
        if !format.hasHeader, schema.fields.count == names.count { names = schema.fields.map(\.name) }
        var columns = try CSVColumns(names, schema, missing: missing)
        while !cutter.isAtEnd {
            try cutter.cutUTF8(into: chunk, rows: Self.rows)
            columns.read(chunk)
        }
        rejects = Rejects(columns.misfits, fields: schema.fields.map(\.name))
        let frame = try columns.frame()
        table = ArrowTable(
            frame: columns.bad.isEmpty ? frame : frame.gather(columns.goodRows), roles: schema.roles)
    }
}

/// The columns of a schema while a file is read.
private struct CSVColumns {
    private(set) var misfits: [Rejects.Misfit] = []
    /// Rows that are left out, of all that were cut, ascending.
    private(set) var bad: [Int] = []
    /// Rows so far.
    private var count = 0
    private var fields: [Field] = []
    private var keys: [UniqueKey] = []

    private struct Field {
        /// Of the file.
        let place: Int
        let rules: FieldRules
        var builder: FieldColumnBuilder
    }

    init(_ names: [String], _ schema: TableSchema, missing: Set<String>) throws {
        try SchemaReading.checkNames(names, schema)
        let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        for (field, column) in zip(schema.fields, schema.tableType.columns) {
            let rules: FieldRules
            do throws(TableFinding) {
                rules = try FieldRules(field, isRequired: !column.isNullable)
            } catch {
                throw StageError(error)
            }
            fields.append(
                Field(
                    place: places[field.name]!, rules: rules,
                    builder: FieldColumnBuilder(
                        field.name, column.type, levels: column.levels, missing: missing)))
        }
        keys = schema.keys.map { key in UniqueKey(key, places: key.map { places[$0]! }, missing: missing) }
    }

    mutating func read(_ chunk: CSVChunk) {
        misfits += chunk.faults.map { Rejects.Misfit(row: $0.row, column: nil, reason: $0.error.reason) }
        var isBad = [Bool](repeating: false, count: chunk.rows)
        func note(_ row: Int, _ column: String, _ reason: String) {
            isBad[row] = true
            misfits.append(Rejects.Misfit(row: chunk.number(ofRow: row), column: column, reason: reason))
        }
        for index in fields.indices {
            let place = fields[index].place
            let (nulls, unread) = fields[index].builder.append(chunk, column: place)
            let (rules, builder) = (fields[index].rules, fields[index].builder)
            func text(_ row: Int) -> String { chunk.text(row: row, column: place) }
            for row in unread { note(row, builder.name, rules.misfit(text(row))) }
            if rules.hasAny {
                rules.breaches(rows: chunk.rows, nulls: nulls, misfits: unread, builder, text: text) {
                    note($0, builder.name, $1)
                }
            }
        }
        let unfit = isBad
        for index in keys.indices {
            for row in 0..<chunk.rows where !unfit[row] {
                if let reason = keys[index].repeats(chunk, row) { note(row, keys[index].name, reason) }
            }
        }
        for row in 0..<chunk.rows where isBad[row] { bad.append(count + row) }
        count += chunk.rows
    }

    /// All rows that were cut.
    func frame() throws -> DataFrame { try DataFrame(fields.map { $0.builder.finish() }) }

    var goodRows: [Int] {
        let bad = Set(bad)
        return (0..<count).filter { !bad.contains($0) }
    }
}

/// What no two rows may have in common.
private struct UniqueKey {
    /// Of the first field.
    let name: String
    private let places: [Int]
    private let missing: Set<String>
    private var seen = Set<[String]>()

    init(_ names: [String], places: [Int], missing: Set<String>) {
        name = names[0]
        self.places = places
        self.missing = missing
    }

    /// Why a row is one too many; nil if it is the first with its values. A null never repeats.
    mutating func repeats(_ chunk: CSVChunk, _ row: Int) -> String? {
        let values = places.map { chunk.text(row: row, column: $0) }
        if values.contains(where: missing.contains) || seen.insert(values).inserted { return nil }
        let shown = values.map { "'\(shortened($0))'" }.joined(separator: ", ")
        return "\(shown) was there before, but must be unique"
    }
}
