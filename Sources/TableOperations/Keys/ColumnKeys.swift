import DataFrames

/// The values of one key column, numbered in the order they first come, and
/// kept so that another column's can be looked up.
///
/// Equal are numbers that compare equal (-0 and 0 are), all NaN, and texts and
/// categories of the same bytes. Null is no value: its number is -1.
struct ColumnKeys {
    private enum Index {
        /// By value less `base`: for integers that lie close together.
        case range(base: Int64, numbers: [Int32])
        case words(WordTable)
        case texts(TextTable)
        /// false, true.
        case flags([Int32])
    }

    private var index: Index
    /// Of every row of the column.
    let numbers: [Int32]
    /// Different values.
    let count: Int

    /// - Complexity: O(bytes), expected.
    init(_ column: DataColumn) {
        let rows = column.count
        let validity = column.validity?.bytes
        var made = Index.flags([-1, -1])
        var count = 0
        numbers = [Int32](unsafeUninitializedCapacity: rows) { numbers, filled in
            filled = rows
            guard let start = numbers.baseAddress, rows > 0 else { return }
            switch column.storage {
            case .boolean(let values):
                var known: [Int32] = [-1, -1]
                Self.each(rows, validity) { row, isValid in
                    guard isValid else {
                        (start + row).initialize(to: -1)
                        return
                    }
                    let place = values[row] ? 1 : 0
                    if known[place] < 0 {
                        known[place] = Int32(count)
                        count += 1
                    }
                    (start + row).initialize(to: known[place])
                }
                made = .flags(known)
            case .int64(let values), .timestamp(let values):
                (made, count) = Self.integers(values, validity, start)
            case .date32(let values): (made, count) = Self.integers(values, validity, start)
            case .float64(let values):
                var table = WordTable()
                values.withUnsafeBufferPointer { values in
                    Self.withBits(validity) { bits in
                        table.number(rows: 0..<rows, into: start) { row in
                            guard Self.isValid(bits, row) else {
                                start[row] = -1
                                return nil
                            }
                            return Self.word(values[row])
                        }
                    }
                }
                (made, count) = (.words(table), table.count)
            case .utf8(let texts):
                var table = TextTable()
                Self.withBits(validity) { bits in
                    texts.withSlices { text in
                        for row in 0..<rows {
                            start[row] = Self.isValid(bits, row) ? table.number(text(row).bytes).0 : -1
                        }
                    }
                }
                (made, count) = (.texts(table), table.count)
            case .binary(let values):
                var table = TextTable()
                Self.each(rows, validity) { row, isValid in
                    start[row] = isValid ? values[row].withUnsafeBufferPointer { table.number($0).0 } : -1
                }
                (made, count) = (.texts(table), table.count)
            case .dictionary(let indices, let levels):
                // Levels that come, numbered as they come; two of the same text are one.
                var table = TextTable()
                var known = [Int32](repeating: -1, count: levels.count)
                Self.each(rows, validity) { row, isValid in
                    guard isValid else {
                        start[row] = -1
                        return
                    }
                    let level = Int(indices[row])
                    if known[level] < 0 {
                        var text = levels[level]
                        known[level] = text.withUTF8 { table.number($0).0 }
                    }
                    start[row] = known[level]
                }
                (made, count) = (.texts(table), table.count)
            }
        }
        index = made
        self.count = count
    }

    /// The numbers of another column's values, -1 for null and for what is not
    /// among these.
    ///
    /// - Precondition: The column is of the same kind: both texts or
    ///   categories, or both of one type.
    func find(_ column: DataColumn) -> [Int32] {
        let rows = column.count
        let validity = column.validity?.bytes
        return [Int32](unsafeUninitializedCapacity: rows) { numbers, filled in
            filled = rows
            guard let start = numbers.baseAddress, rows > 0 else { return }
            Self.withBits(validity) { bits in
                switch (index, column.storage) {
                case (.flags(let known), .boolean(let values)):
                    for row in 0..<rows {
                        start[row] = Self.isValid(bits, row) ? known[values[row] ? 1 : 0] : -1
                    }
                case (_, .int64(let values)), (_, .timestamp(let values)):
                    find(integers: values, bits, start)
                case (_, .date32(let values)): find(integers: values, bits, start)
                case (.words(let table), .float64(let values)):
                    values.withUnsafeBufferPointer { values in
                        table.find(rows: 0..<rows, into: start) {
                            Self.isValid(bits, $0) ? Self.word(values[$0]) : nil
                        }
                    }
                case (.texts(let table), .utf8(let texts)):
                    texts.withSlices { text in
                        for row in 0..<rows {
                            start[row] = Self.isValid(bits, row) ? table.find(text(row).bytes) ?? -1 : -1
                        }
                    }
                case (.texts(let table), .binary(let values)):
                    for row in 0..<rows {
                        start[row] =
                            Self.isValid(bits, row)
                            ? values[row].withUnsafeBufferPointer { table.find($0) ?? -1 } : -1
                    }
                case (.texts(let table), .dictionary(let indices, let levels)):
                    // Of many levels few rows name few.
                    let unasked: Int32 = -2
                    var known = [Int32](repeating: unasked, count: levels.count)
                    for row in 0..<rows {
                        guard Self.isValid(bits, row) else {
                            start[row] = -1
                            continue
                        }
                        let level = Int(indices[row])
                        if known[level] == unasked {
                            var text = levels[level]
                            known[level] = text.withUTF8 { table.find($0) ?? -1 }
                        }
                        start[row] = known[level]
                    }
                default:
                    // An index without rows is of no kind.
                    for row in 0..<rows { start[row] = -1 }
                }
            }
        }
    }

