import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes

/// Texts made into the table a schema declares. A row that does not fit in any
/// column is left out, and every misfit said.
struct SchemaReading {
    /// Columns in the schema's order.
    let table: ArrowTable
    /// By row, then by column.
    let misfits: [Misfit]

    struct Misfit: Hashable {
        /// Place in the columns that were read, from 0.
        var row: Int
        /// Nil for what is wrong with the row as a whole.
        var column: String?
        var reason: String
    }

    /// A column before the schema has had its say.
    enum Source {
        case texts(TextColumn)
        /// Texts that are JSON already.
        case json(TextColumn)
        /// Of a file whose columns have types, or of a reader that knew the schema's.
        case typed(DataColumn)

        var name: String {
            switch self {
            case .texts(let column), .json(let column): column.name
            case .typed(let column): column.name
            }
        }

        var count: Int {
            switch self {
            case .texts(let column), .json(let column): column.count
            case .typed(let column): column.count
            }
        }

        /// - Parameter first: Rows of the table before these.
        func text(_ row: Int, first: Int) throws -> String? {
            switch self {
            case .texts(let column), .json(let column): column.text(row)
            case .typed(let column): try CellText(column: column).text(row, number: first + row)
            }
        }
    }

    /// What no two rows may have in common: of each of the schema's keys the values that came.
    struct SeenKeys {
        fileprivate var values: [Set<[TextKey]>]

        init(_ schema: TableSchema) { values = schema.keys.map { _ in [] } }
    }

    /// Of all rows at once.
    init(_ columns: [Source], _ schema: TableSchema, found: [Misfit] = []) throws {
        var seen = SeenKeys(schema)
        try self.init(columns, schema, found: found, seen: &seen)
    }

    /// - Parameters:
    ///   - columns: In any order.
    ///   - found: Misfits that only the reader of the file could see.
    ///   - first: Rows before these.
    ///   - seen: In the rows before; those of these rows come to them.
    /// - Throws: `StageError` when the columns are not the schema's.
    /// - Complexity: O(bytes).
    init(
        _ columns: [Source], _ schema: TableSchema, found: [Misfit] = [], first: Int = 0,
        seen: inout SeenKeys
    ) throws {
        let byName = Dictionary(columns.map { ($0.name, $0) }) { first, _ in first }
        try Self.checkNames(columns.map(\.name), schema)
        var typed: [DataColumn] = []
        var misfits = found
        let told = Set(found.map { [$0.column ?? "", String($0.row)] })
        for (field, place) in zip(schema.fields, schema.tableType.columns) {
            guard let source = byName[field.name] else {
                // There may be fewer columns than fields.
                typed.append(.nulls(place, rows: columns.first?.count ?? 0))
                continue
            }
            let rules: FieldRules
            do throws(TableFinding) {
                rules = try FieldRules(field, isRequired: !place.isNullable)
            } catch {
                throw StageError(error)
            }
            let (column, unread) = try Self.typed(source, place, field.type, rules.form)
            for row in unread where !told.contains([field.name, String(row)]) {
                let text = try source.text(row, first: first) ?? ""
                misfits.append(Misfit(row: row, column: field.name, reason: rules.misfit(text)))
            }
            // What does not read breaks no rule besides.
            let isUnread = Set(unread).union(found.lazy.filter { $0.column == field.name }.map(\.row))
            if rules.hasAny {
                for row in 0..<column.count where !isUnread.contains(row) {
                    if let reason = rules.breach(column, row, try source.text(row, first: first)) {
                        misfits.append(Misfit(row: row, column: field.name, reason: reason))
                    }
                }
            }
            typed.append(column)
        }
        var bad = Set(misfits.map(\.row))
        for (index, key) in schema.keys.enumerated() {
            misfits += try Self.repeated(
                key, byName, rows: typed.first?.count ?? 0, except: bad, first: first,
                seen: &seen.values[index])
        }
        bad = Set(misfits.map(\.row))
        let order = Dictionary(uniqueKeysWithValues: schema.fields.enumerated().map { ($1.name, $0) })
        self.misfits = misfits.sorted { a, b in
            (a.row, a.column.flatMap { order[$0] } ?? -1) < (b.row, b.column.flatMap { order[$0] } ?? -1)
        }
        let frame = try DataFrame(typed)
        table = ArrowTable(
            frame: bad.isEmpty ? frame : frame.gather((0..<frame.count).filter { !bad.contains($0) }),
            roles: schema.roles)
    }

