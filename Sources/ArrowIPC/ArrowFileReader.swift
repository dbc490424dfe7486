import DataFrames
import Platform
import TableTypes

/// Reads the parts of a mapped file that are asked for.
struct ArrowFileReader {
    let container: ArrowContainer

    /// Rows a file of null columns only may have: nothing in it bounds them.
    private static let nullOnlyLimit = 1 << 24

    init(_ path: String) throws(ArrowError) { container = try ArrowContainer(path) }

    private func batch(_ index: Int) throws(ArrowError) -> RecordBatch {
        let place = "record batch \(index + 1)"
        let (header, body) = try container.message(container.batches[index], kind: 3, place: place)
        let batch = try RecordBatch(header, body: body, place: place)
        // A row takes a bit at least, unless all columns are null.
        let isBounded = container.fields.contains { $0.type != .null || $0.dictionary != nil }
        guard batch.length <= (isBounded ? body.count * 8 : Self.nullOnlyLimit) else {
            throw ArrowError(
                .damaged(place: place, what: "it has \(batch.length) rows in \(body.count) bytes"))
        }
        return batch
    }

    /// The table's type with its rows: names, types, roles and whether nulls
    /// occur; no body is touched.
    func type() throws(ArrowError) -> (type: TableType, rows: Int) {
        let (nulls, rows) = try nullCounts()
        let columns = zip(container.fields, nulls).map { field, nulls in
            Column(field.name, field.columnType, role: field.role, isNullable: nulls > 0)
        }
        return (TableType(columns), rows)
    }

    /// Nulls of each column, and rows; a column of nothing but nulls tells none.
    func nullCounts() throws(ArrowError) -> (counts: [Int], rows: Int) {
        var rows = 0
        var counts = [Int](repeating: 0, count: container.fields.count)
        for index in container.batches.indices {
            let batch = try batch(index)
            try addRows(&rows, batch.length)
            for column in counts.indices { counts[column] += try batch.nullCount(column) }
        }
        for (column, field) in container.fields.enumerated() where field.type == .null {
            if field.dictionary == nil { counts[column] = rows }
        }
        return (counts, container.fields.isEmpty ? 0 : rows)
    }

    func table(rows limit: Int) throws(ArrowError) -> ArrowTable {
        let fields = container.fields
        var parts: [(batch: RecordBatch, taken: Int)] = []
        var rows = 0
        for index in container.batches.indices where rows < limit {
            let batch = try batch(index)
            let taken = min(batch.length, limit - rows)
            try addRows(&rows, taken)
            parts.append((batch, taken))
        }
        let levels = try dictionaries()
        let textLimit = max(
            1 << 30, container.file.bytes.count.multipliedReportingOverflow(by: 1024).partialValue)
        var columns = fields.map { field in
            ColumnAssembly(
                field, rows: rows, levels: field.dictionary.flatMap { levels[$0.id] } ?? ArrowLevels(),
                textLimit: textLimit)
        }
        for (batch, taken) in parts {
            var cursor = BatchCursor(batch)
            for index in columns.indices { try columns[index].append(&cursor, taking: taken) }
            try cursor.finish()
        }
        var roles: [String: ColumnRole] = [:]
        for field in fields { roles[field.name] = field.role }
        do {
            return ArrowTable(frame: try DataFrame(columns.map(\.column)), roles: roles)
        } catch {
            throw ArrowError(.damaged(place: "schema", what: error.description))
        }
    }

    /// The levels of every dictionary, by its id; delta batches add to those
    /// before them.
    private func dictionaries() throws(ArrowError) -> [Int64: ArrowLevels] {
        var types: [Int64: ArrowField] = [:]
        for field in container.fields {
            guard let dictionary = field.dictionary else { continue }
            if let other = types[dictionary.id], other.type != field.type {
                throw ArrowError(
                    .damaged(place: "schema", what: "dictionary \(dictionary.id) has two types of values"))
            }
            types[dictionary.id] = field
        }
        var levels: [Int64: ArrowLevels] = [:]
        for (index, block) in container.dictionaries.enumerated() {
            let place = "dictionary batch \(index + 1)"
            let (header, body) = try container.message(block, kind: 2, place: place)
            let id = try header.scalar(0, default: Int64(0))
            guard let field = types[id] else {
                throw ArrowError(.damaged(place: place, what: "no column uses dictionary \(id)"))
            }
            guard try header.flag(2) || levels[id] == nil else {
                throw ArrowError(.damaged(place: place, what: "dictionary \(id) is given twice"))
            }
            guard let data = try header.table(1) else {
                throw ArrowError(.damaged(place: place, what: "it has no values"))
            }
            let batch = try RecordBatch(data, body: body, place: place)
            guard batch.length <= body.count * 8, batch.length <= Int32.max else {
                throw ArrowError(
                    .damaged(place: place, what: "it has \(batch.length) values in \(body.count) bytes"))
            }
            let entry = ArrowField(name: field.name, type: field.type, columnType: .text)
            var column = ColumnAssembly(entry, rows: batch.length, textLimit: 1 << 30)
            var cursor = BatchCursor(batch)
            try column.append(&cursor, taking: batch.length)
            try cursor.finish()
            levels[id, default: ArrowLevels()].append(column.column)
        }
        return levels
    }

    private func addRows(_ rows: inout Int, _ added: Int) throws(ArrowError) {
        let (sum, overflow) = rows.addingReportingOverflow(added)
        let isBounded = container.fields.contains { $0.type != .null || $0.dictionary != nil }
        guard !overflow, isBounded || sum <= Self.nullOnlyLimit else {
            throw ArrowError(.damaged(place: "footer", what: "it has too many rows without values"))
        }
        rows = sum
    }
}
