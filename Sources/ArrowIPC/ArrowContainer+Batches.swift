import DataFrames
import Platform
import TableTypes

extension ArrowContainer {
    /// Rows a file of null columns only may have: nothing in it bounds them.
    private static let nullOnlyLimit = 1 << 24

    /// A row takes a bit at least, unless all columns are null.
    private var isBounded: Bool { fields.contains { $0.takesSpace } }

    func batch(_ index: Int) throws(ArrowError) -> RecordBatch {
        let place = "record batch \(index + 1)"
        let batch = try Self.batch(batches[index], of: file, place: place)
        guard batch.length <= (isBounded ? batch.unfolded * 8 : Self.nullOnlyLimit) else {
            throw ArrowError(
                .damaged(place: place, what: "it has \(batch.length) rows in \(batch.unfolded) bytes"))
        }
        return batch
    }

    /// Nulls of each column, and rows; a column of nothing but nulls tells none.
    func nullCounts() throws(ArrowError) -> (counts: [Int], rows: Int) {
        var rows = 0
        var counts = [Int](repeating: 0, count: fields.count)
        for index in batches.indices {
            let batch = try batch(index)
            try addRows(&rows, batch.length)
            var node = 0
            for (column, field) in fields.enumerated() {
                counts[column] += try batch.nullCount(node)
                node += field.nodes
            }
        }
        for (column, field) in fields.enumerated() where field.type == .null {
            if field.dictionary == nil { counts[column] = rows }
        }
        return (counts, fields.isEmpty ? 0 : rows)
    }

    func addRows(_ rows: inout Int, _ added: Int) throws(ArrowError) {
        let (sum, overflow) = rows.addingReportingOverflow(added)
        guard !overflow, isBounded || sum <= Self.nullOnlyLimit else {
            throw ArrowError(.damaged(place: "footer", what: "it has too many rows without values"))
        }
        rows = sum
    }

    /// The levels of dictionaries, by their ids; delta batches add to those before them.
    ///
    /// - Parameter columns: Places of those whose levels are asked for; what the others have is passed over.
    func dictionaries(of columns: Set<Int>) throws(ArrowError) -> [Int64: ArrowLevels] {
        var types: [Int64: ArrowField] = [:]
        var wanted: Set<Int64> = []
        for (place, field) in fields.enumerated() {
            for part in field.all {
                guard let dictionary = part.dictionary else { continue }
                if let other = types[dictionary.id], other.type != part.type {
                    throw ArrowError(
                        .damaged(place: "schema", what: "dictionary \(dictionary.id) has two types of values")
                    )
                }
                types[dictionary.id] = part
                if columns.contains(place) { wanted.insert(dictionary.id) }
            }
        }
        var entries: [Int64: ColumnAssembly] = [:]
        var given: Set<Int64> = []
        for (index, block) in dictionaries.enumerated() {
            let place = "dictionary batch \(index + 1)"
            let (header, body) = try Self.message(block, of: file, kind: 2, place: place)
            let id = try header.scalar(0, default: Int64(0))
            guard let field = types[id] else {
                throw ArrowError(.damaged(place: place, what: "no column uses dictionary \(id)"))
            }
            let isDelta = try header.flag(2)
            guard given.insert(id).inserted || isDelta else {
                throw ArrowError(.damaged(place: place, what: "dictionary \(id) is given twice"))
            }
            guard let data = try header.table(1) else {
                throw ArrowError(.damaged(place: place, what: "it has no values"))
            }
            guard wanted.contains(id) else { continue }
            let batch = try RecordBatch(data, body: body, place: place)
            guard batch.length <= batch.unfolded * 8, batch.length <= Int32.max else {
                throw ArrowError(
                    .damaged(place: place, what: "it has \(batch.length) values in \(batch.unfolded) bytes"))
            }
            let entry = ArrowField(name: field.name, type: field.type, columnType: field.type.columnType)
            var column = entries[id] ?? ColumnAssembly(entry, rows: batch.length, textLimit: 1 << 30)
            var cursor = BatchCursor(batch)
            try column.append(&cursor, 0..<batch.length)
            try cursor.finish()
            entries[id] = column
        }
        return entries.mapValues { entries in
            var entries = entries
            if entries.column.type != .text { entries.appendNull() }
            return ArrowLevels(entries.column)
        }
    }
}