    private static func typed(
        _ source: Source, _ place: Column, _ type: TableSchema.FieldType, _ form: FieldForm?
    ) throws -> (column: DataColumn, misfits: [Int]) {
        switch source {
        case .texts(let column): return column.typed(place.type, levels: place.levels, form: form)
        case .json(let column):
            // A text that is any JSON is no JSON text of it.
            return column.typed(place.type, levels: place.levels, form: type == .any ? nil : form)
        case .typed(let column):
            if column.type == place.type { return (column, []) }
            if case .int64(let values) = column.storage, place.type == .number {
                return (
                    DataColumn(
                        column.name, .number, .float64(values.map(Double.init)), validity: column.validity),
                    []
                )
            }
            throw StageError(
                TableFinding.otherType(column: column.name, type: column.type, declared: place.type))
        }
    }

    /// - Throws: `StageError` when the columns are not the schema's.
    static func checkNames(_ names: [String], _ schema: TableSchema) throws {
        let declared = schema.fields.map(\.name)
        let match = schema.fieldsMatch
        let needed = zip(schema.fields, schema.tableType.columns).filter {
            !match.allowsFewerColumns || !$1.isNullable
        }
        if let name = needed.map(\.0.name).first(where: { !names.contains($0) }) {
            throw StageError(TableFinding.fieldWithoutColumn(name, columns: names))
        }
        if match == .partial, !names.isEmpty, let name = declared.first,
            !declared.contains(where: names.contains)
        {
            throw StageError(TableFinding.fieldWithoutColumn(name, columns: names))
        }
        if !match.allowsMoreColumns, let name = names.first(where: { !declared.contains($0) }) {
            throw StageError(TableFinding.columnWithoutField(name, fields: declared))
        }
    }

    /// Rows that repeat the key of a row before them; a null never repeats.
    private static func repeated(
        _ key: [String], _ columns: [String: Source], rows: Int, except bad: Set<Int>,
        first: Int, seen: inout Set<[TextKey]>
    ) throws -> [Misfit] {
        let parts = key.compactMap { columns[$0] }
        var misfits: [Misfit] = []
        for row in 0..<rows where !bad.contains(row) {
            let values = try parts.compactMap { try $0.text(row, first: first) }
            guard values.count == parts.count, !seen.insert(values.map { TextKey($0) }).inserted else {
                continue
            }
            let shown = values.map { "'\(shortened($0))'" }.joined(separator: ", ")
            misfits.append(
                Misfit(row: row, column: key[0], reason: "\(shown) was there before, but must be unique"))
        }
        return misfits
    }
}

extension DataColumn {
    /// A column without a value.
    static func nulls(_ place: Column, rows: Int) -> DataColumn {
        let texts = TextColumn(
            place.name, StringStorage(repeatElement("", count: rows)),
            validity: ValidityBitmap(repeatElement(false, count: rows)))
        return texts.typed(place.type, levels: place.levels).column
    }
}

extension TableSchema {
    /// Of the fields that have one.
    var roles: [String: ColumnRole] {
        Dictionary(uniqueKeysWithValues: fields.compactMap { field in field.role.map { (field.name, $0) } })
    }

    /// The fields that together are never the same twice.
    var keys: [[String]] {
        fields.filter(\.constraints.unique).map { [$0.name] } + uniqueKeys
            + (primaryKey.isEmpty ? [] : [primaryKey])
    }
}

/// A value as a message quotes it: never more than a glance of the data.
func shortened(_ text: String) -> String { text.count <= 40 ? text : text.prefix(37) + "..." }
