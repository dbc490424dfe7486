import DataFrames
import TableTypes

/// The levels of a dictionary: unique texts, and for every entry of the file
/// its place among them; -1 for an entry that is null.
struct ArrowLevels {
    private(set) var texts: [String] = []
    private(set) var places: [Int32] = []
    private var known: [String: Int32] = [:]

    /// Takes the entries of one dictionary batch. Two spellings of one text
    /// (Unicode equivalence) are one level, spelt as the first.
    mutating func append(_ column: DataColumn) {
        for row in 0..<column.count {
            guard let text = column.string(row) else {
                places.append(-1)
                continue
            }
            let place = known[text] ?? Int32(texts.count)
            if Int(place) == texts.count {
                known[text] = place
                texts.append(text)
            }
            places.append(place)
        }
    }
}

/// Gathers a column batch by batch. Null rows become zero, whatever stood in
/// them, so that equal columns are equal in memory.
struct ColumnAssembly {
    private let field: ArrowField
    private let levels: ArrowLevels
    /// Rows of the table before the first one here.
    private let first: Int
    private var rows = 0
    private var validity: ValidityBitmap?
    private var booleans: [Bool] = []
    private var integers: [Int64] = []
    private var numbers: [Double] = []
    /// Days, or indices of levels.
    private var shorts: [Int32] = []
    private var texts: TextAssembly

    /// - Parameters:
    ///   - first: Where the rows stand in the table, for messages.
    ///   - textLimit: Bytes the column's texts may take.
    init(
        _ field: ArrowField, rows: Int, from first: Int = 0, levels: ArrowLevels = ArrowLevels(),
        textLimit: Int
    ) {
        self.field = field
        self.first = first
        self.levels = levels
        texts = TextAssembly(
            column: field.name, first: first,
            rows: field.dictionary == nil && field.columnTakesText ? rows : 0,
            limit: textLimit)
        if field.dictionary != nil {
            shorts.reserveCapacity(rows)
        } else {
            switch field.type {
            case .boolean: booleans.reserveCapacity(rows)
            case .integer, .timestamp: integers.reserveCapacity(rows)
            case .float: numbers.reserveCapacity(rows)
            case .days, .dayMilliseconds: shorts.reserveCapacity(rows)
            case .null, .utf8, .largeUtf8, .utf8View: break
            }
        }
    }

    var column: DataColumn {
        let storage: ColumnStorage =
            if field.dictionary != nil {
                .dictionary(indices: shorts, levels: levels.texts)
            } else {
                switch field.type {
                case .boolean: .boolean(booleans)
                case .integer: .int64(integers)
                case .timestamp: .timestamp(integers)
                case .float: .float64(numbers)
                case .days, .dayMilliseconds: .date32(shorts)
                case .null, .utf8, .largeUtf8, .utf8View: .utf8(texts.storage)
                }
            }
        return DataColumn(field.name, field.columnType, storage, validity: validity)
    }

    /// Passes over this column's part of a batch.
    func pass(_ cursor: inout BatchCursor) throws(ArrowError) {
        _ = try cursor.nextNullCount()
        if field.type == .null, field.dictionary == nil { return }
        for _ in 0..<2 { _ = try cursor.nextBuffer() }
        switch field.dictionary?.index ?? field.type {
        case .utf8, .largeUtf8: _ = try cursor.nextBuffer()
        case .utf8View: _ = try cursor.nextVariadic()
        case .null, .boolean, .integer, .float, .days, .dayMilliseconds, .timestamp: break
        }
    }

    /// Takes rows of this column's part of a batch.
    ///
    /// - Precondition: They begin at a multiple of 8.
    mutating func append(_ cursor: inout BatchCursor, _ range: Range<Int>) throws(ArrowError) {
        let nulls = try cursor.nextNullCount()
        if field.type == .null, field.dictionary == nil {
            addNulls(range.count)
            texts.appendEmpty(range.count)
            rows += range.count
            return
        }
        try addValidity(try cursor.nextBuffer(), nulls, cursor.batch, range)
        let place = cursor.batch.place
        let start = rows
        let validity = self.validity
        let isNull: (Int) -> Bool = { row in validity.map { !$0[start + row] } ?? false }
        rows += range.count
        let layout = field.dictionary?.index ?? field.type
        let values = try cursor.nextBuffer()
        switch layout {
        case .utf8:
            try texts.append(
                Int32.self, values, try cursor.nextBuffer(), rows: range, place: place, isNull: isNull)
        case .largeUtf8:
            try texts.append(
                Int64.self, values, try cursor.nextBuffer(), rows: range, place: place, isNull: isNull)
        case .utf8View:
            try texts.append(
                views: values, try cursor.nextVariadic(), rows: range, place: place, isNull: isNull)
        case .boolean: try appendBits(values, range, place)
        case .integer, .float, .days, .dayMilliseconds, .timestamp:
            guard values.count / layout.width >= range.upperBound else { throw short(place) }
            let part = UnsafeRawBufferPointer(rebasing: values[(range.lowerBound * layout.width)...])
            if field.dictionary != nil {
                try appendIndices(FixedValues(part, layout, range.count), start, isNull)
            } else {
                try appendFixed(FixedValues(part, layout, range.count), start, isNull)
            }
        case .null: break
        }
    }