    // MARK: Integers

    private static func integers<T: FixedWidthInteger & BitwiseCopyable>(
        _ values: [T], _ validity: [UInt8]?, _ start: UnsafeMutablePointer<Int32>
    ) -> (Index, Int) {
        let rows = values.count
        return values.withUnsafeBufferPointer { values in
            withBits(validity) { bits in
                var (low, high) = (T.max, T.min)
                for row in 0..<rows where isValid(bits, row) {
                    if values[row] < low { low = values[row] }
                    if values[row] > high { high = values[row] }
                }
                let base = Int64(low)
                let (span, isOver) = Int64(high).subtractingReportingOverflow(base)
                guard low <= high else {
                    for row in 0..<rows { start[row] = -1 }
                    return (.words(WordTable()), 0)
                }
                // Close together: a place each, no hash.
                if !isOver, span < Int64(max(1024, rows * 4)) {
                    var count: Int32 = 0
                    var places = [Int32](repeating: -1, count: Int(span) + 1)
                    places.withUnsafeMutableBufferPointer { places in
                        for row in 0..<rows {
                            guard isValid(bits, row) else {
                                start[row] = -1
                                continue
                            }
                            let place = Int(Int64(values[row]) - base)
                            if places[place] < 0 {
                                places[place] = count
                                count += 1
                            }
                            start[row] = places[place]
                        }
                    }
                    return (.range(base: base, numbers: places), Int(count))
                }
                var table = WordTable()
                table.number(rows: 0..<rows, into: start) { row in
                    guard isValid(bits, row) else {
                        start[row] = -1
                        return nil
                    }
                    return UInt64(bitPattern: Int64(values[row]))
                }
                return (.words(table), table.count)
            }
        }
    }

    private func find<T: FixedWidthInteger & BitwiseCopyable>(
        integers values: [T], _ bits: UnsafePointer<UInt8>?, _ start: UnsafeMutablePointer<Int32>
    ) {
        values.withUnsafeBufferPointer { values in
            switch index {
            case .range(let base, let numbers):
                numbers.withUnsafeBufferPointer { numbers in
                    for row in 0..<values.count {
                        let place = Int64(values[row]) &- base
                        let isIn = UInt64(bitPattern: place) < UInt64(numbers.count)
                        start[row] = isIn && Self.isValid(bits, row) ? numbers[Int(place)] : -1
                    }
                }
            case .words(let table):
                table.find(rows: 0..<values.count, into: start) {
                    Self.isValid(bits, $0) ? UInt64(bitPattern: Int64(values[$0])) : nil
                }
            default: for row in 0..<values.count { start[row] = -1 }
            }
        }
    }

    @inline(__always)
    private static func word(_ value: Double) -> UInt64 {
        if value == 0 { return 0 }
        return value.isNaN ? Double.nan.bitPattern : value.bitPattern
    }

    // MARK: Nulls

    @inline(__always)
    static func isValid(_ bits: UnsafePointer<UInt8>?, _ row: Int) -> Bool {
        guard let bits else { return true }
        return bits[row >> 3] >> UInt8(row & 7) & 1 == 1
    }

    static func withBits<R>(_ validity: [UInt8]?, _ body: (UnsafePointer<UInt8>?) -> R) -> R {
        guard let validity else { return body(nil) }
        return validity.withUnsafeBufferPointer { body($0.baseAddress) }
    }

    private static func each(_ rows: Int, _ validity: [UInt8]?, _ body: (Int, Bool) -> Void) {
        withBits(validity) { bits in for row in 0..<rows { body(row, isValid(bits, row)) } }
    }
}
