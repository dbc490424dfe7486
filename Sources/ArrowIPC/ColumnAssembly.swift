import CanonicalJSON
import DataFrames
import TableTypes

/// Gathers a column batch by batch. Null rows become zero, whatever stood in
/// them, so that equal columns are equal in memory.
struct ColumnAssembly {
    private let field: ArrowField
    private let levels: [Int64: ArrowLevels]
    private let textLimit: Int
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
        _ field: ArrowField, rows: Int, from first: Int = 0, levels: [Int64: ArrowLevels] = [:],
        textLimit: Int
    ) {
        self.field = field
        self.first = first
        self.levels = levels
        self.textLimit = textLimit
        texts = TextAssembly(
            column: field.name, first: first,
            rows: field.dictionary == nil && field.columnTakesText ? rows : 0,
            limit: textLimit, isText: !field.type.isBinary)
        if field.dictionary != nil {
            shorts.reserveCapacity(rows)
        } else {
            switch field.type {
            case .boolean: booleans.reserveCapacity(rows)
            case .integer, .timestamp: integers.reserveCapacity(rows)
            case .float, .decimal: numbers.reserveCapacity(rows)
            case .days, .dayMilliseconds: shorts.reserveCapacity(rows)
            case .null, .utf8, .largeUtf8, .utf8View, .binary, .largeBinary, .binaryView, .list, .fixedList,
                .structure, .map:
                break
            }
        }
    }

    var column: DataColumn {
        let storage: ColumnStorage =
            if field.dictionary != nil {
                ownLevels.storage(shorts, validity)
            } else {
                switch field.type {
                case .boolean: .boolean(booleans)
                case .integer: .int64(integers)
                case .timestamp: .timestamp(integers)
                case .float, .decimal: .float64(numbers)
                case .days, .dayMilliseconds: .date32(shorts)
                case .null, .utf8, .largeUtf8, .utf8View, .list, .fixedList, .structure, .map:
                    .utf8(texts.storage)
                case .binary, .largeBinary, .binaryView: .binary(texts.binaryStorage)
                }
            }
        return DataColumn(field.name, field.columnType, storage, validity: validity)
    }

    private var ownLevels: ArrowLevels { field.dictionary.flatMap { levels[$0.id] } ?? ArrowLevels() }

    /// One more row, a null.
    mutating func appendNull() {
        addNulls(1)
        switch field.type {
        case .boolean: booleans.append(false)
        case .integer, .timestamp: integers.append(0)
        case .float, .decimal: numbers.append(0)
        case .days, .dayMilliseconds: shorts.append(0)
        case .null, .utf8, .largeUtf8, .utf8View, .binary, .largeBinary, .binaryView, .list, .fixedList,
            .structure, .map:
            texts.appendEmpty(1)
        }
        rows += 1
    }

    /// Takes rows of this column's part of a batch.
    ///
    /// - Parameter isWithin: Whether it lies within a nested column, and so has rows of its own.
    /// - Precondition: They begin at a multiple of 8.
    mutating func append(
        _ cursor: inout BatchCursor, _ range: Range<Int>, isWithin: Bool = false
    ) throws(ArrowError) {
        if field.type.isNested, field.dictionary == nil { return try appendNested(&cursor, range) }
        let place = cursor.batch.place
        let (length, nulls) =
            isWithin ? try cursor.nextNode() : (cursor.batch.length, try cursor.nextNullCount())
        guard range.upperBound <= length else { throw short(place) }
        if field.type == .null, field.dictionary == nil {
            addNulls(range.count)
            texts.appendEmpty(range.count)
            rows += range.count
            return
        }
        try addValidity(try cursor.nextBuffer(), nulls, of: length, range, place)
        let start = rows
        let validity = self.validity
        let isNull: (Int) -> Bool = { row in validity.map { !$0[start + row] } ?? false }
        rows += range.count
        let layout = field.layout
        let values = try cursor.nextBuffer()
        switch layout {
        case .utf8, .binary:
            try texts.append(
                Int32.self, values, try cursor.nextBuffer(), rows: range, place: place, isNull: isNull)
        case .largeUtf8, .largeBinary:
            try texts.append(
                Int64.self, values, try cursor.nextBuffer(), rows: range, place: place, isNull: isNull)
        case .utf8View, .binaryView:
            try texts.append(
                views: values, try cursor.nextVariadic(), rows: range, place: place, isNull: isNull)
        case .boolean: try appendBits(values, range, place)
        case .integer, .float, .decimal, .days, .dayMilliseconds, .timestamp:
            guard values.count / layout.width >= range.upperBound else { throw short(place) }
            let part = UnsafeRawBufferPointer(rebasing: values[(range.lowerBound * layout.width)...])
            if field.dictionary != nil {
                try appendIndices(FixedValues(part, layout, range.count), start, isNull)
            } else {
                try appendFixed(FixedValues(part, layout, range.count), start, isNull)
            }
        case .null, .list, .fixedList, .structure, .map: break
        }
    }

    private mutating func appendNested(
        _ cursor: inout BatchCursor, _ range: Range<Int>
    ) throws(ArrowError) {
        var reading = NestedReading(cursor.batch, levels: levels, textLimit: textLimit)
        let values: [JSONValue]
        do throws(ArrowError) {
            values = try reading.values(of: field, &cursor, range)
        } catch {
            guard case .value(let column, let row, let what, let fix) = error.problem else { throw error }
            throw ArrowError(
                .value(
                    column: field.name, row: first + rows + row, what: "in '\(column)': \(what)", fix: fix))
        }
        for value in values {
            if value == .null {
                addNulls(1)
                texts.appendEmpty(1)
            } else {
                validity?.append(true)
                try texts.append(value.canonicalBytes)
            }
            rows += 1
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
        _ bits: UnsafeRawBufferPointer, _ nulls: Int, of length: Int, _ range: Range<Int>, _ place: String
    ) throws(ArrowError) {
        if nulls == 0 {
            validity?.append(repeating: true, count: range.count)
            return
        }
        guard bits.count >= (length + 7) / 8 else { throw short(place) }
        if validity == nil {
            validity = ValidityBitmap()
            validity!.append(repeating: true, count: rows)
        }
        let before = validity!.nullCount
        validity!.append(
            bits: UnsafeRawBufferPointer(rebasing: bits[(range.lowerBound / 8)...]), count: range.count)
        let found = validity!.nullCount - before
        guard range.count < length || found == nulls else {
            throw ArrowError(
                .damaged(
                    place: place,
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
        case .decimal(_, let scale):
            failure = values.appendDecimals(to: &numbers, scale: scale, isNull: isNull)
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
            case .float, .decimal: numbers[row] = 0
            default: shorts[row] = 0
            }
        }
    }

    /// Indices become places among the levels; one of a null level makes the
    /// row null.
    private mutating func appendIndices(
        _ values: FixedValues, _ start: Int, _ isNull: (Int) -> Bool
    ) throws(ArrowError) {
        let levels = ownLevels
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
    fileprivate var columnTakesText: Bool { type.isText || type.isBinary || type == .null }
}