    private mutating func addNulls(_ count: Int) {
        if validity == nil {
            validity = ValidityBitmap()
            validity!.append(repeating: true, count: rows)
        }
        validity!.append(repeating: false, count: count)
    }

    private mutating func addValidity(
        _ bits: UnsafeRawBufferPointer, _ nulls: Int, _ batch: RecordBatch, _ range: Range<Int>
    ) throws(ArrowError) {
        if nulls == 0 {
            validity?.append(repeating: true, count: range.count)
            return
        }
        guard bits.count >= (batch.length + 7) / 8 else { throw short(batch.place) }
        if validity == nil {
            validity = ValidityBitmap()
            validity!.append(repeating: true, count: rows)
        }
        let before = validity!.nullCount
        validity!.append(
            bits: UnsafeRawBufferPointer(rebasing: bits[(range.lowerBound / 8)...]), count: range.count)
        let found = validity!.nullCount - before
        guard range.count < batch.length || found == nulls else {
            throw ArrowError(
                .damaged(
                    place: batch.place,
                    what: "column '\(field.name)' is said to have \(nulls) nulls and has \(found)"))
        }
    }

    private mutating func appendBits(
        _ bits: UnsafeRawBufferPointer, _ range: Range<Int>, _ place: String
    ) throws(ArrowError) {
        guard bits.count >= (range.upperBound + 7) / 8 else { throw short(place) }
        let start = booleans.count
        for row in range { booleans.append(bits[row >> 3] >> UInt8(row & 7) & 1 == 1) }
        guard let validity else { return }
        for row in start..<(start + range.count) where !validity[row] { booleans[row] = false }
    }

    private mutating func appendFixed(
        _ values: FixedValues, _ start: Int, _ isNull: (Int) -> Bool
    ) throws(ArrowError) {
        var failure: FixedValues.Failure?
        switch values.type {
        case .integer, .timestamp: failure = values.appendIntegers(to: &integers, isNull: isNull)
        case .float: values.appendNumbers(to: &numbers)
        default: failure = values.appendDays(to: &shorts, isNull: isNull)
        }
        if let failure {
            throw ArrowError(
                .value(
                    column: field.name, row: first + start + failure.row + 1, what: failure.what,
                    fix: failure.fix)
            )
        }
        guard let validity else { return }
        for row in start..<rows where !validity[row] {
            switch values.type {
            case .integer, .timestamp: integers[row] = 0
            case .float: numbers[row] = 0
            default: shorts[row] = 0
            }
        }
    }

    /// Indices become places among the levels; one of a null level makes the
    /// row null.
    private mutating func appendIndices(
        _ values: FixedValues, _ start: Int, _ isNull: (Int) -> Bool
    ) throws(ArrowError) {
        var nullLevels: [Int] = []
        for row in 0..<values.count {
            if isNull(row) {
                shorts.append(0)
                continue
            }
            guard let index = values.integer(row), index >= 0, index < levels.places.count else {
                throw ArrowError(
                    .value(
                        column: field.name, row: first + start + row + 1,
                        what:
                            "the index \(values.integer(row).map(String.init) ?? "") of a level lies outside"
                            + " the \(levels.places.count) levels",
                        fix: "write the file again"))
            }
            let place = levels.places[Int(index)]
            if place < 0 { nullLevels.append(start + row) }
            shorts.append(max(place, 0))
        }
        guard !nullLevels.isEmpty else { return }
        var merged: [Bool] = (0..<rows).map { validity?[$0] ?? true }
        for row in nullLevels { merged[row] = false }
        validity = ValidityBitmap(merged)
    }

    private func short(_ place: String) -> ArrowError {
        ArrowError(.damaged(place: place, what: "column '\(field.name)' has too few bytes for its rows"))
    }
}

extension ArrowField {
    fileprivate var columnTakesText: Bool { type.isText || type == .null }
}
