import CanonicalJSON
import DataFrames
import TableTypes

/// A column of lists, maps or structures: each row becomes a canonical JSON
/// text, as canonical JSON has lists and objects.
final class NestedColumn: ColumnReading {
    private let selected: SelectedColumn
    private let budget: Budget
    private var texts = StringStorage()
    private var validity = ValidityBitmap()

    init(_ selected: SelectedColumn, budget: Budget) {
        self.selected = selected
        self.budget = budget
    }

    func column() throws(ParquetError) -> DataColumn {
        DataColumn(selected.name, selected.type, .utf8(texts), validity: validity)
    }

    func append(
        _ source: ParquetSource, _ number: Int, _ decompressor: Decompressor
    ) throws(ParquetError) {
        let group = source.metadata.rowGroups[number]
        let place = "row group \(number + 1), column '\(selected.name)'"
        try budget.take(group.rows, of: 8, for: place)
        var streams: [LevelledValues] = []
        for leaf in selected.node.allLeaves {
            streams.append(
                try LevelledValues(
                    leaf, selected.name, group.chunks[leaf.index], source, place: place, budget: budget,
                    decompressor))
        }
        var assembly = NestedAssembly(streams: streams, first: selected.node.leaves.lowerBound, place: place)
        for _ in 0..<group.rows {
            let value: JSONValue
            do throws(NestedFailure) {
                value = try assembly.row(selected.node)
            } catch {
                switch error {
                case .levels:
                    throw ParquetError(.damaged(place: place, what: "its levels contradict each other"))
                case .value(let what):
                    throw ParquetError(
                        .value(
                            column: selected.name, row: texts.count + 1, what: what,
                            fix: "cast the values to int64 or text"))
                }
            }
            if value == .null {
                texts.append(EmptyCollection())
            } else {
                let bytes = value.canonicalBytes
                try budget.take(bytes.count, for: place)
                texts.append(bytes)
            }
            validity.append(value != .null)
        }
        guard assembly.isAtEnd else {
            throw ParquetError(.damaged(place: place, what: "it has more values than rows"))
        }
    }
}

extension SchemaNode {
    var isText: Bool { if case .leaf(let leaf) = shape { leaf.type.isText } else { false } }

    /// In the order of the chunks.
    var allLeaves: [Leaf] {
        switch shape {
        case .leaf(let leaf): [leaf]
        case .object(let fields): fields.flatMap(\.allLeaves)
        case .list(let entry, _, _): entry.allLeaves
        case .map(let key, let value, _, _): key.allLeaves + value.allLeaves
        }
    }
}

/// The levels and values of a leaf in a row group.
struct LevelledValues {
    let leaf: Leaf
    private(set) var definitions: [UInt8] = []
    private(set) var repetitions: [UInt8] = []
    let values: ColumnStorage

    init(
        _ leaf: Leaf, _ column: String, _ chunk: ColumnChunk, _ source: ParquetSource, place: String,
        budget: Budget, _ decompressor: Decompressor
    ) throws(ParquetError) {
        self.leaf = leaf
        // Levels, and a value with what it is as JSON.
        try budget.take(chunk.values, of: 32, for: place)
        var pages = try PageReader(
            chunk, leaf, file: source.bytes, place: place, budget: budget, decompressor: decompressor)
        let sink = LeafSinks.sink(leaf, false, capacity: chunk.values, place, budget)
        let scratch = Scratch<UInt32>()
        while let page = try pages.next() {
            if page.isDictionary {
                guard try sink.takeDictionary(page) else {
                    throw pages.damaged("its dictionary is cut short")
                }
                continue
            }
            let present = definitions.count
            try Self.levels(
                page.definition, page.values, leaf.levels.definition, &definitions, scratch, pages)
            try Self.levels(
                page.repetition, page.values, leaf.levels.repetition, &repetitions, scratch, pages)
            let most = UInt8(leaf.levels.definition)
            let count = definitions[present...].reduce(0) { $0 + ($1 == most ? 1 : 0) }
            guard leaf.type != .null || count == 0 else { throw pages.damaged("a leaf of nulls has values") }
            if let failure = try sink.append(page, count: count) {
                // The row is that of the first value of the page.
                let row = repetitions[..<present].reduce(0) { $0 + ($1 == 0 ? 1 : 0) }
                throw ParquetError(
                    .value(
                        column: column, row: row + 1, what: "'\(leaf.path)': \(failure.what)",
                        fix: failure.fix))
            }
        }
        guard definitions.count == chunk.values else {
            throw pages.damaged("its pages have fewer values than it is said to have")
        }
        values = sink.storage
    }

    private static func levels(
        _ bytes: UnsafeRawBufferPointer, _ count: Int, _ most: Int, _ levels: inout [UInt8],
        _ scratch: Scratch<UInt32>, _ pages: PageReader
    ) throws(ParquetError) {
        guard most > 0 else {
            levels.append(contentsOf: repeatElement(0, count: count))
            return
        }
        let found = scratch.room(count)
        var runs = HybridRuns(bytes, width: Int.bitWidth - most.leadingZeroBitCount)
        guard runs.decode(count, into: found) else {
            throw pages.damaged("a page has fewer levels than values")
        }
        for place in 0..<count {
            guard found[place] <= most else {
                throw pages.damaged("a level is \(found[place]), the highest is \(most)")
            }
            levels.append(UInt8(found[place]))
        }
    }
}
