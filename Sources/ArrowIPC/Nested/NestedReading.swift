import CanonicalJSON
import DataFrames

/// Reads rows of a column of lists, maps or structures as JSON, one value a row.
///
/// Only what these rows reach is read of the columns within. Null is a value here, and what the file has in the place of a
/// null is passed over.
struct NestedReading {
    private let levels: [Int64: ArrowLevels]
    private let textLimit: Int
    /// Values that lists may still have: those of nothing but nulls take no bytes.
    private var budget: Int

    /// - Parameter textLimit: Bytes that the texts of one column within may take.
    init(_ batch: RecordBatch, levels: [Int64: ArrowLevels], textLimit: Int) {
        self.levels = levels
        self.textLimit = textLimit
        budget = batch.unfolded * 8 + 1 << 16
    }

    /// Takes the nodes and buffers of a column and of all within it.
    ///
    /// - Throws: Rows of values that cannot be read count from the first of these, beginning with 1.
    mutating func values(
        of field: ArrowField, _ cursor: inout BatchCursor, _ rows: Range<Int>
    ) throws(ArrowError) -> [JSONValue] {
        guard budget >= 0 else {
            throw ArrowError(
                .unfoldsTooFar(
                    column: field.name, what: "its lists unfold to more values than the file can hold"))
        }
        guard field.type.isNested, field.dictionary == nil else { return try leaf(field, &cursor, rows) }
        let place = cursor.batch.place
        let node = try cursor.nextNode()
        let bits = try cursor.nextBuffer()
        guard rows.upperBound <= node.rows, node.nulls == 0 || bits.count >= (node.rows + 7) / 8 else {
            throw short(field, place)
        }
        func isNull(_ row: Int) -> Bool { node.nulls > 0 && bits[row >> 3] >> UInt8(row & 7) & 1 == 0 }
        var values: [JSONValue] = []
        values.reserveCapacity(rows.count)
        if field.type == .structure {
            var columns: [(name: String, values: [JSONValue])] = []
            for child in field.children {
                columns.append((child.name, try self.values(of: child, &cursor, rows)))
            }
            for (index, row) in rows.enumerated() {
                if isNull(row) {
                    values.append(.null)
                } else {
                    let members = columns.map { ($0.name, $0.values[index]) }
                    values.append(.object(Dictionary(uniqueKeysWithValues: members)))
                }
            }
            return values
        }
        let ends = try ends(field, &cursor, rows)
        let child = field.children[0]
        budget -= ends[rows.count] - ends[0]
        let entries = try located(in: ends) { reading throws(ArrowError) in
            try reading.values(of: child, &cursor, ends[0]..<ends[rows.count])
        }
        for (index, row) in rows.enumerated() {
            let list = entries[(ends[index] - ends[0])..<(ends[index + 1] - ends[0])]
            if isNull(row) {
                values.append(.null)
            } else if field.type == .map {
                let (key, value) = (child.children[0], child.children[1])
                let pairs = list.map { ($0[key.name] ?? .null, $0[value.name] ?? .null) }
                values.append(NestedJSON.map(pairs, isOfTexts: key.type.isText))
            } else {
                values.append(.array(Array(list)))
            }
        }
        return values
    }

    private func leaf(
        _ field: ArrowField, _ cursor: inout BatchCursor, _ rows: Range<Int>
    ) throws(ArrowError) -> [JSONValue] {
        // Bits are taken by whole bytes.
        let start = rows.lowerBound & ~7
        var assembly = ColumnAssembly(
            field, rows: rows.upperBound - start, from: start - rows.lowerBound, levels: levels,
            textLimit: textLimit)
        try assembly.append(&cursor, start..<rows.upperBound, isWithin: true)
        let column = assembly.column
        var values: [JSONValue] = []
        values.reserveCapacity(rows.count)
        for row in (rows.lowerBound - start)..<column.count {
            guard column.isValid(row) else {
                values.append(.null)
                continue
            }
            do throws(NestedJSON.Failure) {
                values.append(try NestedJSON.value(column.storage, row, type: column.type))
            } catch {
                throw ArrowError(
                    .value(
                        column: field.name, row: values.count + 1, what: error.what,
                        fix: "cast the values to int64 or text"))
            }
        }
        return values
    }

    /// Where the values of each row begin among those within, and where the last ends.
    private func ends(
        _ field: ArrowField, _ cursor: inout BatchCursor, _ rows: Range<Int>
    ) throws(ArrowError) -> [Int] {
        let place = cursor.batch.place
        if case .fixedList(let count) = field.type {
            guard rows.upperBound <= Int(Int32.max), rows.upperBound * count <= 1 << 48 else {
                throw short(field, place)
            }
            return (rows.lowerBound...rows.upperBound).map { $0 * count }
        }
        let isLarge = field.type == .list(isLarge: true)
        let bytes = try cursor.nextBuffer()
        if rows.isEmpty { return [0] }
        guard bytes.count / (isLarge ? 8 : 4) > rows.upperBound else { throw short(field, place) }
        var ends: [Int] = []
        ends.reserveCapacity(rows.count + 1)
        for row in rows.lowerBound...rows.upperBound {
            let end =
                isLarge
                ? Int(Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: row * 8, as: Int64.self)))
                : Int(Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: row * 4, as: Int32.self)))
            guard end >= ends.last ?? 0 else {
                throw ArrowError(
                    .damaged(
                        place: place, what: "column '\(field.name)' has a list that ends before it begins"))
            }
            ends.append(end)
        }
        return ends
    }

    /// The row of a value within a list is that of the list.
    private mutating func located<T>(
        in ends: [Int], _ read: (inout Self) throws(ArrowError) -> T
    ) throws(ArrowError) -> T {
        do throws(ArrowError) {
            return try read(&self)
        } catch {
            guard case .value(let column, let entry, let what, let fix) = error.problem else { throw error }
            let row = ends.dropFirst().firstIndex { $0 - ends[0] >= entry } ?? ends.count - 1
            throw ArrowError(.value(column: column, row: row, what: what, fix: fix))
        }
    }

    private func short(_ field: ArrowField, _ place: String) -> ArrowError {
        ArrowError(.damaged(place: place, what: "column '\(field.name)' has too few bytes for its rows"))
    }
}
