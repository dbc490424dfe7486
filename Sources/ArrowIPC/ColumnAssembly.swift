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
    private var rows = 0
    private var validity: ValidityBitmap?
    private var booleans: [Bool] = []
    private var integers: [Int64] = []
    private var numbers: [Double] = []
    /// Days, or indices of levels.
    private var shorts: [Int32] = []
    private var texts: TextAssembly

    /// - Parameter textLimit: Bytes the column's texts may take.
    init(_ field: ArrowField, rows: Int, levels: ArrowLevels = ArrowLevels(), textLimit: Int) {
        self.field = field
        self.levels = levels
        texts = TextAssembly(
            column: field.name, rows: field.dictionary == nil && field.columnTakesText ? rows : 0,
            limit: textLimit, isText: !field.type.isBinary)
        if field.dictionary != nil {
            shorts.reserveCapacity(rows)
        } else {
            switch field.type {
            case .boolean: booleans.reserveCapacity(rows)
            case .integer, .timestamp: integers.reserveCapacity(rows)
            case .float: numbers.reserveCapacity(rows)
            case .days, .dayMilliseconds: shorts.reserveCapacity(rows)
            case .null, .utf8, .largeUtf8, .utf8View, .binary, .largeBinary, .binaryView: break
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
                case .binary, .largeBinary, .binaryView: .binary(texts.binaryStorage)
                }
            }
        return DataColumn(field.name, field.columnType, storage, validity: validity)
    }

    /// Takes the first `taken` rows of this column's part of a batch.
    mutating func append(_ cursor: inout BatchCursor, taking taken: Int) throws(ArrowError) {
        let nulls = try cursor.nextNullCount()
        if field.type == .null, field.dictionary == nil {
            addNulls(taken)
            texts.appendEmpty(taken)
            rows += taken
            return
        }
        try addValidity(try cursor.nextBuffer(), nulls, cursor.batch, taken)
        let place = cursor.batch.place
        let start = rows
        let validity = self.validity
        let isNull: (Int) -> Bool = { row in validity.map { !$0[start + row] } ?? false }
        rows += taken
        let layout = field.dictionary?.index ?? field.type
        let values = try cursor.nextBuffer()
        switch layout {
        case .utf8, .binary:
            try texts.append(
                Int32.self, values, try cursor.nextBuffer(), rows: taken, place: place, isNull: isNull)
        case .largeUtf8, .largeBinary:
            try texts.append(
                Int64.self, values, try cursor.nextBuffer(), rows: taken, place: place, isNull: isNull)
        case .utf8View, .binaryView:
            try texts.append(
                views: values, try cursor.nextVariadic(), rows: taken, place: place, isNull: isNull)
        case .boolean: try appendBits(values, taken, place)
        case .integer, .float, .days, .dayMilliseconds, .timestamp:
            guard values.count / layout.width >= taken else { throw short(place) }
            if field.dictionary != nil {
                try appendIndices(FixedValues(values, layout, taken), start, isNull)
            } else {
                try appendFixed(FixedValues(values, layout, taken), start, isNull)
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
        _ bits: UnsafeRawBufferPointer, _ nulls: Int, _ batch: RecordBatch, _ taken: Int
    ) throws(ArrowError) {
        if nulls == 0 {
            validity?.append(repeating: true, count: taken)
            return
        }
        guard bits.count >= (batch.length + 7) / 8 else { throw short(batch.place) }
        if validity == nil {
            validity = ValidityBitmap()
            validity!.append(repeating: true, count: rows)
        }
        let before = validity!.nullCount
        validity!.append(bits: bits, count: taken)
        let found = validity!.nullCount - before
        guard taken < batch.length || found == nulls else {
            throw ArrowError(
                .damaged(
                    place: batch.place,
                    what: "column '\(field.name)' is said to have \(nulls) nulls and has \(found)"))
        }
    }

    private mutating func appendBits(
        _ bits: UnsafeRawBufferPointer, _ count: Int, _ place: String
    ) throws(ArrowError) {
        guard bits.count >= (count + 7) / 8 else { throw short(place) }
        let start = booleans.count
        for row in 0..<count { booleans.append(bits[row >> 3] >> UInt8(row & 7) & 1 == 1) }
        guard let validity else { return }
        for row in start..<(start + count) where !validity[row] { booleans[row] = false }
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
                .value(column: field.name, row: start + failure.row + 1, what: failure.what, fix: failure.fix)
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
                        column: field.name, row: start + row + 1,
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
