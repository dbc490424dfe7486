import DataFrames
import Platform
import TableTypes

/// A file with what all columns need to be read from it.
struct ParquetSource {
    let file: MappedFile
    /// Up to the footer; its length and the mark follow.
    let bytes: UnsafeRawBufferPointer
    let metadata: FileMetadata
}

/// A column of the table, gathered row group by row group.
protocol ColumnReading: AnyObject {
    /// - Parameter number: Of the row group, from 0.
    func append(
        _ source: ParquetSource, _ number: Int, _ decompressor: Decompressor
    ) throws(ParquetError)
    func column() throws(ParquetError) -> DataColumn
}

/// What is read of a column and as what.
struct SelectedColumn {
    let name: String
    let type: ColumnType
    let role: ColumnRole?
    let node: SchemaNode
    /// The Arrow schema calls it a dictionary.
    let isCategory: Bool

    /// - Parameter rows: That will be appended.
    func reading(rows: Int, budget: Budget) throws(ParquetError) -> any ColumnReading {
        let place = "column '\(name)'"
        guard case .leaf(let leaf) = node.shape else {
            return NestedColumn(self, budget: budget)
        }
        try budget.take(rows, of: 8, for: place)
        return FlatColumn(
            self, leaf, LeafSinks.sink(leaf, isCategory, capacity: rows, place, budget), budget: budget)
    }
}

enum LeafSinks {
    /// What gathers a leaf's values.
    static func sink(
        _ leaf: Leaf, _ isCategory: Bool, capacity: Int, _ place: String, _ budget: Budget
    ) -> any ValueSink {
        switch leaf.type {
        case .boolean:
            FixedSink(leaf, capacity: capacity, place: place, zero: false, leaf.type.toBooleans) {
                .boolean($0)
            }
        case .integer:
            FixedSink(leaf, capacity: capacity, place: place, zero: 0, leaf.type.toIntegers) { .int64($0) }
        case .timestamp, .int96:
            FixedSink(leaf, capacity: capacity, place: place, zero: 0, leaf.type.toIntegers) {
                .timestamp($0)
            }
        case .days:
            FixedSink(leaf, capacity: capacity, place: place, zero: 0, leaf.type.toDays) { .date32($0) }
        case .half, .single, .double, .smallDecimal, .bigDecimal(.some, _):
            FixedSink(leaf, capacity: capacity, place: place, zero: 0, leaf.type.toNumbers) {
                .float64($0)
            }
        case .bigDecimal(nil, let scale):
            DecimalSink(leaf, scale: scale, capacity: capacity, place: place, budget: budget)
        case .text, .json, .uuid, .null, .unsupported:
            isCategory
                ? CategorySink(leaf, capacity: capacity, place: place, budget: budget)
                : TextSink(leaf, capacity: capacity, place: place, budget: budget)
        }
    }
}

/// A column that is one leaf, with at most one value a row.
final class FlatColumn: ColumnReading {
    private let selected: SelectedColumn
    private let leaf: Leaf
    private let sink: any ValueSink
    private let budget: Budget
    /// Nil as long as no row is null.
    private var validity: ValidityBitmap?

    init(_ selected: SelectedColumn, _ leaf: Leaf, _ sink: any ValueSink, budget: Budget) {
        self.selected = selected
        self.leaf = leaf
        self.sink = sink
        self.budget = budget
    }

    func column() throws(ParquetError) -> DataColumn {
        DataColumn(selected.name, selected.type, sink.storage, validity: validity)
    }

    func append(
        _ source: ParquetSource, _ number: Int, _ decompressor: Decompressor
    ) throws(ParquetError) {
        let group = source.metadata.rowGroups[number]
        let chunk = group.chunks[leaf.index]
        let place = "row group \(number + 1), column '\(selected.name)'"
        let end = sink.filled + group.rows
        guard chunk.values == group.rows else {
            throw ParquetError(
                .damaged(place: place, what: "it has \(chunk.values) values for \(group.rows) rows"))
        }
        var pages = try PageReader(
            chunk, leaf, file: source.bytes, place: place, budget: budget, decompressor: decompressor)
        sink.beginChunk()
        while let page = try pages.next() {
            if page.isDictionary {
                guard try sink.takeDictionary(page) else {
                    throw pages.damaged("its dictionary is cut short")
                }
            } else {
                try append(page, pages)
            }
        }
        guard sink.filled == end else {
            throw pages.damaged("its pages have fewer values than it is said to have")
        }
    }

    private func append(_ page: Page, _ pages: PageReader) throws(ParquetError) {
        let first = sink.filled
        var isThere = ValidityBitmap()
        if leaf.levels.definition > 0 {
            var runs = HybridRuns(page.definition, width: 1)
            let isWhole = runs.read(page.values) { run in
                switch run {
                case .equal(let level, let count): isThere.append(repeating: level == 1, count: count)
                case .packed(let bits, let count):
                    isThere.append(
                        bits: UnsafeRawBufferPointer(start: bits, count: (count + 7) / 8), count: count)
                }
            }
            guard isWhole else { throw pages.damaged("a page has fewer levels than values") }
        }
        let present = page.values - isThere.nullCount
        guard leaf.type != .null || present == 0 else {
            throw pages.damaged("a column of nulls has values")
        }
        if let failure = try sink.append(page, count: present) {
            throw ParquetError(
                .value(
                    column: selected.name, row: first + Self.row(of: failure.index, isThere) + 1,
                    what: failure.what, fix: failure.fix))
        }
        guard isThere.nullCount > 0 else {
            validity?.append(repeating: true, count: page.values)
            return
        }
        isThere.bytes.withUnsafeBufferPointer { bits in
            sink.spread(present, rows: page.values, isThere: bits.baseAddress!)
        }
        if validity == nil {
            validity = ValidityBitmap()
            validity!.append(repeating: true, count: first)
        }
        isThere.bytes.withUnsafeBytes { validity!.append(bits: $0, count: page.values) }
    }

    /// The row of a value that is there, both from 0 in a page.
    private static func row(of index: Int, _ isThere: ValidityBitmap) -> Int {
        guard isThere.nullCount > 0 else { return index }
        var left = index
        for row in 0..<isThere.count where isThere[row] {
            if left == 0 { return row }
            left -= 1
        }
        return index
    }
}
